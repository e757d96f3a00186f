"""Reads an Excel workbook as the CSV that its author should have saved.

The first visible sheet that has the headings is taken. Rows keep their numbers, and a cell becomes
the text that means the same: a true date its ISO form, a whole number its digits without ".0".
A workbook is a zip, so what it would unpack to is looked at before anything is unpacked.

Source: domain notes 5.2 (file) and 5.2.1 (xlsx).
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import chain, islice
from typing import IO, Any

from dataset.headings import match_headings
from services.imports.domain.refusals import FileFinding, FileRefused, not_a_table, note

MOST_UNPACKED_BYTES = 1024 * 1024 * 1024
MOST_TIMES_LARGER = 100
MOST_SHARED_BYTES = 64 * 1024 * 1024
"""Texts that cells share are held while the sheet is read, unlike the sheet itself."""
_SMALL_BYTES = 16 * 1024 * 1024
_MOST_ENTRIES = 5_000
_SHARED = "xl/sharedStrings.xml"
_SAVE = "Save the sheet as CSV UTF-8 (comma delimited) and upload that file."
_DAMAGED = (
    "The workbook cannot be read: it is damaged, or no Excel workbook inside. Open it, save it "
    "anew as .xlsx, or as CSV UTF-8 (comma delimited), and upload that file."
)
_HIDDEN = re.compile(rb'<(?:row|col)\b[^>]*\bhidden="(?:1|true)"')
_ROWS_LOOKED_AT = 20
_FEW = 3
_BLOCK_CHARACTERS = 512 * 1024
_WHOLE = 1e15
"""Larger numbers have lost digits, so they stay in scientific notation, which is then refused."""

Cells = tuple[Any, ...]


def csv_of_workbook(file: IO[bytes]) -> tuple[Iterator[bytes], list[FileFinding]]:
    """The sheet with the headings as blocks of UTF-8 CSV, and what is to be said about it.

    Raises:
        FileRefused: F01 no workbook that can be read, F05 unpacks too large. The blocks raise it
            too, where the damage shows later.
    """
    # Only here: it takes 20 MB of every process that imports it, and few files are workbooks.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(file) as packed:
            _refuse_bombs(packed)
            hidden_cells = _has_hidden(packed)
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if hasattr(sheet, "reset_dimensions")]
        shown = [sheet for sheet in sheets if sheet.sheet_state == "visible"]
        if not shown:
            raise not_a_table("The workbook has no visible sheet with cells. " + _SAVE)
        chosen = _with_headings(shown)
    except FileRefused:
        raise
    except Exception:
        # openpyxl and zipfile have dozens of errors for what is no workbook, and none is ours.
        raise not_a_table(_DAMAGED) from None
    notes = []
    if len(sheets) > 1:
        notes.append(note(_which_sheet(sheets.index(chosen) + 1, len(sheets), len(shown))))
    if hidden_cells:
        notes.append(
            note("The workbook has hidden rows or columns. They are read like all others.")
        )
    return _blocks(chosen), notes


def _which_sheet(number: int, count: int, shown: int) -> str:
    hidden = count - shown
    left_out = f" {hidden} hidden {'sheet was' if hidden == 1 else 'sheets were'} passed over."
    return (
        f"The workbook has {count} sheets. Sheet {number} was read, the first with the headings of "
        "the dataset." + (left_out if hidden else "")
    )


def _refuse_bombs(packed: zipfile.ZipFile) -> None:
    entries = packed.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    size = sum(entry.compress_size for entry in entries)
    shared = sum(entry.file_size for entry in entries if entry.filename == _SHARED)
    if (
        len(entries) > _MOST_ENTRIES
        or unpacked > MOST_UNPACKED_BYTES
        or (unpacked > _SMALL_BYTES and unpacked > MOST_TIMES_LARGER * size)
        or shared > MOST_SHARED_BYTES
    ):
        raise FileRefused(
            FileFinding(
                "F05",
                "error",
                "The workbook would unpack to far more than a table of records needs. " + _SAVE,
            )
        )


def _has_hidden(packed: zipfile.ZipFile) -> bool:
    """Whether any sheet hides rows or columns; the library does not say so while it streams."""
    for name in packed.namelist():
        if name.startswith("xl/worksheets/sheet"):
            with packed.open(name) as sheet:
                before = b""
                while block := sheet.read(256 * 1024):
                    if _HIDDEN.search(before + block):
                        return True
                    before = block[-4096:]
    return False


def _with_headings(sheets: list[Any]) -> Any:
    for sheet in sheets:
        # What a sheet says of its own size is often wrong, up to 16,384 empty columns.
        sheet.reset_dimensions()
        for cells in islice(sheet.iter_rows(values_only=True), _ROWS_LOOKED_AT):
            texts = _texts(cells)
            if len(texts) >= _FEW and match_headings(texts[:1000]).known >= _FEW:
                return sheet
    return sheets[0]


def _blocks(sheet: Any) -> Iterator[bytes]:
    """The rows as CSV, each as wide as the widest of the first ones."""
    rows = sheet.iter_rows(values_only=True)
    try:
        first = [_texts(cells) for cells in islice(rows, _ROWS_LOOKED_AT)]
        width = max(map(len, first), default=0)
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        for texts in chain(first, map(_texts, rows)):
            writer.writerow(texts + [""] * (width - len(texts)))
            if out.tell() > _BLOCK_CHARACTERS:
                yield out.getvalue().encode("utf-8", "replace")
                out.seek(0)
                out.truncate()
    except Exception:
        raise not_a_table(_DAMAGED) from None
    yield out.getvalue().encode("utf-8", "replace")


def _texts(cells: Cells) -> list[str]:
    """The texts of a row without the empty cells at its end."""
    texts = [
        "" if cell is None else cell if isinstance(cell, str) else _text(cell) for cell in cells
    ]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(cell: Any) -> str:
    """What a cell that holds no text means, as a text.

    >>> _text(3.0), _text(172.5), _text(datetime(2024, 1, 31)), _text(True)
    ('3', '172.5', '2024-01-31', 'TRUE')
    """
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _WHOLE else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return str(cell)
