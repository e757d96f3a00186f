"""Decides in which order each date column of a file writes day and month, or refuses to guess.

Source: domain notes 5.2 (dates) and 5.2.1 (evidence for a date column).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dataset.dates import DateEvidence, DateOrder, Example
from services.imports.domain.plans import DateRead
from services.imports.domain.refusals import FileFinding

_DAY = re.compile(r"([0-9]{1,2})[-/.]")
_UNAMBIGUOUS = re.compile(r"[0-9]{4}|.*[A-Za-z]{3}")
_NAMES = {"dmy": "day, month, year", "mdy": "month, day, year", "iso": "year, month, day"}


@dataclass(frozen=True, slots=True)
class DateColumn:
    """A date column: its field's key, the file's own heading, and what its cells say."""

    key: str
    heading: str
    evidence: DateEvidence


def decide_date_orders(
    columns: list[DateColumn], chosen: str | None, row_of: Callable[[int], int]
) -> tuple[dict[str, DateOrder], list[FileFinding]]:
    """The order of each date column, and why the file is refused where one has none.

    A column's own cells decide. Where they leave it open, the uploader's choice does, else the
    other columns of the file if they all prove the same. Month before day is believed only if the
    uploader says so too: one mistyped cell in a British file looks the same.

    Args:
        chosen: the order the uploader gave, or None.
        row_of: row number of a place in the evidence.

    Returns:
        Orders by field key, and findings of level error; orders count only if there are none.
    """
    proposed = _proposal(columns)
    orders: dict[str, DateOrder] = {}
    findings = []
    for column in columns:
        order, problem = _decide(column, chosen, proposed, row_of)
        orders[column.key] = order
        if problem is not None:
            findings.append(FileFinding("T01", "error", problem, column.key))
    return orders, findings


def dates_read(
    columns: list[DateColumn],
    orders: Mapping[str, DateOrder],
    chosen: str | None,
    row_of: Callable[[int], int],
    *,
    by: str = "you",
) -> tuple[DateRead, ...]:
    """What people are shown: how each column that has dates is read, and why so.

    Args:
        by: who has chosen: `you`, or the `profile`.
    """
    read = []
    for column in columns:
        verdict = column.evidence.verdict()
        if verdict == "empty":
            continue
        by_cells = verdict == "iso" or _proves_day_first(column.evidence)
        settled_by = "cells" if by_cells else "file" if chosen is None else by
        if verdict == "dmy" and chosen is None:
            settled_by = "cells"
        row = row_of(_telling(column.evidence).index)
        read.append(DateRead(column.key, column.heading, orders[column.key], settled_by, row))
    return tuple(read)


def _decide(
    column: DateColumn, chosen: str | None, proposed: DateOrder | None, row_of: Callable[[int], int]
) -> tuple[DateOrder, str | None]:
    verdict = column.evidence.verdict()
    if verdict in ("empty", "iso"):
        return "dmy" if verdict == "empty" else "iso", None
    rows = _rows(column.evidence, row_of)
    name = f'Column "{column.heading}"'
    if verdict == "contradictory":
        return "dmy", (
            f"{name}: {rows} contradict each other: in one the day stands first, in the other the "
            "month. Write all dates of the column in one way."
        )
    if verdict == "mdy":
        if chosen == "mdy":
            return "mdy", None
        return "dmy", (
            f"{name}: in {rows} the month stands before the day. If the whole column is so, upload "
            'it again and say that dates are written "month, day, year"; if not, correct these '
            "cells."
        )
    if verdict == "dmy":
        if chosen in (None, "dmy") or not _proves_day_first(column.evidence):
            return _order(chosen, "dmy"), None
        return "dmy", (
            f'{name}: you chose "{_NAMES[str(chosen)]}", but in {rows} the day stands first. '
            "Choose the order that the file uses."
        )
    return _settle(column, chosen, proposed, f"{name}: {rows}")


def _settle(
    column: DateColumn, chosen: str | None, proposed: DateOrder | None, cells: str
) -> tuple[DateOrder, str | None]:
    mixed = any(_UNAMBIGUOUS.match(e.text) for e in column.evidence.examples())
    if chosen is not None:
        return _order(chosen, "dmy"), None
    if mixed:
        return "dmy", (
            f"{cells} write their dates in different ways. Write all dates of the column in one "
            "way, or upload it again and say how dates are written."
        )
    if proposed is not None:
        return proposed, None
    return "dmy", (
        f"{cells} could be read with the day or the month first, and nothing else in the file "
        "settles it. Upload it again and say how dates are written."
    )


def _proposal(columns: list[DateColumn]) -> DateOrder | None:
    """What the columns that prove an order agree on, if they do."""
    verdicts = {column.evidence.verdict() for column in columns}
    if verdicts & {"mdy", "contradictory"}:
        return None
    return "dmy" if any(_proves_day_first(column.evidence) for column in columns) else None


def _proves_day_first(evidence: DateEvidence) -> bool:
    return evidence.verdict() == "dmy" and any(map(_is_day_first, evidence.examples()))


def _telling(evidence: DateEvidence) -> Example:
    """The example to show: one that settles the order if there is one, else the first."""
    examples = evidence.examples()
    return next(filter(_is_day_first, examples), examples[0])


def _is_day_first(example: Example) -> bool:
    day = _DAY.match(example.text)
    return day is not None and int(day[1]) > 12


def _order(chosen: str | None, otherwise: DateOrder) -> DateOrder:
    orders: Mapping[str | None, DateOrder] = {"dmy": "dmy", "mdy": "mdy", "iso": "iso"}
    return orders.get(chosen, otherwise)


def _rows(evidence: DateEvidence, row_of: Callable[[int], int]) -> str:
    """The example cells by their rows: a date of birth is not repeated in a message."""
    rows = [str(row_of(example.index)) for example in evidence.examples()]
    return (
        f"the cell in row {rows[0]}"
        if len(rows) == 1
        else f"the cells in rows {rows[0]} and {rows[1]}"
    )
