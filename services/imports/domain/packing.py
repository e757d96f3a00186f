"""The rows of a chunk as they travel to records.

A row is (row number, verdict, keys to clear, value, value ...), with the verdicts of
`dataset.wire` and values that JSON can hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import compress, repeat
from typing import Any

from dataset.engine import CheckedTexts
from dataset.fields import COLUMN_BY_KEY
from dataset.reading import CLEAR
from dataset.wire import FINE, UNREADABLE


def unreadable_column(read: CheckedTexts, row_count: int) -> dict[str, list[Any]]:
    """For each row the fields whose cell could not be read; no column if there are none."""
    unreadable = read.unreadable
    if not unreadable:
        return {}
    return {UNREADABLE: [sorted(unreadable.get(place, ())) for place in range(row_count)]}


def pack(
    numbers: list[int],
    values: Mapping[str, list[Any]],
    verdicts: Mapping[int, int],
    *,
    leave_out: Collection[int],
) -> list[tuple[Any, ...]]:
    """The rows as they travel, but for those at the places to leave out."""
    cleared: dict[int, list[str]] = {}
    packed = [_wire(key, column, cleared) for key, column in values.items()]
    judged = [verdicts.get(place, FINE) for place in range(len(numbers))] if verdicts else None
    clear: Iterable[Any] = (
        [cleared.get(place, []) for place in range(len(numbers))] if cleared else repeat([])
    )
    rows = zip(numbers, judged or repeat(FINE), clear, *packed)  # noqa: B905  endless repeats
    if not leave_out:
        return list(rows)
    return list(compress(rows, [place not in leave_out for place in range(len(numbers))]))


def _wire(key: str, column: list[Any], cleared: dict[int, list[str]]) -> list[Any]:
    """A column as orjson writes it: it knows dates and tuples, but no decimals and no CLEAR."""
    if CLEAR in column:
        for place, value in enumerate(column):
            if value is CLEAR:
                cleared.setdefault(place, []).append(key)
        column = [None if value is CLEAR else value for value in column]
    if key != UNREADABLE and COLUMN_BY_KEY[key].kind == "decimal":
        return [None if value is None else str(value) for value in column]
    return column
