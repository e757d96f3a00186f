"""Plumbing that every service needs; no word of the audit in it. See README.md."""
