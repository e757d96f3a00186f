"""Identifiers from which a spreadsheet took zeros are told from the lengths of the column."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from dataset.fields import FIELD_BY_KEY
from services.imports.domain.lost_zeros import IdentifierLengths
from services.imports.domain.preparing import prepare
from services.imports.domain.refusals import FileFinding
from services.imports.domain.sources import InMemory
from tests.factories.imports import KEYS, csv_bytes, make_row

NUMBERS = [f"{number:06d}" for number in range(4_711, 1_000_000, 33_333)]
"""Thirty identifiers of six digits, three of them with a zero in front."""


def findings(data: bytes, *, rows_per_chunk: int = 7) -> list[FileFinding]:
    _, found = prepare(
        InMemory(data), mode="add_and_update", date_order=None, rows_per_chunk=rows_per_chunk
    )
    return found


def file_of(ids: list[str]) -> bytes:
    return csv_bytes(make_row(index, local_id=text) for index, text in enumerate(ids))


def without_zeros(ids: list[str]) -> list[str]:
    return [str(int(text)) if text else text for text in ids]


def workbook_of(ids: list[str]) -> bytes:
    """A workbook in which the identifiers are numbers, as a spreadsheet makes them."""
    book = Workbook()
    book.active.append([FIELD_BY_KEY[key].heading for key in KEYS])
    for index, text in enumerate(ids):
        row = make_row(index)
        book.active.append([int(text) if key == "local_id" else row[key] for key in KEYS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("data", [file_of(without_zeros(NUMBERS)), workbook_of(NUMBERS)])
def test_lost_zeros_are_told_with_the_first_row_and_no_identifier(data: bytes) -> None:
    (finding,) = findings(data)
    assert (finding.code, finding.level, finding.field) == ("F07", "warning", "local_id")
    assert "the first in row 2," in finding.message
    assert "3 identifiers have fewer than 6 digits" in finding.message
    assert "4711" not in finding.message


@pytest.mark.parametrize(
    "ids",
    [
        NUMBERS,
        [f"H{number}" for number in without_zeros(NUMBERS)],
        [*without_zeros(NUMBERS), "H-1"],
        without_zeros(NUMBERS)[:19],
        [str(number) for number in range(1, 1_001)],
        [str(10 ** (number % 7) + number) for number in range(100)],
        [*[text for text in NUMBERS if text[0] != "0"], ""],
    ],
    ids=["kept", "letters", "one with letters", "few", "counted up", "many lengths", "a blank"],
)
def test_nothing_is_said_where_nothing_speaks_for_it(ids: list[str]) -> None:
    assert [f for f in findings(file_of(ids)) if f.code == "F07"] == []


@given(
    numbers=st.lists(st.integers(10_000_000, 99_999_999), min_size=20, max_size=60, unique=True),
    short=st.lists(st.integers(1, 9_999_999), min_size=1, max_size=4, unique=True),
    cut=st.integers(1, 30),
)
def test_the_first_short_row_is_named_however_the_file_is_cut(
    numbers: list[int], short: list[int], cut: int
) -> None:
    texts = [str(number) for number in numbers]
    for number in short:
        texts.insert(number % len(texts), f" {number} ")
    lengths = IdentifierLengths()
    for start in range(0, len(texts), cut):
        part = texts[start : start + cut]
        lengths.add(range(start, start + len(part)), part)
    found = lengths.finding("local_id", "Local ID")
    assert found is not None
    first = next(row for row, text in enumerate(texts) if len(text.strip()) < 8)
    assert f"the first in row {first}," in found.message
    assert f": {len(short)} identifier" in found.message
