"""Writes of the records service: one function for each verb. None of them commits."""
