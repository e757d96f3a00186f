"""Migrations of the records database: `python -m services.records.migrations`."""
