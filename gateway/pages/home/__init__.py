"""The start page: for visitors, and for each role."""
