"""Excel workbooks: the code book, and what all of ours have in common.

openpyxl writes them. It puts the present time into a file; here it is replaced, so that the same
content gives the same bytes. What a spreadsheet program would run as a formula is made harmless.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from dataset.downloads import catalogue, changes, code_book, csv_texts
from dataset.downloads.edition import edition
from dataset.writing import safe_for_spreadsheet
from gateway.pages.information.pdf import MADE_ON
from gateway.wording import BRAND

HEADING_FONT = Font(bold=True, color="FFFFFF")
HEADING_FILL = PatternFill("solid", start_color="0B4F4A")
_TOP = Alignment(vertical="top", wrap_text=True)
_WIDEST = 60
_NARROWEST = 9
_EARLIEST_IN_ZIP = (1980, 1, 1, 0, 0, 0)
_TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def code_book_xlsx() -> bytes:
    """The code book as sheets: questions, answers, findings with the rules, versions, changes."""
    book = Workbook()
    about = book.active
    about.title = "About"
    for line in (
        f"{BRAND}: code book, edition {edition()}",
        "Made from the dataset that checks the records. Each sheet has its headings in row 1.",
        "Questions: one line per column of the import file.",
        "Answers: one line per answer of each list, with its code.",
        "Findings: every code that a check can give, the rules (V) among them.",
        "Versions and Changes: which version of the dataset holds when, and what it changed.",
    ):
        about.append([line])
    about["A1"].font = Font(bold=True, size=14)
    about.column_dimensions["A"].width = 100
    _sheet(book, "Questions", code_book.COLUMNS, code_book.question_rows())
    _sheet(book, "Answers", code_book.ANSWER_COLUMNS, code_book.answer_rows())
    _sheet(book, "Findings", catalogue.COLUMNS, catalogue.rows())
    _sheet(book, "Versions", csv_texts.VERSION_COLUMNS, csv_texts.version_rows())
    _sheet(book, "Changes", changes.COLUMNS, changes.rows())
    return bytes_of(book, "Code book")


def head(sheet: Worksheet, headings: Sequence[str]) -> None:
    """Writes the headings into row 1, which stays in sight."""
    for number, heading in enumerate(headings, 1):
        cell = sheet.cell(1, number, safe_for_spreadsheet(heading))
        cell.font, cell.fill = HEADING_FONT, HEADING_FILL
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    sheet.freeze_panes = "A2"


def bytes_of(book: Workbook, title: str) -> bytes:
    """The finished file; the same for the same content."""
    book.properties.title = title
    book.properties.creator = BRAND
    out = io.BytesIO()
    book.save(out)
    return _with_fixed_times(out.getvalue())


def _sheet(
    book: Workbook, title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    sheet = book.create_sheet(title)
    head(sheet, headings)
    widths = [len(heading) for heading in headings]
    for number, row in enumerate(rows, 2):
        for column, text in enumerate(row, 1):
            # As text, also where it looks like a number: 1.10 would become 1.1.
            cell = sheet.cell(number, column, safe_for_spreadsheet(text) or None)
            cell.alignment, cell.number_format = _TOP, "@"
            widths[column - 1] = max(widths[column - 1], len(text))
    for column, width in enumerate(widths, 1):
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = max(_NARROWEST, min(width + 2, _WIDEST))
    sheet.auto_filter.ref = sheet.dimensions


def _with_fixed_times(data: bytes) -> bytes:
    stamp = MADE_ON.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = _TIMES.sub(rb"\g<1>" + stamp, part)
            entry = zipfile.ZipInfo(name, _EARLIEST_IN_ZIP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, part)
    return out.getvalue()
