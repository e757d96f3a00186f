"""A short mark by which two copies of a download can be compared."""

from __future__ import annotations

import hashlib
from functools import cache

from dataset.downloads import csv_texts
from dataset.downloads.specification import import_specification


@cache
def edition() -> str:
    """Eight hexadecimal digits; other ones as soon as a question, answer, rule or text changes."""
    texts = (
        csv_texts.code_book_csv(),
        csv_texts.answers_csv(),
        csv_texts.findings_csv(),
        csv_texts.versions_csv(),
        repr(import_specification()),
    )
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:8]
