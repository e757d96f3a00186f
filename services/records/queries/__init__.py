"""Reads of the records service: a session in, rows or plain values out.

Row-level security shows a transaction only its own site; conditions on `site_id` say the same
again, so that a query reads truthfully by itself.
"""
