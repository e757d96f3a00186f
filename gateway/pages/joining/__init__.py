"""The public registration form of a site."""
