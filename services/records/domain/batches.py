"""Reads a batch of checked rows: what imports sends, opened and unpacked.

Shape: `{"import_id", "number", "row_numbers", "verdicts", "cleared", "columns"}`; the first two of
the lists have an entry for each row, what a verdict means says `dataset.wire`. `cleared`: place of
a row (from 0, as text) -> keys of the fields whose cell says #CLEAR. `columns`: field key -> values
in the wire form of `dataset.wire`, as one text with a line for each row (a blank is an empty line)
or, where that cannot be, as a list. Two keys are no fields: `acknowledged` has tokens of warnings
that the row acknowledges, `unreadable` the fields whose cell could not be read; each a list or
null. What no row has is left out.

A column as one text is read in no time: a batch of 5,000 rows has 300,000 values, and most of them
only travel through.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dataset.fields import ACKNOWLEDGED, FIELD_BY_KEY
from dataset.states import is_token
from dataset.wire import FINE, UNREADABLE, WARNED, WRONG, WRONG_IF_NEW
from services.shared.errors import InvalidInput

MAX_UNPACKED_BYTES = 64 * 1024 * 1024
_CLEAR = "#CLEAR"
_KEYS = FIELD_BY_KEY.keys() | {ACKNOWLEDGED, UNREADABLE}
_VERDICTS = {FINE, WARNED, WRONG_IF_NEW, WRONG}
_NONE: frozenset[str] = frozenset()


class Columns(Mapping[str, Sequence[Any]]):
    """Field key -> wire values, one for each row; a column that came as text is split when asked.

    Attributes:
        texts: the columns that came as text, with a line for each row; none has a cleared cell.
    """

    def __init__(self, texts: dict[str, str], values: dict[str, Sequence[Any]]) -> None:
        self.texts = texts
        self._values = values
        self._lines: dict[str, list[str]] = {}

    def __getitem__(self, key: str) -> Sequence[Any]:
        values = self._values.get(key)
        if values is None:
            values = tuple([line or None for line in self.lines(key)])
            self._values[key] = values
        return values

    def lines(self, key: str) -> list[str]:
        """A column that came as text, a blank as an empty line. Raises KeyError for another."""
        lines = self._lines.get(key)
        if lines is None:
            lines = self._lines[key] = self.texts[key].split("\n")
        return lines

    def at(self, key: str, places: Iterable[int]) -> list[Any]:
        """The values of a column in some of the rows."""
        if key in self.texts:
            lines = self.lines(key)
            return [lines[place] or None for place in places]
        values = self[key]
        return [values[place] for place in places]

    def __contains__(self, key: object) -> bool:
        return key in self.texts or key in self._values

    def __iter__(self) -> Iterator[str]:
        yield from self.texts
        yield from (key for key in self._values if key not in self.texts)

    def __len__(self) -> int:
        return len(self.texts.keys() | self._values.keys())

    def part(self, start: int, stop: int) -> Columns:
        """The rows of these places."""
        return _Part(self, slice(start, stop))


class _Part(Columns):
    """Some rows of columns."""

    def __init__(self, whole: Columns, rows: slice) -> None:
        super().__init__({}, {})
        self._whole = whole
        self._rows = rows

    def __getitem__(self, key: str) -> Sequence[Any]:
        return self._whole[key][self._rows]

    def at(self, key: str, places: Iterable[int]) -> list[Any]:
        """The values of a column in some of these rows."""
        return self._whole.at(key, [self._rows.start + place for place in places])

    def __contains__(self, key: object) -> bool:
        return key in self._whole

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole)

    def __len__(self) -> int:
        return len(self._whole)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one chunk of a file, as columns.

    Attributes:
        number: the chunk's number within the import.
        row_numbers: as a spreadsheet shows them.
        verdicts: what imports found of each row by itself.
        cleared: for each row the keys whose cell says #CLEAR.
        columns: field key -> wire values, one for each row; a cleared cell is None.
        acknowledged: for each row the tokens of warnings that were confirmed; what is no token of
            the dataset is left out.
        unreadable: for each row the fields whose cell could not be read.
    """

    number: int
    row_numbers: tuple[int, ...]
    verdicts: tuple[int, ...]
    cleared: tuple[frozenset[str], ...]
    columns: Columns
    acknowledged: tuple[frozenset[str], ...]
    unreadable: tuple[frozenset[str], ...]

    def column(self, key: str) -> Sequence[Any]:
        """The values of a field; blanks if the file does not have it."""
        return self.columns.get(key) or (None,) * len(self.row_numbers)

    def part(self, start: int, stop: int) -> Batch:
        """The rows of these places (from 0, `stop` left out) as a batch of their own."""
        return Batch(
            self.number,
            self.row_numbers[start:stop],
            self.verdicts[start:stop],
            self.cleared[start:stop],
            self.columns.part(start, stop),
            self.acknowledged[start:stop],
            self.unreadable[start:stop],
        )


def read_batch(
    packed: bytes, *, import_id: str, loads: Callable[[bytes], Any] = json.loads
) -> Batch:
    """Unpacks an opened batch.

    Args:
        loads: how JSON is read (orjson, where it is at hand).

    Raises:
        InvalidInput: it is not what its envelope says, or has not the agreed shape.
    """
    try:
        data = loads(_unpacked(packed))
        if data["import_id"] != import_id:
            raise InvalidInput(detail="the batch belongs to another import")
        return _batch(data)
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise InvalidInput(detail=f"the batch cannot be read ({type(error).__name__})") from None


def _unpacked(packed: bytes) -> bytes:
    opener = zlib.decompressobj()
    plain = opener.decompress(packed, MAX_UNPACKED_BYTES)
    if opener.unconsumed_tail or not opener.eof:
        raise InvalidInput(detail="the batch is cut off, or unpacks to more than is allowed")
    return plain


def _batch(data: Mapping[str, Any]) -> Batch:
    number, row_numbers, verdicts = int(data["number"]), data["row_numbers"], data["verdicts"]
    columns: dict[str, Any] = data["columns"]
    count = len(row_numbers)
    if not columns.keys() <= _KEYS:
        raise InvalidInput(detail="the batch names a field that the dataset does not have")
    if not set(verdicts) <= _VERDICTS:
        raise InvalidInput(detail="a row of the batch has a verdict that is not known")
    cleared = _cleared(data["cleared"], count)
    texts: dict[str, str] = {}
    lists: dict[str, Sequence[Any]] = {}
    for key, column in columns.items() if count else ():
        if isinstance(column, str) and key in (ACKNOWLEDGED, UNREADABLE):
            raise InvalidInput(detail="a column of the batch has no lists")
        if isinstance(column, str) and _CLEAR not in column:
            texts[key] = column
            lines = column.count("\n") + 1
        else:
            lists[key] = column.split("\n") if isinstance(column, str) else column
            lists[key] = _without_cleared(key, lists[key], cleared)
            lines = len(lists[key])
        if lines != count:
            raise InvalidInput(detail="a column of the batch has too many or too few values")
    if len(verdicts) != count:
        raise InvalidInput(detail="a row of the batch has no verdict")
    blank = (None,) * count
    tokens = tuple(_names(cell, is_token) for cell in lists.pop(ACKNOWLEDGED, blank))
    unreadable = tuple(_names(cell, _is_field) for cell in lists.pop(UNREADABLE, blank))
    columns_ = Columns(texts, lists)
    return Batch(
        number, tuple(row_numbers), tuple(verdicts), tuple(cleared), columns_, tokens, unreadable
    )


def _cleared(given: Mapping[str, Sequence[str]], count: int) -> list[frozenset[str]]:
    cleared = [_NONE] * count
    for place, keys in given.items():
        cleared[int(place)] = frozenset(keys)
        if not FIELD_BY_KEY.keys() >= cleared[int(place)]:
            raise InvalidInput(detail="the batch clears a field that the dataset does not have")
    return cleared


def _without_cleared(
    key: str, column: Sequence[Any], cleared: list[frozenset[str]]
) -> Sequence[Any]:
    """The values without those that say #CLEAR, which are noted, and blanks as None."""
    if _CLEAR not in column:
        return tuple([value or None for value in column])
    for place, value in enumerate(column):
        if value == _CLEAR:
            cleared[place] |= {key}
    return tuple(None if value in (_CLEAR, "") else value for value in column)


def _is_field(name: str) -> bool:
    return name in FIELD_BY_KEY


def _names(cell: Any, is_known: Callable[[str], bool]) -> frozenset[str]:
    if not cell:
        return _NONE
    if not isinstance(cell, list):
        raise TypeError
    return frozenset(filter(is_known, cell))
