"""The life of an uploaded file: imports.

Owns uploads (sealed), their cutting into chunks, the checking of cells and rows with the dataset's
rules, findings, and where each import stands. Says what was uploaded, checked, confirmed and
cancelled; hears from records what was stored and from registration which sites take part. Never
holds a patient record: rows that may be stored travel on to records as sealed batches.
"""
