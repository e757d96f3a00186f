"""Cells of COPY's binary form: blanks, and what is no value of a column's type."""

from __future__ import annotations

import pytest

from services.records.preparing.copying import (
    NULL,
    bytes_cell,
    bytes_column,
    list_column,
    small_cell,
    text_cell,
    texts_cell,
    typed_column,
    words_cell,
)


def test_blanks_are_null() -> None:
    assert typed_column("text", ["", None]) == typed_column("date", ["", None]) == [NULL, NULL]
    assert list_column([None, []]) == [NULL, NULL]
    assert bytes_cell(None) == text_cell(None) == small_cell(None) == NULL
    assert texts_cell([]) == words_cell(set()) == NULL


def test_a_cell_begins_with_its_length() -> None:
    assert text_cell("Äb") == b"\0\0\0\x03\xc3\x84b"
    assert bytes_column([b"", b"\0\xff", None]) == [bytes(4), b"\0\0\0\x02\0\xff", NULL]


@pytest.mark.parametrize(
    ("sql_type", "value"),
    [("date", "2024-02-30"), ("date", "10/01/2024"), ("numeric(6,1)", "tall")],
)
def test_what_is_no_value_of_the_type_is_refused(sql_type: str, value: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        typed_column(sql_type, [value])


def test_a_list_of_anything_but_texts_is_refused() -> None:
    with pytest.raises(TypeError):
        list_column([["1", 2]])  # type: ignore[list-item]
