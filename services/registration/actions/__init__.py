"""Writes of registration: one function per verb. Each takes a session, and none commits."""
