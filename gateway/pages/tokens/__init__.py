"""API tokens of a site."""
