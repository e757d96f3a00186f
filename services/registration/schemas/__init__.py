"""What comes in (`bodies`) and what goes out (`answers`), checked and described."""
