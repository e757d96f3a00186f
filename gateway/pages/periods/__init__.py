"""Audit periods: deadlines, unlocking what is locked; and for the audit team, setting them."""
