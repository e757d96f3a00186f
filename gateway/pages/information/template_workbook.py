"""The blank template as a workbook: headings, lists to choose from, formats, and help beside cells.

Saved as “CSV UTF-8” its first sheet is a file that can be uploaded. No cell below the headings is
filled, so that saving makes no empty rows: formats belong to whole columns.
"""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from dataset.downloads.edition import edition
from dataset.downloads.template import PREPARED_ROWS, Column, columns
from dataset.fields import KEY_FIELDS
from dataset.writing import safe_for_spreadsheet
from gateway.pages.information.workbooks import bytes_of, head
from gateway.wording import BRAND

RECORDS, LISTS, HELP = "Records", "Lists", "How to fill it in"
FORMATS = {"text": "@", "list": "@", "date": "dd/mm/yyyy", "number": "0.0"}
_WIDTHS = {"text": 18, "list": 22, "date": 14, "number": 12}
_KEY_FILL = PatternFill("solid", start_color="8A1538")
_HELP_LINES = (
    "Fill in the sheet Records, one row for each fracture. Leave row 1 as it is.",
    "Columns with a dark red heading must be filled in every row. Columns that you do not need may "
    "stay empty or be deleted.",
    "Select a cell to see what belongs into it. Many columns have a list to choose from; codes of "
    "the code book are read as well.",
    'Where several answers are possible, write ";" between them.',
    "An empty cell leaves what is stored as it is. #CLEAR empties it.",
    "When you paste, choose “values only”, so that lists and formats stay.",
    f"Lists and help reach down to row {PREPARED_ROWS + 1:,}. Rows below are read too.",
    "Then save the sheet Records as “CSV UTF-8 (Comma delimited)” and upload that file.",
)


def template_xlsx() -> bytes:
    """The blank template."""
    book = Workbook()
    records = book.active
    records.title = RECORDS
    _help(book.create_sheet(HELP))
    lists = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    every = columns()
    head(records, [column.field.heading for column in every])
    records.row_dimensions[1].height = 45
    records.freeze_panes = "D2"
    ranges: dict[tuple[str, ...], str] = {}
    for number, column in enumerate(every, 1):
        letter = get_column_letter(number)
        dimension = records.column_dimensions[letter]
        dimension.width = max(_WIDTHS[column.takes], len(column.field.heading) // 2 + 2)
        dimension.number_format = FORMATS[column.takes]
        if column.field in KEY_FIELDS:
            records[f"{letter}1"].fill = _KEY_FILL
        if column.choices and column.choices not in ranges:
            ranges[column.choices] = _write_list(lists, len(ranges) + 1, column.choices)
        validation = _validation(column, ranges.get(column.choices))
        validation.add(f"{letter}2:{letter}{PREPARED_ROWS + 1}")
        records.add_data_validation(validation)
    return bytes_of(book, "Template for records")


def _help(sheet: Worksheet) -> None:
    sheet.append([f"{BRAND}: template for records, edition {edition()}"])
    sheet["A1"].font = Font(bold=True, size=14)
    for number, line in enumerate(_HELP_LINES, 1):
        sheet.append([f"{number}. {line}"])
        sheet.cell(number + 1, 1).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width = 100


def _write_list(sheet: Worksheet, number: int, choices: tuple[str, ...]) -> str:
    """Writes a list into a column of its own; returns where it stands."""
    letter = get_column_letter(number)
    for row, label in enumerate(choices, 1):
        sheet.cell(row, number, safe_for_spreadsheet(label)).number_format = "@"
    return f"{quote_sheetname(LISTS)}!${letter}$1:${letter}${len(choices)}"


def _validation(column: Column, listed: str | None) -> DataValidation:
    """What a cell takes. Something else may be kept after a warning: codes and #CLEAR are read."""
    field = column.field
    kind: dict[str, str]
    match column.takes:
        case "list":
            kind = {"type": "list", "formula1": str(listed)}
            error = "This is not in the list. Codes of the code book and #CLEAR are read too."
        case "date":
            kind = {"type": "date", "operator": "greaterThan", "formula1": "DATE(1900,1,1)"}
            error = "This is not a date. Write it as 31/01/2024. #CLEAR is read too."
        case "number":
            kind = {
                "type": "decimal",
                "operator": "between",
                "formula1": str(field.minimum),
                "formula2": str(field.maximum),
            }
            error = "This is no number within the limits. #CLEAR is read too."
        case _ if field.max_length:
            kind = {
                "type": "textLength",
                "operator": "lessThanOrEqual",
                "formula1": str(field.max_length),
            }
            error = f"This is longer than {field.max_length} characters."
        case _:
            kind, error = {}, ""
    validation = DataValidation(**kind, allow_blank=True, errorStyle="warning")
    validation.showInputMessage, validation.showErrorMessage = True, bool(kind)
    validation.promptTitle, validation.prompt = column.title, column.prompt
    if error:
        validation.errorTitle, validation.error = "Please check", error
    return validation
