"""COPY text of values, harmless and nasty ones."""

from __future__ import annotations

from services.records.domain.copying import bytes_cell, list_column, optional_cell, text_column


def test_blanks_are_null() -> None:
    assert text_column(["1", None]) == ["1", "\\N"]
    assert list_column([None, [], ["1"]]) == ["\\N", "\\N", '{"1"}']
    assert bytes_cell(None) == optional_cell(None) == "\\N"


def test_a_text_that_looks_like_null_is_none() -> None:
    assert text_column(["\\N"]) == ["\\\\N"]


def test_special_characters_are_escaped() -> None:
    assert text_column(["a\tb\nc\\d\re\0f", "1"]) == ["a\\tb\\nc\\\\d\\ref", "1"]


def test_lists_are_quoted() -> None:
    assert list_column([["1", "40"], ['a"b', "c\\d"]]) == [
        '{"1","40"}',
        '{"a\\\\"b","c\\\\\\\\d"}',
    ]


def test_bytes_are_hexadecimal() -> None:
    assert bytes_cell(b"\x00\xff") == "\\\\x00ff"
