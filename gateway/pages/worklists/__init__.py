"""Work-lists, and working through one from first to last."""
