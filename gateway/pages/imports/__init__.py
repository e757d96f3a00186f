"""Uploading a file, following it, its findings, confirming it."""
