"""Signing in and out, and setting a password by a mailed link."""
