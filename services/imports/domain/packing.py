"""The rows of a chunk as they travel to records: by the column, in the wire form of the dataset.

A column is one text with a line for each row, a blank an empty line, wherever that is possible; so
neither side makes or reads a hundred thousand values. Columns of lists, and those in which a value
has a line break, are lists.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress
from typing import Any

from dataset.engine import CheckedTexts
from dataset.fields import COLUMN_BY_KEY
from dataset.reading import CLEAR
from dataset.wire import FINE, UNREADABLE


@dataclass(frozen=True, slots=True)
class SentRows:
    """Rows that records must see.

    Attributes:
        row_numbers, verdicts: one for each row; verdicts as in `dataset.wire`.
        cleared: place of a row, as text -> keys of the fields whose cell is to be emptied.
        columns: field key -> a text with a line for each row, or a list; columns that are blank
            throughout are left out.
    """

    row_numbers: list[int]
    verdicts: list[int]
    cleared: dict[str, list[str]]
    columns: dict[str, str | list[Any]]

    def __len__(self) -> int:
        return len(self.row_numbers)


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
) -> SentRows:
    """The rows as they travel, but for those at the places to leave out."""
    judged = [verdicts.get(place, FINE) for place in range(len(numbers))]
    if leave_out:
        kept = [place not in leave_out for place in range(len(numbers))]
        numbers, judged = list(compress(numbers, kept)), list(compress(judged, kept))
        values = {key: list(compress(column, kept)) for key, column in values.items()}
    cleared: dict[str, list[str]] = {}
    columns = {
        key: _wire(key, column, cleared)
        for key, column in values.items()
        if column.count(None) < len(column)
    }
    return SentRows(numbers, judged, cleared, columns)


def _wire(key: str, column: list[Any], cleared: dict[str, list[str]]) -> str | list[Any]:
    if CLEAR in column:
        for place, value in enumerate(column):
            if value is CLEAR:
                cleared.setdefault(str(place), []).append(key)
        column = [None if value is CLEAR else value for value in column]
    kind = "tokens" if key == UNREADABLE else COLUMN_BY_KEY[key].kind
    written: str | list[Any] = _WRITE.get(kind, _texts)(column)
    return written


def _texts(column: Sequence[str | None]) -> str | list[str | None]:
    joined = "\n".join([value or "" for value in column])
    return joined if joined.count("\n") == len(column) - 1 else list(column)


class _DateTexts(dict[date | None, str]):
    """Date -> its text; one that is not there yet is written when it is asked for."""

    def __missing__(self, day: date | None) -> str:
        text = self[day] = "" if day is None else day.isoformat()
        return text


_MOST_DATES = 60_000
_date_texts = _DateTexts()


def _dates(column: Sequence[Any]) -> str:
    if len(_date_texts) > _MOST_DATES:
        _date_texts.clear()
    # A look-up is a fifth of the work of writing a date, and a file repeats its dates.
    return "\n".join(map(_date_texts.__getitem__, column))


def _decimals(column: Sequence[Any]) -> str:
    return "\n".join(["" if value is None else str(value) for value in column])


_WRITE: dict[str, Callable[[list[Any]], Any]] = {
    "date": _dates,
    "decimal": _decimals,
    "multi": list,
    "tokens": list,
}
