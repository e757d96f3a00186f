"""Opens a file of any form that hospitals' computers write: as blocks of UTF-8, cells separated.

A UTF-8 text is read as it lies. Anything else (UTF-16, Windows-1252, a workbook) is converted on
the way; the converted form is kept beside the upload, because chunks are read by their bytes.

Source: domain notes 5.2 (file) and 5.2.1 (encodings and forms).
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from dataset.headings import match_headings
from services.imports.domain.content import is_workbook, refuse_other_formats
from services.imports.domain.refusals import FileFinding, not_a_table, note
from services.imports.domain.sources import PartFile, Source, blocks_of
from services.imports.domain.workbooks import csv_of_workbook

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright strokes"}
_HEAD_BYTES = 64 * 1024
_LINES_LOOKED_AT = 20
_MOST_CELLS = 1000
_ENOUGH = 5
"""Known headings that settle the separator."""

_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_UTF8_PAIR = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}")
_DAMAGED_NOT = re.compile(
    rb"n(?:\xc3\xad|\xc3\x95|\xc3\xb5|\xef\xbf\xbd|\xc2\x92|\xc3\xa2\xe2\x82\xac\xe2\x84\xa2)"
    rb"t know",
    re.IGNORECASE,
)
_MARKS_OF_DAMAGE = b"\xc3\xad \xc3\x95 \xc3\xb5 \xef\xbf\xbd \xc2\x92 \xc3\xa2\xe2".split()
"""Looked for first, in a third of the time; most files have none."""
_UNKNOWN_ENCODING = (
    "The encoding of the file cannot be told: its bytes fit neither UTF-8 nor Windows-1252. Save "
    "the sheet as CSV UTF-8 (comma delimited) and upload that file."
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as text.

    Attributes:
        blocks: UTF-8, from the first line on.
        delimiter: what stands between cells.
        converted: whether the blocks are other bytes than the upload's.
        notes: what is said about the form; it grows while the blocks are read.
    """

    blocks: Iterator[bytes]
    delimiter: str
    converted: bool
    notes: list[FileFinding]


def open_source(source: Source, *, as_windows: bool = False) -> Opened:
    """Opens a file.

    Args:
        as_windows: read as Windows-1252, after it turned out not to be UTF-8.

    Raises:
        FileRefused: no form of ours; the blocks may raise it too.
    """
    head = source.part(0)[:_HEAD_BYTES]
    if is_workbook(head):
        blocks, said = csv_of_workbook(io.BufferedReader(PartFile(source)))
        return Opened(blocks, ",", True, said)
    refuse_other_formats(head[:4096])
    encoding = "cp1252" if as_windows else _encoding_of(head)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head).removeprefix("\ufeff")
    delimiter = _delimiter_of(text)
    notes: list[FileFinding] = []
    if encoding == "utf-8":
        return Opened(_watched(blocks_of(source), notes), delimiter, False, notes)
    if as_windows:
        notes.append(
            FileFinding(
                "F03",
                "warning",
                "The file is not saved as UTF-8. It was read as Windows-1252, the older encoding "
                "of Windows programs. Look at accents and other special signs.",
            )
        )
    converted = _converted(blocks_of(source), encoding)
    return Opened(_watched(converted, notes), delimiter, True, notes)


def _encoding_of(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise not_a_table(
            "The file is written in UTF-32. Save the sheet as CSV UTF-8 (comma delimited)."
        )
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Without a mark: letters and digits in UTF-16 have a zero byte each, all on one side.
    some = head[:2000]
    if some and len(some) >= 8:
        even, odd = some[::2].count(0), some[1::2].count(0)
        most = len(some) // 2 * 9 // 10
        if odd >= most and not even:
            return "utf-16-le"
        if even >= most and not odd:
            return "utf-16-be"
    return "utf-8"


def _delimiter_of(text: str) -> str:
    """The separator under which the first lines have the most known headings."""
    text = text[:_HEAD_BYTES]
    best, found = 0, ","
    for delimiter in sorted(DELIMITERS, key=text.count, reverse=True):
        for cells in _first_records(text, delimiter):
            if 1 < len(cells) <= _MOST_CELLS:
                known = match_headings(cells).known
                if known > best:
                    best, found = known, delimiter
        if best >= _ENOUGH:
            break
    return found if best else _widest(text)


def _widest(text: str) -> str:
    """The separator that makes the most cells of the first lines; commas where none does."""
    widths = {
        delimiter: max(map(len, _first_records(text, delimiter)), default=0)
        for delimiter in DELIMITERS
    }
    return max(DELIMITERS, key=lambda delimiter: (widths[delimiter], delimiter == ","))


def _first_records(text: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return list(islice(reader, _LINES_LOOKED_AT))
    except csv.Error:
        return []


def _converted(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        first = True
        for block in blocks:
            if encoding == "cp1252":
                _refuse_mixed(block)
            text = decoder.decode(block)
            yield (text.removeprefix("\ufeff") if first else text).encode()
            first = False
        yield decoder.decode(b"", True).encode()
    except UnicodeError:
        raise not_a_table(_UNKNOWN_ENCODING) from None


def _refuse_mixed(block: bytes) -> None:
    if not block.isascii() and (_UNDEFINED.search(block) or _UTF8_PAIR.search(block)):
        raise not_a_table(_UNKNOWN_ENCODING)


def _watched(blocks: Iterable[bytes], notes: list[FileFinding]) -> Iterator[bytes]:
    """The same blocks; notes where a text was damaged on its way through older programs."""
    told = False
    for block in blocks:
        if not told and _has_damaged_not(block):
            told = True
            notes.append(
                FileFinding(
                    "F03",
                    "warning",
                    "Apostrophes were damaged on the way, as in “Donít know”. They are read as "
                    "“Don't know”.",
                )
            )
        yield block


def _has_damaged_not(block: bytes) -> bool:
    if not any(mark in block for mark in _MARKS_OF_DAMAGE):
        return False
    return _DAMAGED_NOT.search(block) is not None


def skipped(first_row: int) -> FileFinding:
    """What is said when there are other lines above the headings, which are in this row."""
    last = first_row - 1
    rows = "Row 1" if last == 1 else f"Rows 1 to {last}"
    return note(f"{rows} above the headings {'was' if last == 1 else 'were'} passed over.")
