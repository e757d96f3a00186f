"""Rows as CSV, and the files that are CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from dataset.downloads import catalogue, changes, code_book
from dataset.fields import HEADINGS
from dataset.versions import VERSIONS
from dataset.writing import safe_for_spreadsheet

VERSION_COLUMNS = ("Version", "Diagnosed from", "Diagnosed to")


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    r"""CSV as RFC 4180 has it; what a spreadsheet program would run as a formula is made harmless.

    >>> csv_text([("Code", "Label"), ("1", "=1+1")])
    "Code,Label\r\n1,'=1+1\r\n"
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([safe_for_spreadsheet(cell) for cell in row])
    return out.getvalue()


def template_csv() -> str:
    """The blank template: one line of headings, in the order of the dataset."""
    return csv_text([HEADINGS])


def code_book_csv() -> str:
    """One line per column of the template, with everything a person has to know to fill it."""
    return csv_text([code_book.COLUMNS, *code_book.question_rows()])


def answers_csv() -> str:
    """One line per answer of each list."""
    return csv_text([code_book.ANSWER_COLUMNS, *code_book.answer_rows()])


def findings_csv() -> str:
    """One line per code that a finding can have, the rules among them."""
    return csv_text([catalogue.COLUMNS, *catalogue.rows()])


def changes_csv() -> str:
    """One line per question or answer that came or went with a version."""
    return csv_text([changes.COLUMNS, *changes.rows()])


def version_rows() -> list[tuple[str, ...]]:
    """The versions of the dataset and the days of diagnosis they hold for."""
    return [
        (v.name, v.valid_from.isoformat(), v.valid_to.isoformat() if v.valid_to else "")
        for v in VERSIONS
    ]


def versions_csv() -> str:
    """One line per version of the dataset."""
    return csv_text([VERSION_COLUMNS, *version_rows()])
