"""A table of records as an Excel workbook: the headings of the dataset say what a column holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dataset.fields import FIELD_BY_HEADING
from services.shared.sheets.xlsx_file import MOST_BYTES, MOST_ROWS, xlsx_blocks

_KINDS = {"date": "date", "decimal": "number"}


def workbook_blocks(
    headings: Sequence[str],
    table: Iterable[Sequence[Sequence[str]]],
    *,
    most_rows: int = MOST_ROWS,
    most_bytes: int = MOST_BYTES,
) -> Iterator[bytes]:
    """The file in blocks: true dates, true numbers, and text under every other heading."""
    fields = map(FIELD_BY_HEADING.get, headings)
    kinds = ["text" if field is None else _KINDS.get(field.kind, "text") for field in fields]
    return xlsx_blocks(headings, table, kinds=kinds, most_rows=most_rows, most_bytes=most_bytes)
