"""How values are written for people: dates, times, numbers, sizes. Filters of the templates."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Flask

BRAND = "Fracture Audit"
LONDON = ZoneInfo("Europe/London")


def day(value: str | date | None) -> str:
    """A date as people write it: "3 February 2026"; blank for nothing.

    >>> day("2026-02-03")
    '3 February 2026'
    """
    if not value:
        return ""
    on = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return f"{on.day} {on:%B %Y}"


def moment(value: str | None) -> str:
    """A point in time, UTC in ISO 8601, as a clock in London shows it.

    >>> moment("2026-07-01T13:05:00Z")
    '1 July 2026, 2:05pm'
    """
    if not value:
        return ""
    at = datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(LONDON)
    hour = at.hour % 12 or 12
    return f"{at.day} {at:%B %Y}, {hour}:{at:%M}{'am' if at.hour < 12 else 'pm'}"


def clock(value: str | None) -> str:
    """The time of day of a point in time, as a clock in London shows it.

    >>> clock("2026-07-01T13:05:00Z")
    '2:05pm'
    """
    return moment(value).rpartition(", ")[2]


def number(value: int | None) -> str:
    """A count with commas; a dash where nothing is known yet.

    >>> number(12345), number(None)
    ('12,345', '–')
    """
    return "–" if value is None else f"{value:,}"


def size(bytes_: int | None) -> str:
    """A size of a file.

    >>> size(900), size(1_300_000)
    ('900 bytes', '1.2 MB')
    """
    if bytes_ is None:
        return ""
    if bytes_ < 1000:
        return f"{bytes_} bytes"
    if bytes_ < 1000 * 1024:
        return f"{bytes_ / 1024:.0f} KB"
    return f"{bytes_ / 1024 / 1024:.1f} MB"


def plural(count: int | None, one: str, many: str | None = None) -> str:
    """A count with its noun.

    >>> plural(1, "row"), plural(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def register(app: Flask) -> None:
    """Gives the templates these as filters."""
    app.jinja_env.filters.update(
        day=day, moment=moment, clock=clock, number=number, size=size, plural=plural
    )
