"""Reads a batch of checked rows: what imports sends, opened and unpacked.

Shape: `{"import_id", "number", "keys": [field keys], "rows": [[row_number, verdict, cleared keys,
value, value, ...], ...]}`; values in the wire form of `dataset.wire`, one for each key, and there
too what a verdict means. Two keys are no fields: `acknowledged` has tokens of warnings that the row
acknowledges, `unreadable` the fields whose cell could not be read; each a list or null.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dataset.fields import ACKNOWLEDGED, FIELD_BY_KEY
from dataset.states import is_token
from dataset.wire import FINE, UNREADABLE, WARNED, WRONG, WRONG_IF_NEW
from services.shared.errors import InvalidInput

MAX_UNPACKED_BYTES = 64 * 1024 * 1024
_HEAD = 3
_CLEAR = "#CLEAR"
_KEYS = FIELD_BY_KEY.keys() | {ACKNOWLEDGED, UNREADABLE}
_VERDICTS = {FINE, WARNED, WRONG_IF_NEW, WRONG}
_NONE: frozenset[str] = frozenset()


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
    columns: dict[str, tuple[Any, ...]]
    acknowledged: tuple[frozenset[str], ...]
    unreadable: tuple[frozenset[str], ...]

    def column(self, key: str) -> tuple[Any, ...]:
        """The values of a field; blanks if the file does not have it."""
        return self.columns.get(key) or (None,) * len(self.row_numbers)

    def part(self, start: int, stop: int) -> Batch:
        """The rows of these places (from 0, `stop` left out) as a batch of their own."""
        return Batch(
            self.number,
            self.row_numbers[start:stop],
            self.verdicts[start:stop],
            self.cleared[start:stop],
            {key: column[start:stop] for key, column in self.columns.items()},
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
        return _batch(int(data["number"]), list(data["keys"]), data["rows"])
    except (zlib.error, ValueError, KeyError, TypeError, IndexError) as error:
        raise InvalidInput(detail=f"the batch cannot be read ({type(error).__name__})") from None


def _unpacked(packed: bytes) -> bytes:
    opener = zlib.decompressobj()
    plain = opener.decompress(packed, MAX_UNPACKED_BYTES)
    if opener.unconsumed_tail or not opener.eof:
        raise InvalidInput(detail="the batch is cut off, or unpacks to more than is allowed")
    return plain


def _batch(number: int, keys: list[str], rows: list[list[Any]]) -> Batch:
    if any(key not in _KEYS for key in keys) or len(set(keys)) != len(keys):
        raise InvalidInput(detail="the batch names a field that the dataset does not have")
    if any(len(row) != len(keys) + _HEAD for row in rows):
        raise InvalidInput(detail="a row of the batch has too many or too few values")
    if not rows:
        return Batch(number, (), (), (), {}, (), ())
    columns = list(zip(*rows, strict=True))
    if not FIELD_BY_KEY.keys() >= {key for names in columns[2] for key in names or ()}:
        raise InvalidInput(detail="the batch clears a field that the dataset does not have")
    if not set(columns[1]) <= _VERDICTS:
        raise InvalidInput(detail="a row of the batch has a verdict that is not known")
    values = dict(zip(keys, columns[_HEAD:], strict=True))
    blank = (None,) * len(rows)
    tokens = tuple(_names(cell, is_token) for cell in values.pop(ACKNOWLEDGED, blank))
    unreadable = tuple(_names(cell, _is_field) for cell in values.pop(UNREADABLE, blank))
    cleared = [frozenset(names or ()) for names in columns[2]]
    for key, column in values.items():
        if _CLEAR in column:
            cleared = [
                names | {key} if value == _CLEAR else names
                for names, value in zip(cleared, column, strict=True)
            ]
            values[key] = tuple(None if value == _CLEAR else value for value in column)
    return Batch(number, columns[0], columns[1], tuple(cleared), values, tokens, unreadable)


def _is_field(name: str) -> bool:
    return name in FIELD_BY_KEY


def _names(cell: Any, is_known: Callable[[str], bool]) -> frozenset[str]:
    if not cell:
        return _NONE
    if not isinstance(cell, list):
        raise TypeError
    return frozenset(filter(is_known, cell))
