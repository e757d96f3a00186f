"""Audit periods: whether records of a year of diagnosis may still be changed. Pure.

A year without days is open. It is *open* to the end of its entry deadline, then in *grace* to the
day on which it locks, then *locked*. An extension moves that day for one site; unlocking gives a
locked record or year back for a while, which counts as grace.

Source: domain notes 7.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal
from uuid import UUID

Status = Literal["open", "grace", "locked"]

EXTENSION_REASONS: dict[str, str] = {
    "staffing": "Too few people to enter the records in time",
    "it_failure": "A failure of computers or networks at the site",
    "late_start": "The site began to take part late",
    "data_quality": "Errors in stored records have to be corrected",
    "other": "Another reason, said in words",
}
"""Why a site may get more time: code -> words."""

FIRST_YEAR: Final = 2016
"""The first year of diagnosis that the audit covers."""

LONGEST_UNLOCK_DAYS: Final = 92
"""An unlocked record or year locks again by itself after a quarter at most."""


@dataclass(frozen=True, slots=True)
class PeriodDays:
    """The days of one year of diagnosis, the same for all sites.

    Args:
        entry_deadline: the last day on which records are expected.
        locks_on: the first day on which the year is locked.
    """

    entry_deadline: date
    locks_on: date


@dataclass(frozen=True, slots=True)
class Period:
    """What holds for a year of diagnosis at one site on one day.

    Attributes:
        locks_on: the first locked day, moved by an extension; None if the year has no days.
        unlocked_until: the last day of an unlocking that holds today.
    """

    year: int
    status: Status
    entry_deadline: date | None = None
    locks_on: date | None = None
    unlocked_until: date | None = None

    @property
    def is_locked(self) -> bool:
        """True when nothing of this year may be changed."""
        return self.status == "locked"


def period_status(
    days: PeriodDays | None,
    *,
    today: date,
    extended_until: date | None = None,
    unlocked_until: date | None = None,
) -> Status:
    """Whether a year may be changed.

    Args:
        days: None for a year that has none: it is open.
        extended_until: the last day of the longest extension of the site for the year.
        unlocked_until: the last day of an unlocking of the record or the year.

    >>> year = PeriodDays(entry_deadline=date(2025, 3, 31), locks_on=date(2025, 5, 1))
    >>> period_status(year, today=date(2025, 3, 31)), period_status(year, today=date(2025, 4, 30))
    ('open', 'grace')
    >>> period_status(year, today=date(2025, 5, 1))
    'locked'
    >>> period_status(year, today=date(2025, 5, 1), extended_until=date(2025, 5, 1))
    'grace'
    >>> period_status(year, today=date(2025, 9, 1), unlocked_until=date(2025, 9, 1))
    'grace'
    """
    if days is None or today <= days.entry_deadline:
        return "open"
    if today < first_locked_day(days, extended_until):
        return "grace"
    return "grace" if unlocked_until is not None and today <= unlocked_until else "locked"


def first_locked_day(days: PeriodDays, extended_until: date | None) -> date:
    """The day on which a year locks at a site; an extension can only make it later."""
    if extended_until is None:
        return days.locks_on
    return max(days.locks_on, extended_until + timedelta(days=1))


def period_of(
    year: int,
    days: PeriodDays | None,
    *,
    today: date,
    extended_until: date | None = None,
    unlocked_until: date | None = None,
) -> Period:
    """What holds for a year at a site; arguments as for `period_status`."""
    if days is None:
        return Period(year, "open")
    holds = unlocked_until if unlocked_until is not None and today <= unlocked_until else None
    return Period(
        year,
        period_status(days, today=today, extended_until=extended_until, unlocked_until=holds),
        days.entry_deadline,
        first_locked_day(days, extended_until),
        holds,
    )


@dataclass(frozen=True, slots=True)
class Locks:
    """What is locked at a site today, for many records at once.

    Attributes:
        years: locked years of diagnosis.
        unlocked: (record, year) that were unlocked by themselves.
    """

    years: frozenset[int] = frozenset()
    unlocked: frozenset[tuple[UUID, int]] = frozenset()

    def refuse(self, year: int, record_id: UUID | None = None) -> bool:
        """Whether a record may not be brought into, changed in or taken out of a year."""
        return year in self.years and (record_id, year) not in self.unlocked
