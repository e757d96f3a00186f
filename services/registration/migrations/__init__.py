"""Migrations of registration's database, numbered; `.head` names the newest."""
