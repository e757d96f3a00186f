"""Who is asked in a round, until when, and on which day a reminder is due. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

REMINDER_DAYS = (28, 7, 1)
"""So many days before the last day, sites that have not submitted are reminded."""

PARTS = ("facilities", "patient")
"""Parts of the audit that a site can take part in."""


@dataclass(frozen=True)
class Asked:
    """Who is asked: kinds of site (empty: all), and those who take part in which part."""

    kinds: frozenset[str]
    part: str

    def includes(
        self, *, kind: str, is_approved: bool, facilities_audit: bool, patient_audit: bool
    ) -> bool:
        """Say whether a site is asked. All parts want a site that is in the facilities audit."""
        in_part = facilities_audit and (self.part == "facilities" or patient_audit)
        return is_approved and in_part and (not self.kinds or kind in self.kinds)


@dataclass(frozen=True)
class Window:
    """When a round can be answered; for one site, if `extended_until` is its own.

    `is_closed`: the audit team has closed it, whatever its last day. An extension outlives that.
    """

    opens_on: date
    closes_on: date | None
    is_closed: bool = False
    extended_until: date | None = None

    def state(self, today: date) -> str:
        """Return planned, open or closed."""
        if today < self.opens_on:
            return "planned"
        if self.extended_until is not None and today <= self.extended_until:
            return "open"
        if self.is_closed or (self.closes_on is not None and today > self.closes_on):
            return "closed"
        return "open"

    @property
    def last_day(self) -> date | None:
        """The last day of answering; None while there is none. Of a closed round its extension."""
        if self.closes_on is None and not self.is_closed:
            return None
        days = [self.extended_until]
        if not self.is_closed:
            days.append(self.closes_on)
        return max((day for day in days if day is not None), default=self.closes_on)


def due_reminder(window: Window, today: date, sent: Collection[str]) -> str | None:
    """Return which reminder a site that has not submitted is due: `opened`, `28`, `7`, `1`.

    Only the latest that is due and was not sent: after a pause nobody gets three at once. A day
    before the round opened counts as not there.
    """
    if window.state(today) != "open":
        return None
    due = "opened"
    last = window.last_day
    for days in REMINDER_DAYS:
        begins = last - timedelta(days=days) if last is not None else None
        if begins is not None and window.opens_on < begins <= today:
            due = str(days)
    return None if due in sent else due
