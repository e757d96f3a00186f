"""Writes values as the text form of PostgreSQL's COPY.

Only what needs it is escaped: codes, dates and decimals of a checked batch hold none of COPY's
special characters, which one look at a whole column confirms.
Source: PostgreSQL documentation, COPY, "Text Format".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

NULL = "\\N"
_SPECIAL = ("\\", "\t", "\n", "\r", "\0")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})


def escaped(text: str) -> str:
    """A text as COPY reads it back; NUL, which PostgreSQL cannot store, is left out."""
    return text.translate(_ESCAPES)


def bytes_cell(value: bytes | None) -> str:
    """Bytes as COPY reads them into a bytea column."""
    return NULL if value is None else "\\\\x" + value.hex()


def bytes_column(values: Sequence[bytes | None]) -> list[str]:
    """Bytes as cells of a bytea column."""
    return [NULL if value is None else "\\\\x" + value.hex() for value in values]


def line_cells(lines: str) -> list[str]:
    """A column of such values that came as one text, a line for each row, as cells."""
    if any(mark in lines for mark in _SPECIAL if mark != "\n"):
        return [escaped(line) or NULL for line in lines.split("\n")]
    return [line or NULL for line in lines.split("\n")]


def text_column(values: Sequence[str | None]) -> list[str]:
    """Codes, dates or decimals, in wire form, as cells.

    Raises:
        TypeError: a value is no text.
    """
    joined = "".join([value for value in values if value is not None])
    if any(mark in joined for mark in _SPECIAL):
        return [NULL if value is None else escaped(value) for value in values]
    return [NULL if value is None else value for value in values]


def list_column(values: Sequence[Sequence[str] | None]) -> list[str]:
    """Lists of codes as cells of a `text[]` column; an empty list is a blank."""
    known: dict[tuple[str, ...], str] = {}
    cells = []
    for value in values:
        if not value:
            cells.append(NULL)
            continue
        codes = tuple(value)
        cell = known.get(codes)
        if cell is None:
            cell = known[codes] = _array(codes)
        cells.append(cell)
    return cells


def _array(codes: tuple[str, ...]) -> str:
    quoted = (code.replace("\\", "\\\\").replace('"', '\\"') for code in codes)
    return escaped("{" + ",".join(f'"{code}"' for code in quoted) + "}")


def optional_cell(value: Any) -> str:
    """A number, boolean, UUID or harmless word as a cell."""
    return NULL if value is None else str(value)
