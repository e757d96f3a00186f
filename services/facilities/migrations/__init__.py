"""Migrations of the facilities database: `python -m services.facilities.migrations`."""
