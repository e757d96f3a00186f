"""Writes of the facilities audit: one function for each verb. None of them commits."""
