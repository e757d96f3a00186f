"""The files to download, made from the dataset when first asked for.

What writes PDFs and workbooks is loaded then, too: most processes never need it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache

from dataset.downloads import csv_texts
from dataset.downloads.schema import record_json_schema
from dataset.sample import sample_rows

SAMPLE_ROWS = 200
SAMPLE_SEED = 2024
SAMPLE_DAY = date(2026, 1, 1)
"""The sample ends on a fixed day, so that everybody gets the same file."""

_TYPES = {
    "CSV": "text/csv; charset=utf-8",
    "JSON": "application/schema+json",
    "PDF": "application/pdf",
    "Excel": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file to download; `make` gives its text or bytes.

    Attributes:
        format: a key of the content types, and the word on the page.
    """

    name: str
    format: str
    make: Callable[[], str | bytes]

    @property
    def content_type(self) -> str:
        """For the header."""
        return _TYPES[self.format]


@dataclass(frozen=True, slots=True)
class Subject:
    """What can be had in several forms.

    Attributes:
        page: address of a page that shows the same; blank if there is none.
    """

    title: str
    words: str
    files: tuple[File, ...]
    page: str = ""


def _sample() -> str:
    text = io.StringIO()
    rows = sample_rows(SAMPLE_ROWS, SAMPLE_SEED, service_code="", today=SAMPLE_DAY)
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _schema() -> str:
    return json.dumps(record_json_schema(), indent=2, ensure_ascii=False) + "\n"


def _code_book_pdf() -> bytes:
    from gateway.pages.information.documents import code_book_pdf

    return code_book_pdf()


def _import_specification_pdf() -> bytes:
    from gateway.pages.information.documents import import_specification_pdf

    return import_specification_pdf()


def _code_book_xlsx() -> bytes:
    from gateway.pages.information.workbooks import code_book_xlsx

    return code_book_xlsx()


def _template_xlsx() -> bytes:
    from gateway.pages.information.template_workbook import template_xlsx

    return template_xlsx()


SUBJECTS = (
    Subject(
        "Code book",
        "Every question with its heading, answers and codes, limits and conditions.",
        (
            File("code-book.pdf", "PDF", _code_book_pdf),
            File("code-book.xlsx", "Excel", _code_book_xlsx),
            File("code-book.csv", "CSV", csv_texts.code_book_csv),
        ),
        "/code-book",
    ),
    Subject(
        "Import specification",
        "What a file with records may look like, and what becomes of it.",
        (File("import-specification.pdf", "PDF", _import_specification_pdf),),
        "/import-specification",
    ),
    Subject(
        "Blank template",
        "All headings in one row. The Excel file also has lists to choose from.",
        (
            File("template.xlsx", "Excel", _template_xlsx),
            File("template.csv", "CSV", csv_texts.template_csv),
        ),
    ),
    Subject(
        "Sample file",
        f"{SAMPLE_ROWS} invented records, some with mistakes.",
        (File("sample.csv", "CSV", _sample),),
    ),
    Subject(
        "Answers",
        "Every answer of each list with its code, one a line.",
        (File("answers.csv", "CSV", csv_texts.answers_csv),),
    ),
    Subject(
        "Findings and rules",
        "Every code that a check can give, what it means and how to mend it.",
        (File("findings.csv", "CSV", csv_texts.findings_csv),),
        "/import-specification#findings",
    ),
    Subject(
        "Versions of the dataset",
        "Which version holds for which dates of diagnosis.",
        (File("versions.csv", "CSV", csv_texts.versions_csv),),
    ),
    Subject(
        "Changes between versions",
        "Which questions and answers came or went.",
        (File("changes.csv", "CSV", csv_texts.changes_csv),),
        "/code-book#changes",
    ),
    Subject(
        "JSON Schema of a record",
        "For programs that send records.",
        (File("record.schema.json", "JSON", _schema),),
    ),
)
BY_NAME = {file.name: file for subject in SUBJECTS for file in subject.files}


@cache
def content_of(name: str) -> bytes:
    """The bytes of a file. CSV begins with a byte-order mark, by which Excel knows UTF-8.

    Raises:
        KeyError: there is no file of this name.
    """
    file = BY_NAME[name]
    made = file.make()
    if isinstance(made, bytes):
        return made
    mark = "\ufeff" if file.format == "CSV" else ""
    return (mark + made).encode()


@cache
def etag_of(name: str) -> str:
    """By which a browser knows that it has this very content."""
    return hashlib.sha256(content_of(name)).hexdigest()[:32]
