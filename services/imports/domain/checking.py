"""Checks the rows of one chunk with the dataset's rules, and packs those that records must see.

Works by columns: per cell there is no Python call of ours. The rules themselves are the dataset's,
the same as for the page and the API; here is only what a file adds: R01 of an update, R03, R04 and
R08.

A row is checked as the record that it makes by itself. Where a file may update, a row may be part
of a stored record instead, which only records can know: so rows that are wrong by themselves are
sent too, with that verdict. What was found of a row as a new record (`if_new`) falls when records
says that it was merged.

Source: domain notes 5.2 and 5.2.1.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from dataset.engine import CheckedTexts, RowFinding, check_texts
from dataset.fields import ACKNOWLEDGED, COLUMN_BY_KEY
from dataset.findings import Finding, is_error
from dataset.reading import read_column
from dataset.states import asks_to_confirm, token_of
from dataset.wire import WARNED, WRONG, WRONG_IF_NEW
from services.imports.domain.packing import SentRows, pack, unreadable_column
from services.imports.domain.plans import Column, Plan
from services.imports.domain.splitting import is_blank

MAX_VALUE = 200
"""Characters of a cell that are kept with a finding."""
_NO_KEY = Finding(
    "R01",
    "error",
    "local_id",
    "To find the record to update, the row needs a local identifier, or NHS number and date of "
    "diagnosis.",
    ("nhs_number", "date_index_diagnosed"),
)


class CellFinding(NamedTuple):
    """A finding and where it stands in the file.

    Attributes:
        heading: the file's own; None if it is about the row.
        field: key of the field; may name one that the file has no column for.
        value: the cell as written, at most 200 characters; an identifier as a rule, so it is
            sealed before it is kept.
        if_new: it holds only if the row is about a new record.
    """

    row: int
    heading: str | None
    field: str | None
    code: str
    level: str
    message: str
    value: str | None
    if_new: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a chunk that are checked, and what is said of those that are not.

    Attributes:
        numbers: row numbers, as long as `records`.
        records: as many cells each as there are headings.
    """

    numbers: list[int]
    records: list[list[str]]
    findings: list[CellFinding]


@dataclass(frozen=True, slots=True)
class CheckedChunk:
    """What came of a chunk.

    Attributes:
        findings: by row, then as the dataset orders them.
        sent: the rows that records must see.
        rejected: rows that are not sent because of an error.
        with_warnings: rows without an error but with a warning, acknowledged or not.
    """

    findings: list[CellFinding]
    sent: SentRows
    row_count: int
    same: int
    rejected: int
    with_warnings: int


def check_chunk(
    records: list[list[str]],
    *,
    first_row: int,
    repeats: Mapping[str, Any],
    plan: Plan,
    mode: str,
    site_code: str,
    today: date,
) -> CheckedChunk:
    """Checks a chunk.

    Args:
        records: as `splitting.records_of` reads them, blank ones included.
        first_row: row number of the first record.
        repeats: {"same": [row, ...], "differ": [[row, other row], ...]} of this chunk.
        today: the date in Europe/London.
    """
    same = set(repeats["same"])
    rows, row_count = _select(records, first_row, same, plan.width)
    columns: list[Sequence[str]] = list(zip(*rows.records, strict=True)) or [()] * plan.width
    texts = {c.key: columns[c.position] for c in plan.columns}
    if plan.setup is not None:
        texts = {key: plan.setup.read_texts(key, column) for key, column in texts.items()}
    read = _read(texts, len(rows.numbers), plan=plan, mode=mode, today=today)
    # What no record can mend; such a row goes no further.
    final = [] if mode != "update_only" else _rows_without_key(read.columns, len(rows.numbers))
    final += _foreign_rows(texts.get("service_code"), site_code)
    repeated = _repeated_rows(rows.numbers, dict(repeats["differ"]))
    in_any_case = [*read.of_cells, *final, *repeated]
    verdicts = _verdicts(read.columns.get(ACKNOWLEDGED), in_any_case, read.of_records)
    wrong = {place for place, verdict in verdicts.items() if verdict != WARNED}
    unlikely = {p for p, found in in_any_case + read.of_records if not is_error(found)} - wrong
    values: dict[str, list[Any]] = {
        c.key: read.columns[c.key] for c in plan.columns if c.key != "service_code"
    }
    values |= unreadable_column(read, len(rows.numbers))
    sent = pack(
        rows.numbers,
        values,
        verdicts,
        leave_out=wrong if mode == "add_only" else {place for place, _ in final},
    )
    columns_by_key = {c.key: c for c in plan.columns}
    findings = [
        *rows.findings,
        *_placed(read.of_cells, rows, columns_by_key),
        *_placed(read.of_records, rows, columns_by_key, if_new=True),
        *_placed(final + repeated, rows, columns_by_key),
    ]
    findings.sort(key=itemgetter(0))
    return CheckedChunk(
        findings=findings,
        sent=sent,
        row_count=row_count,
        same=len(same),
        rejected=row_count - len(same) - len(sent),
        with_warnings=len(unlikely),
    )


def batch_of(import_id: str, number: int, chunk: CheckedChunk) -> bytes:
    """The rows of a chunk as they travel to records, before they are sealed.

    zlib-compressed JSON: {"import_id", "number", "row_numbers", "verdicts", "cleared", "columns"},
    the last four as in `SentRows`; dates as ISO texts, decimals as texts, several values as lists.
    Beside fields, two names may be among the columns: "acknowledged", tokens of warnings, and
    "unreadable", fields of the row whose cell could not be read.
    """
    sent = chunk.sent
    document = {
        "import_id": import_id,
        "number": number,
        "row_numbers": sent.row_numbers,
        "verdicts": sent.verdicts,
        "cleared": sent.cleared,
        "columns": sent.columns,
    }
    # Level 1: a third of the time of the default for a tenth more bytes.
    return zlib.compress(orjson.dumps(document), 1)


def _select(
    records: list[list[str]], first_row: int, same: set[int], width: int
) -> tuple[Rows, int]:
    """The rows to check, findings about ragged ones, and how many rows are not blank."""
    numbers: list[int] = []
    kept: list[list[str]] = []
    ragged: list[CellFinding] = []
    row_count = 0
    for number, record in enumerate(records, first_row):
        if is_blank(record):
            continue
        row_count += 1
        if len(record) != width:
            ragged.append(_ragged(number, len(record), width))
        elif number not in same:
            numbers.append(number)
            kept.append(record)
    return Rows(numbers, kept, ragged), row_count


def _ragged(row: int, cells: int, width: int) -> CellFinding:
    cause = (
        "Check for a comma within a text; such a text needs quotation marks around it."
        if cells > width
        else "Cells are missing: check for a row cut short, or a line break within a text; such a "
        "text needs quotation marks around it."
    )
    have = "1 cell" if cells == 1 else f"{cells} cells"
    message = f"The row has {have}, the headings have {width}. {cause}"
    return CellFinding(row, None, None, "R08", "error", message, None)


def _read(
    texts: Mapping[str, Sequence[str]], row_count: int, *, plan: Plan, mode: str, today: date
) -> CheckedTexts:
    """The values of the cells, and what the dataset says of them.

    A row that can only update is no record by itself: its cells alone are looked at.
    """
    texts = {key: column for key, column in texts.items() if key != "service_code"}
    if mode != "update_only":
        return check_texts(texts, row_count, today=today, date_orders=plan.date_orders)
    values: dict[str, list[Any]] = {}
    found: list[RowFinding] = []
    for key, column in texts.items():
        order = plan.date_orders.get(key, "dmy")
        values[key], of_cells = read_column(COLUMN_BY_KEY[key], column, date_order=order)
        found += of_cells
    return CheckedTexts(values, found, [])


def _rows_without_key(values: Mapping[str, list[Any]], row_count: int) -> list[RowFinding]:
    blank = [None] * row_count
    local_ids = values.get("local_id", blank)
    numbers = values.get("nhs_number", blank)
    days = values.get("date_index_diagnosed", blank)
    return [
        (place, _NO_KEY)
        for place, (local_id, number, day) in enumerate(zip(local_ids, numbers, days, strict=True))
        if not local_id and not (number and day)
    ]


def _foreign_rows(column: Sequence[str] | None, site_code: str) -> Iterable[RowFinding]:
    """R04 for each row whose service code is another site's; a blank one is ours."""
    if column is None or set(column) <= {"", site_code}:
        return []
    finding = Finding(
        "R04",
        "error",
        "service_code",
        f"The row belongs to another service: yours is {site_code}. Remove the row or correct it.",
    )
    ours = {"", site_code.casefold()}
    foreign = {text for text in set(column) if text.strip().casefold() not in ours}
    return [(place, finding) for place, text in enumerate(column) if text in foreign]


def _repeated_rows(numbers: list[int], differ: Mapping[int, int]) -> list[RowFinding]:
    if not differ:
        return []
    return [
        (
            place,
            Finding(
                "R03",
                "error",
                None,
                f"Row {differ[number]} has the same key (local identifier, or NHS number and date "
                "of diagnosis) but differs. Keep the right one; until then neither is stored.",
            ),
        )
        for place, number in enumerate(numbers)
        if number in differ
    ]


def _verdicts(
    acknowledged: Sequence[Any] | None, always: Iterable[RowFinding], if_new: Iterable[RowFinding]
) -> dict[int, int]:
    """Place of a row -> its verdict, of rows that are not fine."""
    verdicts: dict[int, int] = {}
    for found, wrong in ((always, WRONG), (if_new, WRONG_IF_NEW)):
        for place, finding in found:
            if is_error(finding):
                verdict = wrong
            elif asks_to_confirm(finding) and not (
                acknowledged and token_of(finding) in (acknowledged[place] or ())
            ):
                verdict = WARNED
            else:
                continue
            verdicts[place] = max(verdict, verdicts.get(place, verdict))
    return verdicts


def _placed(
    found: Iterable[RowFinding],
    rows: Rows,
    columns: Mapping[str, Column],
    *,
    if_new: bool = False,
) -> list[CellFinding]:
    placed = []
    for place, finding in found:
        column = columns.get(finding.field) if finding.field else None
        value = rows.records[place][column.position][:MAX_VALUE] if column else None
        placed.append(
            CellFinding(
                row=rows.numbers[place],
                heading=column.heading if column else None,
                field=finding.field,
                code=finding.code,
                level=finding.level,
                message=finding.message,
                value=value or None,
                if_new=if_new,
            )
        )
    return placed
