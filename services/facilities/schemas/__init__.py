"""What comes in and what goes out: bodies, query strings, answers, and the events heard."""
