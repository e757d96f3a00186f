"""All findings of a record: the one place that every door (page, API, file) asks.

`check_record` takes one record, `check_columns` many as columns, `check_texts` the cells of a
file; they give the same findings. Pure; knows no store, so what needs one (duplicates, opt-outs,
locked periods) is added by the records service.

Source: domain notes 1.10 and 5.2.1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any

from dataset import nhs_number
from dataset.dates import DateOrder
from dataset.fields import COMPANIONS, FIELDS, KEY_FIELDS, Field
from dataset.findings import Finding, is_error
from dataset.reading import read_column
from dataset.rules import RULES
from dataset.values import Record, Value, is_blank
from dataset.versions import VERSIONS, Version, version_for

Columns = Mapping[str, Sequence[Any]]
RowFinding = tuple[int, Finding]

_NO_LOCAL_ID = Finding(
    "R01",
    "error",
    "local_id",
    "Without an NHS number the record needs a local identifier, so that it can be found again.",
    ("nhs_number",),
)
_MISSING = {
    field.key: Finding(
        "R01",
        "error",
        field.key,
        f"{field.no} {field.label} is missing. Every record needs it.",
    )
    for field in KEY_FIELDS
}
# Codes that some versions do not offer: field key -> code -> names of the versions that do.
_RESTRICTED: dict[str, dict[str, tuple[str, ...]]] = {
    field.key: {
        option.code: option.versions
        for option in field.options
        if len(option.versions) < len(VERSIONS)
    }
    for field in FIELDS
    if any(len(option.versions) < len(VERSIONS) for option in field.options)
}


def check_record(
    record: Record,
    *,
    today: date,
    version: Version | None = None,
    unreadable: Collection[str] = (),
) -> list[Finding]:
    """All findings of one record: keys, codes of its version, rules.

    Args:
        record: canonical values, see `dataset.values`; `CLEAR` counts as blank.
        today: the date in Europe/London.
        version: the version it is bound to; None takes the one of its date of diagnosis.
        unreadable: keys whose text could not be read. Their blank is not a missing answer, and
            rules that speak of them keep silent: what was said about the text comes first.

    Returns:
        Missing keys, then codes, then rules in order of number. Empty if all is well.
    """
    given = {key: value for key, value in record.items() if not is_blank(value)}
    found = [*_missing_keys(given), *_foreign_codes(given, version)]
    for rule in RULES:
        found.extend(rule.check(given, today))
    return [finding for finding in found if not _touches(finding, unreadable)]


def check_columns(
    columns: Columns,
    row_count: int,
    *,
    today: date,
    version: Version | None = None,
    unreadable: Mapping[int, Collection[str]] | None = None,
) -> list[RowFinding]:
    """The findings of many records at once: what `check_record` says of each, but faster.

    Args:
        columns: field key -> one canonical value per record; an absent key is a blank column.
        row_count: how many records there are.
        today: the date in Europe/London.
        version: one version for all; None takes that of each date of diagnosis.
        unreadable: place of a record -> keys whose text could not be read.

    Returns:
        Pairs of the record's place (from 0) and a finding, ordered by place, then as
        `check_record` orders them.
    """
    table = _Table(columns, row_count)
    found = [*_missing_key_rows(table), *_foreign_code_rows(table, version)]
    for rule in RULES:
        lists = [table.column(key) for key in rule.fields]
        for row in rule.suspects(*lists, today=today):
            record = table.record(row, rule.fields)
            found.extend((row, finding) for finding in rule.check(record, today))
    if unreadable:
        found = [pair for pair in found if not _touches(pair[1], unreadable.get(pair[0], ()))]
    # The sort keeps the order of findings of the same row.
    found.sort(key=itemgetter(0))
    return found


@dataclass(frozen=True, slots=True)
class CheckedTexts:
    """Values of a part of a file, and its findings: (place of the row from 0, finding).

    Attributes:
        of_cells: about the text of a cell, whatever record the row is about.
        of_records: about the records that the rows make by themselves.
    """

    columns: dict[str, list[Value]]
    of_cells: list[RowFinding]
    of_records: list[RowFinding]

    @property
    def findings(self) -> list[RowFinding]:
        """All of them, ordered by row: cells in template order, then the record's."""
        return sorted(self.of_cells + self.of_records, key=itemgetter(0))

    @property
    def unreadable(self) -> dict[int, set[str]]:
        """Place of a row -> the fields whose text could not be read."""
        return unreadable_fields(self.of_cells)


def check_texts(
    texts: Mapping[str, Sequence[str]],
    row_count: int,
    *,
    today: date,
    date_orders: Mapping[str, DateOrder] | None = None,
) -> CheckedTexts:
    """Reads the cells of a part of a file and checks the records they make.

    Args:
        texts: field key -> one cell per row; companions are read as well.
        row_count: how many rows there are.
        today: the date in Europe/London.
        date_orders: field key -> order of day and month, for date columns; "dmy" if absent.

    Returns:
        The values and the findings.
    """
    orders = date_orders or {}
    values: dict[str, list[Value]] = {}
    of_cells: list[RowFinding] = []
    for field in (*FIELDS, *COMPANIONS):
        if field.key in texts:
            order = orders.get(field.key, "dmy")
            values[field.key], found = read_column(field, texts[field.key], date_order=order)
            of_cells.extend(found)
    of_records = check_columns(
        values, row_count, today=today, unreadable=unreadable_fields(of_cells)
    )
    return CheckedTexts(values, of_cells, of_records)


def unreadable_fields(of_cells: Iterable[RowFinding]) -> dict[int, set[str]]:
    """Place of a row -> the fields whose text could not be read, of what was said of cells."""
    unreadable: dict[int, set[str]] = {}
    for place, finding in of_cells:
        if is_error(finding) and finding.field:
            unreadable.setdefault(place, set()).add(finding.field)
    return unreadable


class _Table:
    """Columns of equal length, where an absent one is blank."""

    __slots__ = ("_blank", "_columns")

    def __init__(self, columns: Columns, row_count: int) -> None:
        self._columns = columns
        self._blank: list[Value] = [None] * row_count

    def column(self, key: str) -> Sequence[Any]:
        return self._columns.get(key, self._blank)

    def record(self, row: int, keys: Sequence[str]) -> dict[str, Value]:
        """The given values of one row, of these fields alone."""
        values = {key: self.column(key)[row] for key in keys}
        return {key: value for key, value in values.items() if not is_blank(value)}


def _touches(finding: Finding, keys: Collection[str]) -> bool:
    if not keys:
        return False
    return finding.field in keys or any(key in keys for key in finding.fields)


# --- keys ------------------------------------------------------------------------------------


def _missing_keys(record: Record) -> Iterator[Finding]:
    """What a record cannot be saved without. Source: domain notes 1.2 (K) and 5.2.1."""
    for key, finding in _MISSING.items():
        if key not in record:
            yield finding
    if record.get("nhs_number") in nhs_number.REASONS_FOR_NONE and "local_id" not in record:
        yield _NO_LOCAL_ID


def _missing_key_rows(table: _Table) -> Iterator[RowFinding]:
    for key, finding in _MISSING.items():
        column = table.column(key)
        if not all(column):
            yield from ((row, finding) for row, value in enumerate(column) if not value)
    numbers, local_ids = table.column("nhs_number"), table.column("local_id")
    if nhs_number.NOT_UK in numbers or nhs_number.UNTRACED in numbers:
        for row, (number, local_id) in enumerate(zip(numbers, local_ids, strict=True)):
            if number in nhs_number.REASONS_FOR_NONE and not local_id:
                yield row, _NO_LOCAL_ID


# --- codes of the version --------------------------------------------------------------------


def _foreign_code(field: Field, code: str, version: Version) -> Finding:
    """Says that an answer is not offered to fractures of this time."""
    return Finding(
        "T03",
        "error",
        field.key,
        f'{field.no}: "{field.label_of(code)}" is not offered for fractures diagnosed from '
        f"{version.valid_from.day}/{version.valid_from.month}/{version.valid_from.year} on. "
        "Give the answer that fits best.",
        ("date_index_diagnosed",),
    )


def _foreign_codes(record: Record, version: Version | None) -> Iterator[Finding]:
    diagnosed_on = record.get("date_index_diagnosed")
    if version is None:
        if not isinstance(diagnosed_on, date):
            return
        version = version_for(diagnosed_on)
    for field in _RESTRICTED_FIELDS:
        for code in _each(record.get(field.key)):
            versions = _RESTRICTED[field.key].get(code)
            if versions is not None and version.name not in versions:
                yield _foreign_code(field, code, version)


def _each(value: Value) -> tuple[str, ...]:
    """The codes of a value: several, one or none."""
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, str) else ()


def _foreign_code_rows(table: _Table, version: Version | None) -> Iterator[RowFinding]:
    suspects: set[int] = set()
    for field in _RESTRICTED_FIELDS:
        codes = _RESTRICTED[field.key].keys()
        column = table.column(field.key)
        different = {value for value in set(column) if value and not codes.isdisjoint(_each(value))}
        if different:
            suspects.update(row for row, value in enumerate(column) if value in different)
    if version is None:
        # The oldest version offers every code.
        days, since = table.column("date_index_diagnosed"), VERSIONS[1].valid_from
        suspects = {row for row in suspects if days[row] and days[row] >= since}
    keys = [*_RESTRICTED, "date_index_diagnosed"]
    for row in sorted(suspects):
        for finding in _foreign_codes(table.record(row, keys), version):
            yield row, finding


_RESTRICTED_FIELDS = [field for field in FIELDS if field.key in _RESTRICTED]
