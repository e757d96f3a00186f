"""Typing a record: the NHS number first, then its sections, in any order and saved at any point.

What is asked, offered and shown under which condition comes from `dataset.fields` alone. What was
typed travels as texts (field key -> text as a file's cell would hold it), so that the service
reads it with the reader of files, and keeps what it cannot read.
"""
