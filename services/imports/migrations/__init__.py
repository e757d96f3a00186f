"""Migrations of imports' database, numbered; `.head` names the newest."""
