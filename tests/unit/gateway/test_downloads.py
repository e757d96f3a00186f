"""The files to download as programs read them back: PDFs, workbooks, CSV."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest
from fpdf.errors import FPDFUnicodeEncodingException
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from pypdf import PdfReader

from dataset.downloads import catalogue, changes, code_book, template
from dataset.downloads.document import Bullets, Steps, Table
from dataset.downloads.edition import edition
from dataset.downloads.specification import import_specification
from dataset.downloads.template import PREPARED_ROWS
from dataset.fields import FIELD_BY_KEY, FIELDS, HEADINGS
from dataset.findings import GIVEN
from dataset.rules import RULES
from gateway.pages.information import documents, template_workbook, workbooks
from gateway.pages.information.files import BY_NAME, content_of
from gateway.pages.information.pdf import Report, bytes_of
from services.imports.domain.checking import check_chunk
from services.imports.domain.preparing import prepare
from services.imports.domain.sources import InMemory
from services.imports.domain.splitting import records_of
from tests.unit.gateway.conftest import Person

TODAY = date(2026, 9, 30)


def packed(text: str) -> str:
    """Without the breaks of lines and pages."""
    return re.sub(r"\s", "", text)


def pdf(name: str) -> PdfReader:
    return PdfReader(io.BytesIO(content_of(name)))


def text_of(name: str) -> str:
    """The text of all pages but their footers, packed."""
    pages = []
    for page in pdf(name).pages:
        text = packed(page.extract_text())
        pages.append(re.sub(r"FractureAudit:.{1,40}edition[0-9a-f]{8}Page\d+of\d+", "", text))
    return "".join(pages)


def cells_of(sheet: Worksheet) -> list[list[str]]:
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.values]


# --- PDFs ------------------------------------------------------------------------------------


def test_the_code_book_has_every_question_answer_and_rule_on_paper() -> None:
    text = text_of("code-book.pdf")
    for section in code_book.sections():
        assert packed(section.title) in text
        for question in section.questions:
            assert packed(f"{question.field.no} {question.field.label}") in text
            assert packed(question.field.help) in text
            for name, words in question.facts:
                assert packed(name + words) in text, (question.anchor, name)
            for answer in question.answers:
                only = f" ({answer.only})" if answer.only else ""
                assert packed(answer.code + answer.label + only + answer.spellings) in text
    for rule in catalogue.rules():
        assert packed(rule.code + rule.level + rule.reason + rule.numbers) in text
    for change in changes.changes():
        assert packed(change.field.label + change.what + change.code + change.label) in text


def test_the_import_specification_is_whole_on_paper() -> None:
    text = text_of("import-specification.pdf")
    for part in import_specification():
        assert packed(part.title) in text
        for block in part.blocks:
            match block:
                case Table():
                    for row in block.rows:
                        assert packed("".join(row)) in text, row
                case Bullets() | Steps():
                    for item in block.items:
                        assert packed(item) in text
                case _:
                    assert packed(block) in text
    for code in GIVEN:
        assert code in text


@pytest.mark.parametrize("name", ["code-book.pdf", "import-specification.pdf"])
def test_a_pdf_has_title_language_outline_and_numbered_pages(name: str) -> None:
    reader = pdf(name)
    title = name.removesuffix(".pdf").replace("-", " ").capitalize()
    assert reader.metadata and reader.metadata.title == title
    assert reader.root_object["/Lang"] == "en-GB"
    assert reader.root_object["/ViewerPreferences"]["/DisplayDocTitle"]
    assert len([entry for entry in reader.outline if not isinstance(entry, list)]) >= 10
    for number, page in enumerate(reader.pages, 1):
        text = " ".join(page.extract_text().split())
        assert f"edition {edition()} Page {number} of {len(reader.pages)}" in text


def test_a_character_that_the_font_lacks_stops_the_pdf_instead_of_being_lost() -> None:
    report = Report("Title", "Footer")
    report.paragraph("“Quoted”, – dashed, Donít")
    assert (
        "“Quoted”, – dashed, Donít"
        in PdfReader(io.BytesIO(bytes_of(report))).pages[0].extract_text()
    )
    with pytest.raises(FPDFUnicodeEncodingException):
        report.paragraph("→")


# --- workbooks ---------------------------------------------------------------------------------


def test_the_code_book_has_all_its_rows_as_sheets() -> None:
    book = load_workbook(io.BytesIO(content_of("code-book.xlsx")))
    assert book.sheetnames == ["About", "Questions", "Answers", "Findings", "Versions", "Changes"]
    for name, columns, rows in (
        ("Questions", code_book.COLUMNS, code_book.question_rows()),
        ("Answers", code_book.ANSWER_COLUMNS, code_book.answer_rows()),
        ("Findings", catalogue.COLUMNS, catalogue.rows()),
        ("Changes", changes.COLUMNS, changes.rows()),
    ):
        assert cells_of(book[name]) == [list(row) for row in (columns, *rows)], name
    rules = {row[0] for row in cells_of(book["Findings"])}
    assert {rule.number for rule in RULES} <= rules
    numbers = [cell.value for cell in book["Questions"]["B"]]
    assert "1.10" in numbers, "as a text: a number would be 1.1"


def test_no_cell_of_a_workbook_is_a_formula() -> None:
    for name in ("code-book.xlsx", "template.xlsx"):
        for sheet in load_workbook(io.BytesIO(content_of(name))):
            types = {cell.data_type for row in sheet.iter_rows() for cell in row}
            assert types <= {"s", "n"}, "n is an empty cell"


# --- template ------------------------------------------------------------------------------------


def test_the_template_has_the_headings_and_nothing_below() -> None:
    sheet = load_workbook(io.BytesIO(content_of("template.xlsx"))).worksheets[0]
    assert cells_of(sheet) == [list(HEADINGS)]


def test_every_column_of_the_template_has_its_list_format_and_help() -> None:
    book = load_workbook(io.BytesIO(content_of("template.xlsx")))
    sheet, lists = book["Records"], book["Lists"]
    assert book.active is sheet and lists.sheet_state == "hidden"
    of_column = {str(v.sqref).partition("2:")[0]: v for v in sheet.data_validations.dataValidation}
    for column, cell in zip(template.columns(), sheet[1], strict=True):
        letter, field = cell.column_letter, column.field
        validation = of_column[letter]
        assert str(validation.sqref) == f"{letter}2:{letter}{PREPARED_ROWS + 1}"
        assert (validation.promptTitle, validation.prompt) == (column.title, column.prompt)
        wanted = {"date": "dd/mm/yyyy", "decimal": "0.0"}.get(field.kind, "@")
        assert sheet.column_dimensions[letter].number_format == wanted
        if field.kind in ("single", "integer"):
            name, _, place = validation.formula1.replace("$", "").partition("!")
            listed = [row[0].value for row in book[name.strip("'")][place]]
            assert validation.type == "list"
            assert listed == [option.label for option in field.options]
        else:
            assert validation.type != "list"


def test_the_template_filled_in_and_saved_as_csv_can_be_uploaded() -> None:
    book = load_workbook(io.BytesIO(content_of("template.xlsx")))
    sheet = book["Records"]
    filled = {
        "local_id": "H-1", "nhs_number": "9990000018", "date_of_birth": "01/03/1950",
        "date_index_diagnosed": "20/01/2024", "therapy_recommended": "Alendronate;Denosumab",
        "height_cm": "172.5", "falls_referrals": "None",
    }  # fmt: skip
    for field in FIELDS:
        if field.kind == "single":
            filled.setdefault(field.key, field.options[0].label)
    # What a spreadsheet program writes when it saves the sheet: what the cells show.
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([cell.value for cell in sheet[1]])
    writer.writerow([filled.get(field.key, "") for field in FIELDS])
    data = b"\xef\xbb\xbf" + text.getvalue().encode()
    prepared, warnings = prepare(InMemory(data), mode="add_and_update", date_order=None)
    assert warnings == [] and prepared.rows_total == 1
    (cut,) = prepared.cuts
    chunk = check_chunk(
        records_of(data[cut.byte_start : cut.byte_end]),
        first_row=cut.first_row, repeats={"same": [], "differ": []}, plan=prepared.plan,
        mode="add_and_update", site_code="ABC", today=TODAY,
    )  # fmt: skip
    unreadable = [f for f in chunk.findings if f.code[0] in "TR"]
    assert unreadable == []
    read = {FIELD_BY_KEY[column.key].heading for column in prepared.plan.columns}
    assert read | {"ServiceCode"} == set(HEADINGS)


# --- all files -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        documents.code_book_pdf, documents.import_specification_pdf, workbooks.code_book_xlsx,
        template_workbook.template_xlsx,
    ],
)  # fmt: skip
def test_the_same_content_gives_the_same_bytes(make) -> None:
    name = {
        "code_book_pdf": "code-book.pdf", "import_specification_pdf": "import-specification.pdf",
        "code_book_xlsx": "code-book.xlsx", "template_xlsx": "template.xlsx",
    }[make.__name__]  # fmt: skip
    assert make() == content_of(name)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_every_file_is_given_out_and_asked_for_again_costs_nothing(
    visitor: Person, name: str
) -> None:
    answer = visitor.get(f"/downloads/{name}")
    assert answer.data == content_of(name)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    again = visitor.get(f"/downloads/{name}", If_None_Match=answer.headers["ETag"])
    assert again.status_code == 304 and not again.data
    assert f'href="/downloads/{name}"' in visitor.get("/downloads").text


def test_the_pages_lead_to_each_other(visitor: Person) -> None:
    for page in ("/downloads", "/guidance"):
        text = visitor.get(page).text
        assert 'href="/code-book"' in text and 'href="/import-specification"' in text, page


def test_the_code_book_page_has_every_question_and_answer(visitor: Person) -> None:
    text = visitor.get("/code-book").text
    for section in code_book.sections():
        for question in section.questions:
            assert f'<h3 id="{question.anchor}">' in text
    for rule in RULES:
        assert f'href="/import-specification#{rule.number}"' in text
    assert text.count('<th scope="row"') >= len(code_book.answer_rows())


def test_the_specification_page_has_every_code_and_column(visitor: Person) -> None:
    text = visitor.get("/import-specification").text
    for code in GIVEN:
        assert f'id="{code}"' in text
    for anchor in code_book.ANCHORS.values():
        assert f'id="column-{anchor}"' in text
