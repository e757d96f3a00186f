"""Cutting a file and reading the pieces again gives exactly the records of the whole."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.imports.domain.refusals import FileRefused
from services.imports.domain.splitting import BOM, RecordReader, Run, is_blank, records_of

CELLS = st.text(
    alphabet=st.sampled_from(list('ab1,;" \t\r\n') + ["é", "€", "𝄞", "\u2028", "\x85", "\x0b"]),
    max_size=6,
)
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def whole(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def blocks(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def runs_of(data: bytes, *, block: int, run: int) -> list[Run]:
    reader = RecordReader(blocks(data, block))
    found = []
    while (taken := reader.take(run)) is not None:
        found.append(taken)
    return found


@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=12),
    line_end=LINE_ENDS,
    quote_all=st.booleans(),
    mark=st.booleans(),
    block=st.integers(1, 40),
    run=st.integers(1, 5),
)
def test_runs_read_again_are_the_records_of_the_whole_file(
    rows: list[list[str]], line_end: str, quote_all: bool, mark: bool, block: int, run: int
) -> None:
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    csv.writer(out, lineterminator=line_end, quoting=quoting).writerows(rows)
    text = out.getvalue()
    data = (BOM if mark else b"") + text.encode()
    found = runs_of(data, block=block, run=run)
    assert [r for one in found for r in one.records] == whole(text)
    for one in found:
        assert records_of(data[one.byte_start : one.byte_end]) == one.records
    ends = [len(BOM) if mark else 0, *(one.byte_end for one in found)]
    assert [one.byte_start for one in found] == ends[:-1]
    if found:
        assert ends[-1] == len(data)


@given(text=st.text(alphabet=list('ab," \r\né𝄞'), max_size=60), block=st.integers(1, 9))
def test_any_text_gives_its_records_or_names_the_open_quotation_mark(text: str, block: int) -> None:
    data = text.encode()
    try:
        found = runs_of(data, block=block, run=2)
    except FileRefused as refusal:
        assert "never closed" in refusal.findings[0].message
        # One more line becomes part of the last cell instead of a record.
        assert whole(text + "\nx")[-1] != ["x"]
        return
    assert [r for one in found for r in one.records] == whole(text)
    assert whole(text + "\nx")[-1] == ["x"]
    for one in found:
        assert records_of(data[one.byte_start : one.byte_end]) == one.records


def test_a_quoted_line_break_belongs_to_its_row() -> None:
    data = b'a,"b\r\nc"\r\nd,e\r\n'
    assert [one.records for one in runs_of(data, block=3, run=1)] == [
        [["a", "b\r\nc"]],
        [["d", "e"]],
    ]


def test_the_row_of_an_open_quotation_mark_is_named() -> None:
    with pytest.raises(FileRefused) as refusal:
        runs_of(b'a,b\nc,d\ne,"f\ng,h\n', block=4, run=10)
    assert re.search(r"opens in row 3 ", refusal.value.findings[0].message)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a,b\nc\0,d\n", "NUL"),
        ("a,b\nDon\xedt know,d\n".encode("cp1252"), "UTF-8"),
        (b"a,b\nc,\xe2\x82", "UTF-8"),
        (b"a" * 1_100_000, "million characters"),
        (b'a,"' + b"b" * 140_000 + b'"\n', "131,072"),
    ],
    ids=["NUL bytes", "Windows-1252", "cut inside a character", "endless line", "endless cell"],
)
def test_what_is_no_csv_is_refused_in_plain_words(data: bytes, words: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        runs_of(data, block=1024, run=10)
    assert refusal.value.findings[0].code == "F01"
    assert words in refusal.value.findings[0].message


@pytest.mark.parametrize(
    "part",
    [b"a" + b"," * 900_000 + b"\n", b'"\n",' * 200_000, b'"a\n"' + b"," * 99],
    ids=["rows of a million cells", "one record of all lines", "and with few cells a line"],
)
def test_records_of_endless_cells_are_refused_before_they_fill_the_memory(part: bytes) -> None:
    block = part * (1_000_000 // len(part))
    read = 0

    def file() -> Iterator[bytes]:
        nonlocal read
        yield b"a,b\n"
        for _ in range(256):
            read += len(block)
            yield block

    reader = RecordReader(file())
    assert reader.take(1) is not None
    with pytest.raises(FileRefused) as refusal:
        while reader.take(2000) is not None:
            pass
    assert "near row 2 have many thousands of cells" in refusal.value.findings[0].message
    assert read < 12_000_000


def test_long_rows_make_shorter_runs() -> None:
    line = b"a," + b"b" * 50_000 + b"\n"
    found = runs_of(line * 500, block=1024 * 1024, run=2000)
    assert [len(one.records) for one in found] == [100, 100, 100, 100, 100]
    assert found[-1].byte_end == len(line) * 500


def test_only_cells_with_something_in_them_make_a_row() -> None:
    assert is_blank([])
    assert is_blank(["", " ", "\t"])
    assert not is_blank(["", "0"])
