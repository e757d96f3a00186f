"""V15, V16 and V19: the two follow-ups and new fractures.

Source: domain notes 1.8, 1.10 and 5.2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import compress, count

from dataset.derived import (
    FIRST_DUE_DAYS,
    FIRST_OVERDUE_DAYS,
    SECOND_DUE_DAYS,
    SECOND_OVERDUE_DAYS,
)
from dataset.findings import Finding
from dataset.rules.registry import BOTH, ERROR, error, no_of, rule, warning
from dataset.values import Record

_YES = "1"


# --- V15 and V16: the visits -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Visit:
    """One of the two follow-ups: its rule, its fields and its window in days."""

    code: str
    done: str
    on: str
    due_days: int
    until_days: int
    window: str


_FIRST = _Visit(
    "V15", "fu16_done", "fu16_date", FIRST_DUE_DAYS, FIRST_OVERDUE_DAYS, "12 to 16 weeks"
)
_SECOND = _Visit(
    "V16", "fu52_done", "fu52_date", SECOND_DUE_DAYS, SECOND_OVERDUE_DAYS, "48 to 56 weeks"
)


def _odd_first(
    done: Sequence[str | None],
    visited: Sequence[date | None],
    diagnosed: Sequence[date | None],
    *,
    today: date,
) -> list[int]:
    del today
    low, high = timedelta(FIRST_DUE_DAYS), timedelta(FIRST_OVERDUE_DAYS)
    return [
        i
        for i, (answer, v, d) in enumerate(zip(done, visited, diagnosed, strict=True))
        if (answer != _YES or (d and not low <= v - d <= high) if v else answer == _YES)
    ]


def _odd_second(
    done: Sequence[str | None],
    visited: Sequence[date | None],
    diagnosed: Sequence[date | None],
    first: Sequence[date | None],
    *,
    today: date,
) -> list[int]:
    del today
    low, high = timedelta(SECOND_DUE_DAYS), timedelta(SECOND_OVERDUE_DAYS)
    return [
        i
        for i, (answer, v, d, f) in enumerate(zip(done, visited, diagnosed, first, strict=True))
        if (
            answer != _YES or (d and not low <= v - d <= high) or (f and v <= f)
            if v
            else answer == _YES
        )
    ]


@rule("V15", "fu16_done", "fu16_date", "date_index_diagnosed", levels=BOTH, suspects=_odd_first)
def v15_first_follow_up(record: Record, today: date) -> Iterator[Finding]:
    """The first follow-up has a date exactly if it took place (6.01), and not before the diagnosis.

    Outside 12 to 16 weeks (84 to 112 days) after the diagnosis it is unlikely.

    Source: domain notes 1.10 V15 and 5.2.1.
    """
    del today
    yield from _visit(_FIRST, record)


@rule(
    "V16",
    "fu52_done",
    "fu52_date",
    "date_index_diagnosed",
    "fu16_date",
    levels=BOTH,
    suspects=_odd_second,
)
def v16_second_follow_up(record: Record, today: date) -> Iterator[Finding]:
    """The second follow-up has a date exactly if it took place (7.01), and after the first.

    Before the diagnosis it is impossible; outside 48 to 56 weeks (336 to 392 days) after it, it
    is unlikely.

    Source: domain notes 1.10 V16 and 5.2.1.
    """
    del today
    yield from _visit(_SECOND, record)
    visited_on, first_on = record.get("fu52_date"), record.get("fu16_date")
    if isinstance(visited_on, date) and isinstance(first_on, date) and visited_on <= first_on:
        yield error(
            "V16",
            "fu52_date",
            "The second follow-up (7.02) is not after the first (6.02). Check both dates.",
            "fu16_date",
        )


def _visit(visit: _Visit, record: Record) -> Iterator[Finding]:
    """What the two follow-ups have in common."""
    done_no, date_no = no_of(visit.done), no_of(visit.on)
    took_place = record.get(visit.done) == _YES
    visited_on, diagnosed_on = record.get(visit.on), record.get("date_index_diagnosed")
    if not isinstance(visited_on, date):
        if took_place:
            yield error(
                visit.code,
                visit.on,
                f"{done_no} says that the follow-up took place, so {date_no} needs its date. "
                f"Give the date, or correct {done_no}.",
                visit.done,
            )
        return
    if not took_place:
        yield error(
            visit.code,
            visit.on,
            f"A date of the follow-up ({date_no}) is given, but {done_no} is not Yes. Correct "
            f"{done_no}, or clear the date.",
            visit.done,
        )
    if not isinstance(diagnosed_on, date):
        return
    days = (visited_on - diagnosed_on).days
    if days < 0:
        yield error(
            visit.code,
            visit.on,
            f"The follow-up ({date_no}) is before the fracture was diagnosed (1.09). Check both "
            "dates.",
            "date_index_diagnosed",
        )
    elif not visit.due_days <= days <= visit.until_days:
        yield warning(
            visit.code,
            visit.on,
            f"The follow-up ({date_no}) is not within {visit.window} of the diagnosis (1.09). If "
            "the date is right, confirm it; otherwise check both dates.",
            "date_index_diagnosed",
        )


# --- V19: new fractures ----------------------------------------------------------------------

MOST_DESCRIBED = 3
_NEW = tuple(
    (f"refracture_{number}_site", f"refracture_{number}_on")
    for number in range(1, MOST_DESCRIBED + 1)
)
_NEW_KEYS = tuple(key for pair in _NEW for key in pair)
_UNKNOWN = "U"
_NONE = "0"


def _new_fractures(
    diagnosed: Sequence[date | None],
    counts: Sequence[str | None],
    *given: Sequence[object],
    today: date,
) -> Iterable[int]:
    del diagnosed, today
    none = (_NONE, _UNKNOWN)
    found = {i for i, number in enumerate(counts) if number and number not in none}
    for column in given:
        if any(column):
            found.update(compress(count(), column))
    return sorted(found)


@rule(
    "V19",
    "date_index_diagnosed",
    "refracture_count",
    *_NEW_KEYS,
    levels=ERROR,
    suspects=_new_fractures,
)
def v19_new_fractures(record: Record, today: date) -> Iterator[Finding]:
    """As many new fractures are described (7.07 to 7.09) as 7.06 counts, three at most.

    Each of them happened after the diagnosis of the index fracture.

    Source: domain notes 1.10 V19 and 5.2.1.
    """
    del today
    described = sum(site in record or on in record for site, on in _NEW)
    number = record.get("refracture_count")
    counted = int(number) if isinstance(number, str) and number.isdigit() else 0
    if described != min(counted, MOST_DESCRIBED):
        yield error("V19", "refracture_count", _miscounted(number, counted, described), *_NEW_KEYS)
    diagnosed_on = record.get("date_index_diagnosed")
    for _, key in _NEW:
        day = record.get(key)
        if isinstance(day, date) and isinstance(diagnosed_on, date) and day <= diagnosed_on:
            yield error(
                "V19",
                key,
                f"The new fracture ({no_of(key)}) is not after the index fracture was diagnosed "
                "(1.09). Check both dates.",
                "date_index_diagnosed",
            )


def _miscounted(number: object, counted: int, described: int) -> str:
    """Says what is wrong with the number of new fractures, in words that mend it."""
    if number in (None, _UNKNOWN):
        return (
            "New fractures are described in 7.07 to 7.09, but 7.06 does not say how many there "
            "were. Answer 7.06, or clear 7.07 to 7.09."
        )
    if described < counted:
        return (
            "7.06 counts more new fractures than 7.07 to 7.09 describe; three have a place there. "
            "Describe the others, or correct 7.06."
        )
    return (
        "7.07 to 7.09 describe more new fractures than 7.06 counts. Clear what is too many, or "
        "correct 7.06."
    )
