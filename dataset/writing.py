"""Writes values as the texts of a file, such that reading gives the same values again.

Source: domain notes 5.3 (own records round-trip, as codes or labels).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from dataset.fields import Field
from dataset.values import CLEAR, Value

_RISKY_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_cell(field: Field, value: Value, *, labels: bool = False) -> str:
    """The text of a value: dates as dd/mm/yyyy, several values joined by ";", blank as "".

    Args:
        labels: labels of the list instead of codes.

    >>> from dataset.fields import FIELD_BY_KEY
    >>> write_cell(FIELD_BY_KEY["falls_referrals"], ("1", "4"), labels=True)
    'Falls service;Eye care'
    """
    if value is None:
        return ""
    if value is CLEAR:
        return "#CLEAR"
    if isinstance(value, date):
        return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    codes = value if isinstance(value, tuple) else (str(value),)
    if labels and field.options:
        codes = tuple(map(field.label_of, codes))
    return ";".join(codes)


def safe_for_spreadsheet(text: str) -> str:
    """A text that a spreadsheet program will not run as a formula; numbers stay as they are.

    Reading takes the mark away again (`without_mark`).

    >>> safe_for_spreadsheet("=1+1"), safe_for_spreadsheet("-2.5")
    ("'=1+1", '-2.5')
    """
    return f"'{text}" if _is_risky(text.lstrip("'")) else text


def without_mark(text: str) -> str:
    """The text that `safe_for_spreadsheet` was given, exactly.

    >>> without_mark("'=1+1"), without_mark("'s-Gravenhage"), without_mark("''=1+1")
    ('=1+1', "'s-Gravenhage", "'=1+1")
    """
    return text[1:] if text.startswith("'") and _is_risky(text.lstrip("'")) else text


def _is_risky(text: str) -> bool:
    """Whether a spreadsheet program might run a text: it begins like a formula and is no number."""
    if not text.startswith(_RISKY_STARTS):
        return False
    number = text[1:].replace(".", "", 1)
    return not (text[0] in "+-" and number.isascii() and number.isdigit())
