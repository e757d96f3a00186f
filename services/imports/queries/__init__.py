"""Reads of imports' database. Each sees the site of its transaction only (row-level security).

working.py   what the steps of an import need: rows, locks, parts, sums
showing.py   what people and programs are shown: imports, findings
"""
