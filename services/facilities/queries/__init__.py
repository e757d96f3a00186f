"""Reads of the facilities audit: a session in, rows or plain values out.

Row-level security shows a transaction only its own site; the conditions on `site_id` here say the
same again, so that a query reads truthfully by itself. National reads are in `national.py`.
"""
