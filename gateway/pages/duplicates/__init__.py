"""Possible duplicates: the list, and two records side by side to decide about."""
