"""The files to download, made from the dataset when first asked for."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache

from dataset.downloads import code_book_csv, record_json_schema, template_csv, versions_csv
from dataset.sample import sample_rows

SAMPLE_ROWS = 200
SAMPLE_SEED = 2024
SAMPLE_DAY = date(2026, 1, 1)
"""The sample ends on a fixed day, so that everybody gets the same file."""

_CSV = "text/csv; charset=utf-8"


@dataclass(frozen=True)
class File:
    """A file to download; `make` gives its text."""

    name: str
    title: str
    words: str
    format: str
    content_type: str
    make: Callable[[], str]


def _sample() -> str:
    text = io.StringIO()
    rows = sample_rows(SAMPLE_ROWS, SAMPLE_SEED, service_code="", today=SAMPLE_DAY)
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _schema() -> str:
    return json.dumps(record_json_schema(), indent=2, ensure_ascii=False) + "\n"


FILES = (
    File("template.csv", "Blank template", "One row with all headings, to fill in or to compare "
         "your export with.", "CSV", _CSV, template_csv),
    File("code-book.csv", "Code book", "Every question with its heading, key, answers and codes, "
         "limits and conditions.", "CSV", _CSV, code_book_csv),
    File("sample.csv", "Sample file", f"{SAMPLE_ROWS} invented records, some with mistakes.",
         "CSV", _CSV, _sample),
    File("versions.csv", "Versions of the dataset", "Which version holds for which dates of "
         "diagnosis.", "CSV", _CSV, versions_csv),
    File("record.schema.json", "JSON Schema of a record", "For programs that send records.",
         "JSON", "application/schema+json", _schema),
)  # fmt: skip
BY_NAME = {file.name: file for file in FILES}


@cache
def content_of(name: str) -> bytes:
    """The bytes of a file. CSV begins with a byte-order mark, by which Excel knows UTF-8.

    Raises:
        KeyError: there is no file of this name.
    """
    file = BY_NAME[name]
    mark = "\ufeff" if file.format == "CSV" else ""
    return (mark + file.make()).encode()
