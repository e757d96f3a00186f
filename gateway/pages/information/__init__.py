"""Public pages of text, and the files to download."""
