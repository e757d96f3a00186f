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

    >>> safe_for_spreadsheet("=1+1"), safe_for_spreadsheet("-2.5")
    ("'=1+1", '-2.5')
    """
    if not text.startswith(_RISKY_STARTS):
        return text
    number = text[1:].replace(".", "", 1)
    if text[0] in "+-" and number.isascii() and number.isdigit():
        return text
    return f"'{text}"


def is_made_safe(text: str) -> bool:
    """Whether `safe_for_spreadsheet` put the first character before a text.

    >>> is_made_safe("'=1+1"), is_made_safe("'quoted'"), is_made_safe("'-2.5")
    (True, False, False)
    """
    return text.startswith("'") and safe_for_spreadsheet(text[1:]) != text[1:]
