"""Puts an incoming record onto a stored one.

Source: domain notes 5.2 (modes): a blank leaves what is stored, `#CLEAR` empties it, and "don't
know" never overwrites what is known, unless the person who uploads has asked for that.
"""

from __future__ import annotations

from dataset.fields import FIELD_BY_KEY
from dataset.values import CLEAR, Record, Value, is_blank

UNKNOWN: tuple[Value, ...] = ("U", ("U",))
_LISTS = frozenset(
    key
    for key, field in FIELD_BY_KEY.items()
    if any(option.code == "U" for option in field.options)
)


def merge(stored: Record, incoming: Record, *, overwrite_unknown: bool = False) -> dict[str, Value]:
    """The record that results; neither argument is changed.

    Args:
        stored: the record as it is; an empty dict if it is new.
        incoming: what a form, a file or the API says now.
        overwrite_unknown: whether "don't know" may take the place of a known answer.

    Returns:
        Every key of either; None for a value that `CLEAR` has emptied. No value is `CLEAR`.

    >>> merge({"smoker": "1", "dxa": "0"}, {"smoker": "U", "dxa": CLEAR, "vision": "1"})
    {'smoker': '1', 'dxa': None, 'vision': '1'}
    """
    merged = dict(stored)
    for key, value in incoming.items():
        if value is CLEAR:
            merged[key] = None
        elif value is None:
            merged.setdefault(key, None)
        elif overwrite_unknown or not _says_unknown(key, value) or is_blank(merged.get(key)):
            merged[key] = value
    return merged


def _says_unknown(key: str, value: Value) -> bool:
    """Whether a value is the answer "don't know"; a text that happens to be U is not."""
    return value in UNKNOWN and key in _LISTS
