"""Reads a file once from end to end and decides how its rows will be checked.

Headings, the order of each date column, rows that repeat each other, and where to cut. Memory is
bounded by one chunk and a few bytes a row.

Source: domain notes 5.2 and 5.2.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress
from operator import itemgetter
from typing import NamedTuple

from dataset.dates import DateEvidence
from dataset.fields import ACKNOWLEDGED, COLUMN_BY_KEY
from dataset.headings import HeadingMatch, match_headings
from services.imports.domain.date_orders import DateColumn, dates_read, decide_date_orders
from services.imports.domain.lost_zeros import IdentifierLengths
from services.imports.domain.opening import Opened, open_source, skipped
from services.imports.domain.plans import MAX_ROWS, ROWS_PER_CHUNK, Column, Cut, Plan, Prepared
from services.imports.domain.refusals import (
    FileFinding,
    FileRefused,
    NotUtf8,
    not_a_table,
)
from services.imports.domain.repeats import RepeatFinder
from services.imports.domain.setup import Setup
from services.imports.domain.sources import Source
from services.imports.domain.splitting import RUN_CHARACTERS, RecordReader, Run, is_blank

_ROWS_BEFORE = 20
_SEPARATOR_LINE = re.compile("sep=[,;|]?", re.IGNORECASE)
_FEW = 3
"""A first row with fewer known headings is taken for data: it is then not quoted in findings."""
_HEADINGS_BELONG = "The headings of the template belong in the first row."
MAX_COLUMNS = 1000
"""An export may have many columns that are not ours; each is named in a finding."""


def prepare(
    source: Source,
    *,
    mode: str,
    date_order: str | None,
    may_acknowledge: bool = False,
    max_rows: int = MAX_ROWS,
    rows_per_chunk: int = ROWS_PER_CHUNK,
    keep: Callable[[bytes], None] | None = None,
    setup_for: SetupFor | None = None,
) -> tuple[Prepared, list[FileFinding]]:
    """Reads a file from end to end.

    Args:
        source: its bytes.
        mode: one of `uploads.MODES`; "update_only" needs fewer columns.
        date_order: what the uploader said, or None.
        may_acknowledge: whether the uploader may confirm warnings; if not, the column
            Acknowledged is passed over.
        keep: takes the converted form, block by block, of a file that is no UTF-8 text; the cuts
            are places in it.
        setup_for: gives the site's set-up for some headings, if there is one.

    Returns:
        The decisions, and findings about the file that do not stop it (H01, F03, F06, F07).

    Raises:
        FileRefused: with everything that stops it.
    """
    choices = _Choices(mode, date_order, may_acknowledge, max_rows, rows_per_chunk, setup_for)
    opened = open_source(source)
    try:
        return _read(opened, choices, keep)
    except NotUtf8:
        if opened.converted:
            raise
    return _read(open_source(source, as_windows=True), choices, keep)


_ROWS_AT_ONCE = 1_000
"""Rows held while a file is read: a fifth of a chunk, since nothing else needs them together."""

SetupFor = Callable[[Sequence[str]], Setup | None]


class _Choices(NamedTuple):
    mode: str
    date_order: str | None
    may_acknowledge: bool
    max_rows: int
    rows_per_chunk: int
    setup_for: SetupFor | None


def _read(
    opened: Opened, choices: _Choices, keep: Callable[[bytes], None] | None
) -> tuple[Prepared, list[FileFinding]]:
    blocks = opened.blocks
    if opened.converted and keep is not None:
        blocks = _kept(blocks, keep)
    reader = RecordReader(blocks, opened.delimiter)
    heading_row, headings, notes = find_headings(reader, choices.setup_for)
    if len(headings) > MAX_COLUMNS:
        raise not_a_table(f"The first row has more than {MAX_COLUMNS:,} cells. {_HEADINGS_BELONG}")
    setup = choices.setup_for(headings) if choices.setup_for else None
    names = headings if setup is None else setup.read_headings(headings)
    match = match_headings(names, update_only=choices.mode == "update_only")
    warnings = _judge_headings(match, set_up=setup is not None)
    date_order = choices.date_order or (setup.date_order if setup else None)
    columns = tuple(
        Column(position, field.key, headings[position].strip())
        for position, field in enumerate(match.columns)
        if field is not None
    )
    if not choices.may_acknowledge:
        columns, passed_over = _without_acknowledged(columns)
        warnings += passed_over
    scan = _Scan(len(headings), heading_row, columns, choices)
    while (run := reader.take(min(_ROWS_AT_ONCE, choices.rows_per_chunk))) is not None:
        scan.add(run)
    orders, problems = decide_date_orders(scan.date_columns, date_order, scan.row_of)
    if not scan.rows_total:
        raise not_a_table("The file has headings, but no rows below. Upload it with its rows.")
    if problems:
        raise FileRefused(*problems)
    plan = Plan(
        len(headings),
        heading_row,
        columns,
        orders,
        opened.delimiter,
        opened.converted,
        dates_read(
            scan.date_columns,
            orders,
            date_order,
            scan.row_of,
            by="you" if choices.date_order else "profile",
        ),
        setup,
    )
    prepared = Prepared(plan, tuple(scan.cuts), scan.finder.find(), scan.rows_total)
    return prepared, [*opened.notes, *notes, *warnings, *scan.lost_zeros()]


def _kept(blocks: Iterable[bytes], keep: Callable[[bytes], None]) -> Iterator[bytes]:
    for block in blocks:
        keep(block)
        yield block


def _without_acknowledged(
    columns: tuple[Column, ...],
) -> tuple[tuple[Column, ...], list[FileFinding]]:
    """The columns without the acknowledgements, and what to say if there were any."""
    kept = tuple(column for column in columns if column.key != ACKNOWLEDGED)
    return kept, [
        FileFinding(
            "H01",
            "warning",
            f'Column {column.position + 1} ("{column.heading}") is passed over, because your '
            "account may not confirm warnings. What is confirmed already stays so; for the rest, "
            "ask your lead.",
            ACKNOWLEDGED,
        )
        for column in columns
        if column.key == ACKNOWLEDGED
    ]


class _Scan:
    """What is gathered on the way through the rows."""

    def __init__(
        self, width: int, heading_row: int, columns: tuple[Column, ...], choices: _Choices
    ) -> None:
        self.cuts: list[Cut] = []
        self.rows_total = 0
        self.finder = RepeatFinder()
        self._lengths = IdentifierLengths()
        self.date_columns = [
            DateColumn(column.key, column.heading, DateEvidence())
            for column in columns
            if COLUMN_BY_KEY[column.key].kind == "date"
        ]
        self._columns = {column.key: column for column in columns}
        self._width = width
        self._heading_row = heading_row
        self._next_row = heading_row + 1
        self._max_rows = choices.max_rows
        self._rows_per_chunk = choices.rows_per_chunk

    def row_of(self, place: int) -> int:
        """The row number of a place in the evidence of a date column."""
        return self._heading_row + 1 + place

    def add(self, run: Run) -> None:
        """Takes the next records into account. Raises FileRefused when there are too many."""
        first = self._next_row
        self._next_row += len(run.records)
        blank = list(map(is_blank, run.records))
        count = blank.count(False)
        if count:
            number, last = len(self.cuts) + 1, self._next_row - 1
            self._cut(Cut(number, first, last, count, run.byte_start, run.byte_end))
        self.rows_total += count
        if self.rows_total > self._max_rows:
            raise FileRefused(
                FileFinding(
                    "F04",
                    "error",
                    f"The file has more than {self._max_rows:,} rows. Split it into several files.",
                )
            )
        self._look_at(first, run.records, blank)

    def _cut(self, cut: Cut) -> None:
        """Adds a run to the last chunk, or begins the next one where it would become too large."""
        if self.cuts:
            joined = self.cuts[-1].joined(cut)
            if (
                joined.last_row - joined.first_row < self._rows_per_chunk
                and joined.byte_end - joined.byte_start <= RUN_CHARACTERS
            ):
                self.cuts[-1] = joined
                return
        self.cuts.append(cut)

    def _look_at(self, first: int, records: list[list[str]], blank: list[bool]) -> None:
        width = self._width
        rows: range | list[int] = range(first, first + len(records))
        ragged = [len(record) != width for record in records]
        if True in blank or True in ragged:
            empty = [""] * width
            whole = [not (b or r) for b, r in zip(blank, ragged, strict=True)]
            self._look_at_dates(
                [empty if r else record for r, record in zip(ragged, records, strict=True)]
            )
            rows, records = list(compress(rows, whole)), list(compress(records, whole))
        else:
            self._look_at_dates(records)
        local_ids = self._column("local_id", records)
        if local_ids is not None:
            self._lengths.add(rows, local_ids)
        self.finder.add(
            rows,
            records,
            local_ids=local_ids,
            nhs_numbers=self._column("nhs_number", records),
            diagnosed=self._column("date_index_diagnosed", records),
        )

    def lost_zeros(self) -> list[FileFinding]:
        """What is said of the local identifiers when some may have lost zeros in front."""
        column = self._columns.get("local_id")
        finding = column and self._lengths.finding(column.key, column.heading)
        return [finding] if finding else []

    def _look_at_dates(self, records: list[list[str]]) -> None:
        for column in self.date_columns:
            column.evidence.add_many(map(itemgetter(self._columns[column.key].position), records))

    def _column(self, key: str, records: list[list[str]]) -> list[str] | None:
        column = self._columns.get(key)
        return None if column is None else list(map(itemgetter(column.position), records))


def find_headings(
    reader: RecordReader, setup_for: SetupFor | None
) -> tuple[int, list[str], list[FileFinding]]:
    """Row number and texts of the headings, and what is said about rows above them.

    The headings are the first of the first twenty records that has a few known ones, or is set up;
    if there is none, the first record with something in it, which is then refused.
    """
    first: tuple[int, list[str]] | None = None
    title = False
    for row in range(1, _ROWS_BEFORE + 1):
        run = reader.take(1)
        if run is None:
            break
        record = run.records[0]
        if is_blank(record):
            continue
        if len(record) <= MAX_COLUMNS and are_headings(record, setup_for):
            return row, record, [skipped(row)] if title else []
        title = title or not _SEPARATOR_LINE.fullmatch("".join(record).strip())
        first = first or (row, record)
    if first is None:
        raise not_a_table(
            f"No row of headings was found at the top of the file. {_HEADINGS_BELONG}"
        )
    return (*first, [])


def are_headings(record: list[str], setup_for: SetupFor | None) -> bool:
    """Whether a record is headings: a few of them are known, or they were set up."""
    if match_headings(record).known >= _FEW:
        return True
    return setup_for is not None and len(record) > 1 and setup_for(record) is not None


def _judge_headings(match: HeadingMatch, *, set_up: bool) -> list[FileFinding]:
    """What is said about the headings and does not stop the file.

    Raises:
        FileRefused: what stops it.
    """
    looks_like_headings = set_up or match.known >= _FEW
    findings = [
        FileFinding(finding.code, finding.level, finding.message, finding.field)
        for finding in match.findings
        # Without headings the first row is a patient's: its cells must not be repeated.
        if looks_like_headings or finding.code == "H02"
    ]
    if not looks_like_headings:
        findings.insert(
            0,
            FileFinding(
                "F01",
                "error",
                f"No row at the top looks like headings of the dataset. {_HEADINGS_BELONG}",
            ),
        )
    if any(finding.level == "error" for finding in findings):
        raise FileRefused(*findings)
    return findings
