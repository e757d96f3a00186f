"""A table as an Excel workbook, in blocks of bytes, without a file on a disk.

The libraries that write large workbooks (openpyxl's write-only mode, XlsxWriter) first put the rows
into temporary files on a disk, where patients' data must not lie, or keep them all in memory. So
openpyxl makes the workbook's skeleton here (styles, widths, headings), and the rows are written as
the XML of a sheet straight into a zip archive, whose bytes leave as they arise.

Dates are true dates, numbers true numbers, everything else is text: an NHS number keeps its digits.
A sheet ends before the limits of Excel and of the archive, and the next one goes on.

Source: ECMA-376 (Office Open XML), parts 1 (worksheets, inline strings) and 2 (packages).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from xml.sax.saxutils import escape

MOST_ROWS = 1_000_000
"""Rows of a sheet below its headings; Excel shows 1,048,576 in all."""
MOST_BYTES = 1_500_000_000
"""XML of a sheet: above 2 GiB the archive would need a form that not every reader knows."""

_TITLE = "Records"
_FORMATS = {"date": "dd/mm/yyyy", "number": "0.0", "text": "@"}
_WIDTHS = {"date": 12, "number": 10, "text": 18}
_DAY_ZERO = date(1899, 12, 30).toordinal()
_FIRST_TRUE_DATE = date(1900, 3, 1)
"""Before it Excel counts a day that never was; such a date is written as text."""
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MOST_REMEMBERED = 10_000

CellMaker = Callable[[str], str]


def xlsx_blocks(
    headings: Sequence[str],
    table: Iterable[Sequence[Sequence[str]]],
    *,
    most_rows: int = MOST_ROWS,
    most_bytes: int = MOST_BYTES,
    kinds: Sequence[str],
) -> Iterator[bytes]:
    """The file in blocks; the table's cells are those of the CSV file.

    Args:
        kinds: what each column holds: `date`, `number` or `text`.
    """
    out = _Outlet()
    parts = iter(table)
    waiting = next(parts, None)
    sheets = 0
    # Level 1: a third of the time of the default for a fifth more bytes.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:  # type: ignore[call-overload]
        while sheets == 0 or waiting is not None:
            sheets += 1
            skeleton = _Skeleton(headings, kinds, sheets)
            rows = _Rows(skeleton.makers())
            head, tail = skeleton.around_rows()
            with archive.open(skeleton.sheet_name, "w") as sheet:
                sheet.write(head)
                while waiting is not None and rows.room(waiting, most_rows, most_bytes):
                    sheet.write(rows.of(waiting))
                    yield from out.take()
                    waiting = next(parts, None)
                sheet.write(tail)
        for name, content in _Skeleton(headings, kinds, sheets).other_parts():
            archive.writestr(name, content)
    yield from out.take()


class _Outlet:
    """Where the archive writes to; it cannot be gone back in, so zipfile never tries."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """There is nothing behind it that could be flushed."""

    def take(self) -> Iterator[bytes]:
        """What was written since the last time, as one block."""
        block = b"".join(self._written)
        self._written.clear()
        if block:
            yield block


class _Skeleton:
    """A workbook with headings and no rows, as openpyxl writes it.

    Args:
        sheets: how many sheets it has; they are all alike.
    """

    def __init__(self, headings: Sequence[str], kinds: Sequence[str], sheets: int) -> None:
        # Only here: it takes 20 MB of every process that imports it.
        from openpyxl import Workbook
        from openpyxl.styles import Alignment, Font, PatternFill

        book = Workbook()
        self._styles: dict[str, int] = {}
        for number in range(1, sheets + 1):
            sheet = book.active if number == 1 else book.create_sheet()
            sheet.title = _TITLE if number == 1 else f"{_TITLE} {number}"
            for column, (heading, kind) in enumerate(zip(headings, kinds, strict=True), 1):
                cell = sheet.cell(1, column, heading)
                cell.font = Font(bold=True, color="FFFFFF")
                cell.fill = PatternFill("solid", start_color="0B4F4A")
                cell.alignment = Alignment(vertical="center", wrap_text=True)
                dimension = sheet.column_dimensions[get_column_letter(column)]
                dimension.width, dimension.number_format = _WIDTHS[kind], _FORMATS[kind]
                self._styles[kind] = dimension._style and dimension.style_id
            sheet.freeze_panes = "A2"
        packed = io.BytesIO()
        book.save(packed)
        with zipfile.ZipFile(packed) as archive:
            self._parts = {name: archive.read(name) for name in archive.namelist()}
        self.sheet_name = f"xl/worksheets/sheet{sheets}.xml"
        self._last_cell = f"{get_column_letter(len(headings))}{MOST_ROWS + 1}"
        self._kinds = kinds

    def makers(self) -> list[CellMaker]:
        """For each column what writes its cells."""
        return [_Cells(kind, self._styles[kind]).__getitem__ for kind in self._kinds]

    def around_rows(self) -> tuple[bytes, bytes]:
        """The XML of the newest sheet before and after the rows below its headings."""
        head, end, tail = self._parts[self.sheet_name].partition(b"</sheetData>")
        # Numbers as texts are meant as such: no green corners in every cell.
        quiet = (
            f'<ignoredErrors><ignoredError sqref="A2:{self._last_cell}" numberStoredAsText="1"/>'
        )
        close = b"</worksheet>"
        return head, end + tail.replace(close, quiet.encode() + b"</ignoredErrors>" + close)

    def other_parts(self) -> Iterator[tuple[str, bytes]]:
        """All parts of the archive but the sheets."""
        for name, content in self._parts.items():
            if not name.startswith("xl/worksheets/sheet"):
                yield name, content


def get_column_letter(number: int) -> str:
    """The letters of a column, counted from 1.

    >>> [get_column_letter(n) for n in (1, 26, 27, 703)]
    ['A', 'Z', 'AA', 'AAA']
    """
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


class _Rows:
    """Writes rows of one sheet, and knows how many rows and bytes it has."""

    def __init__(self, makers: Sequence[CellMaker]) -> None:
        self._makers = [
            (get_column_letter(number), maker) for number, maker in enumerate(makers, 1)
        ]
        self._rows = 0
        self._bytes = 0

    def room(self, columns: Sequence[Sequence[str]], most_rows: int, most_bytes: int) -> bool:
        """Whether a part fits; an empty sheet takes any."""
        fits = self._rows + len(columns[0]) <= most_rows and self._bytes < most_bytes
        return fits or self._rows == 0

    def of(self, columns: Sequence[Sequence[str]]) -> bytes:
        """The XML of a part of the table; blank cells are left out."""
        first = self._rows + 2
        rows = len(columns[0])
        cells = [
            [
                f'<c r="{letter}{n}{rest}' if (rest := rest_of(text)) else ""
                for n, text in enumerate(column, first)
            ]
            for (letter, rest_of), column in zip(self._makers, columns, strict=True)
        ]
        xml = "".join(
            f'<row r="{n}">{"".join(row)}</row>'
            for n, row in enumerate(zip(*cells, strict=True), first)
        ).encode()
        self._rows += rows
        self._bytes += len(xml)
        return xml


class _Cells(dict[str, str]):
    """The text of a cell as in the CSV file -> its XML from behind its place on; remembered."""

    def __init__(self, kind: str, style: int) -> None:
        super().__init__({"": ""})
        self._style = style
        self._inner = {"text": _text, "number": _number, "date": _day}[kind]

    def __missing__(self, text: str) -> str:
        xml = f'" s="{self._style}"{self._inner(text)}</c>'
        if len(self) < _MOST_REMEMBERED:
            self[text] = xml
        return xml


def _text(text: str) -> str:
    # Excel's own way to write what XML cannot hold.
    clean = _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    keep = ' xml:space="preserve"' if clean != clean.strip() else ""
    return f' t="inlineStr"><is><t{keep}>{escape(clean)}</t></is>'


def _number(text: str) -> str:
    return f"><v>{text}</v>"


def _day(text: str) -> str:
    """A true date, which is the number of days since Excel's day zero."""
    on = date.fromisoformat(text)
    return _number(str(on.toordinal() - _DAY_ZERO)) if on >= _FIRST_TRUE_DATE else _text(text)
