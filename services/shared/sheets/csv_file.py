"""A table as CSV, in blocks of bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""By which Excel knows UTF-8; the import passes over it."""


def csv_blocks(
    headings: Sequence[str], table: Iterable[Sequence[Sequence[str]]]
) -> Iterator[bytes]:
    """The file in blocks: headings with the first part of the table, then the other parts.

    Cells are written as they are: what looks like a formula was made harmless before.
    """
    head = BYTE_ORDER_MARK + _lines([headings])
    for columns in table:
        yield head + _lines(zip(*columns, strict=True))
        head = b""
    if head:
        yield head


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()
