"""Cuts a stream of bytes into CSV records, and knows which bytes each run of records came from.

A chunk is checked by reading exactly its bytes again, so the cuts lie between records: never inside
a quoted line break, a character of several bytes or a CR LF. The truth about what a record is, is
`csv.reader` over the whole text with line ends left alone (RFC 4180, tolerant): cutting and reading
again gives the same records.
"""

from __future__ import annotations

import codecs
import csv
import io
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from services.imports.domain.refusals import NotUtf8, not_a_table

BOM = codecs.BOM_UTF8
MAX_LINE_CHARACTERS = 1024 * 1024
"""A longer line is no table of ours; without a limit one line could be the whole file."""

RUN_CHARACTERS = 4 * 1024 * 1024
"""A run ends early at this size: unusually long rows make smaller chunks, not more memory."""

_RECORDS_AT_ONCE = 100
_PIECE_BYTES = 128 * 1024
_BYTES_AT_ONCE = 8 * 1024 * 1024
"""More for so few records is no table: a cell costs up to fifty times its one or two bytes."""

_SAVE_AS = "Save the sheet as CSV UTF-8 (comma delimited) and upload that file."


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive records of the file.

    Attributes:
        records: each the texts of its cells as written; [] for an empty line.
        byte_start, byte_end: the bytes they came from, from 0, the end not included.
    """

    records: list[list[str]]
    byte_start: int
    byte_end: int


class RecordReader:
    """Reads the records of a UTF-8 CSV file from its blocks of bytes, a run at a time.

    Args:
        blocks: the file in order; where it is cut into blocks does not matter.
        delimiter: what stands between cells.
    """

    def __init__(self, blocks: Iterable[bytes], delimiter: str = ",") -> None:
        # Told apart from a record of the file by being unguessable. It comes after the last line,
        # within quotation marks: arriving whole it shows that none was left open before.
        self._end = secrets.token_hex(16)
        self._lines: list[str] = []
        self._position = 0
        self._line_number = 0
        self._done = False
        self._bytes_at_once = 0
        self._reader = csv.reader(chain.from_iterable(self._read(blocks)), delimiter=delimiter)
        self.records_read = 0
        """How many records were taken, empty lines included."""

    def take(self, count: int) -> Run | None:
        """The next records, at most `count`, fewer where they are very long; None after the last.

        Raises:
            NotUtf8: the bytes are no UTF-8.
            FileRefused: NUL bytes, a line, cell or record out of all bounds, or a
                quotation mark that is never closed.
        """
        if self._done:
            return None
        records, used = self._gather(count)
        if records and records[-1] == [self._end]:
            records.pop()
            used -= 1
            self._done = True
        start = self._position
        text = "".join(self._lines[:used])
        del self._lines[:used]
        self._position += len(text) if text.isascii() else len(text.encode())
        self.records_read += len(records)
        return Run(records, start, self._position) if records else None

    def _gather(self, count: int) -> tuple[list[list[str]], int]:
        """Records, the end mark perhaps the last of them, and how many lines they took."""
        records: list[list[str]] = []
        used = characters = 0
        while len(records) < count and characters < RUN_CHARACTERS:
            wanted = min(count - len(records), _RECORDS_AT_ONCE)
            self._bytes_at_once = 0
            try:
                some = list(islice(self._reader, wanted))
            except csv.Error:
                raise not_a_table(
                    f"A cell near row {self.records_read + 1} has more than 131,072 characters. "
                    "Most often a quotation mark there is not closed."
                ) from None
            records += some
            before, used = used, self._reader.line_num - self._line_number
            characters += sum(map(len, self._lines[before:used]))
            if some and some[-1] == [self._end]:
                break
            if len(some) < wanted:
                raise self._left_open(len(records))
        self._line_number += used
        return records, used

    def _left_open(self, pending: int) -> Exception:
        row = self.records_read + pending
        return not_a_table(
            f"A quotation mark that opens in row {row} is never closed, so the rest of the file "
            "would be one cell. Remove it, or write it twice if it is part of the text."
        )

    def _read(self, blocks: Iterable[bytes]) -> Iterator[list[str]]:
        """Lists of lines with their ends, then the end mark."""
        decoder = codecs.getincrementaldecoder("utf-8")("strict")
        rest = ""
        seen = 0
        for block in _pieces(self._without_mark(blocks)):
            if b"\0" in block:
                raise not_a_table(
                    "The file holds NUL bytes, as pictures and programs do. " + _SAVE_AS
                )
            # All lines given out so far are used up when more are asked for.
            if self._bytes_at_once > _BYTES_AT_ONCE:
                raise not_a_table(
                    f"The rows near row {self.records_read + 1} have many thousands of cells or "
                    "characters each. " + _SAVE_AS
                )
            self._bytes_at_once += len(block)
            rest += _decoded(decoder, block, seen)
            seen += len(block)
            # newline="" splits at LF, CR and CR LF and keeps them, as csv wants it.
            lines = io.StringIO(rest, newline="").readlines()
            # A last line that ends with CR may go on with LF in the next block.
            rest = lines.pop() if lines and not lines[-1].endswith("\n") else ""
            if len(rest) > MAX_LINE_CHARACTERS:
                raise not_a_table(
                    "A line of the file has more than a million characters. " + _SAVE_AS
                )
            self._lines += lines
            yield lines
        rest += _decoded(decoder, b"", seen, final=True)
        lines = io.StringIO(rest, newline="").readlines()
        self._lines += lines
        yield lines
        self._lines.append("")
        yield [f'"{self._end}"']

    def _without_mark(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The blocks without a byte order mark, whatever the size of the first ones."""
        first = b""
        rest = iter(blocks)
        for block in rest:
            first += block
            if len(first) >= len(BOM):
                break
        if first.startswith(BOM):
            self._position = len(BOM)
            first = first[len(BOM) :]
        return chain([first], rest)


def _pieces(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in smaller blocks: what is decoded and split takes many times their size."""
    for block in blocks:
        for start in range(0, len(block), _PIECE_BYTES):
            yield block[start : start + _PIECE_BYTES]


def records_of(data: bytes, delimiter: str = ",") -> list[list[str]]:
    """The records of a run, read again from its bytes."""
    return list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter))


def is_blank(record: list[str]) -> bool:
    """Whether a record has nothing in it: an empty line, or empty cells alone."""
    return not any(map(str.strip, record))


def _decoded(
    decoder: codecs.IncrementalDecoder, block: bytes, seen: int, *, final: bool = False
) -> str:
    try:
        return decoder.decode(block, final)
    except UnicodeDecodeError:
        refusal = not_a_table(
            "The file is not saved as UTF-8. In Excel choose “CSV UTF-8 (Comma delimited)”; in "
            "another system set the encoding to UTF-8. Then upload that file."
        )
        raise NotUtf8(*refusal.findings) from None
