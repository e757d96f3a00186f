"""Audit periods in words. `locks_on` is the first locked day: the day before is the last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from gateway.pages import states
from gateway.wording import day, plural

NEAR_DAYS = 90
"""A deadline is told on the home page from so many days before it."""
EXTENSION_REASONS = {
    "staffing": "Too few people to enter the records in time",
    "it_failure": "A failure of computers or networks at the site",
    "late_start": "The site began to take part late",
    "data_quality": "Errors in stored records have to be corrected",
    "other": "Another reason, said in words",
}
UNLOCK_FILTERS = {"asked": "Waiting", "granted": "Granted", "refused": "Refused", "all": "All"}


class Deadline(NamedTuple):
    """A deadline that is near or has just passed, as the home page tells it."""

    tag: states.State
    words: str


def deadlines_of(periods: list[dict[str, Any]], today: date) -> list[Deadline]:
    """The deadlines to be told on the home page, the nearest first."""
    near = [period for period in periods if _is_near(period, today)]
    near.sort(key=lambda period: period["locks_on"])
    return [Deadline(_tag(period), _words(period, today)) for period in near]


def rows_of(periods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the table of periods, the newest year first."""
    return [
        {**period, "tag": _tag(period), "last_day": last_day(period)}
        for period in sorted(periods, key=lambda period: -int(period["year"]))
    ]


def last_day(period: Mapping[str, Any]) -> str | None:
    """The last day on which records of a year can be changed, as in ISO 8601; None for no end."""
    until = period.get("unlocked_until")
    if until:
        return str(until)
    if not period.get("locks_on"):
        return None
    return (date.fromisoformat(period["locks_on"]) - timedelta(days=1)).isoformat()


def requests_of(
    requests: list[dict[str, Any]],
    *,
    people: Mapping[str, str],
    sites: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Unlock requests in words, those that wait first, then the newest.

    Args:
        people: account id -> name; likewise sites.
    """
    rows = [
        {
            **request,
            "tag": states.shown(states.UNLOCK_REQUEST, request["state"]),
            "site": sites.get(str(request.get("site_id")), "A site"),
            "by": people.get(str(request.get("asked_by")), ""),
            "about": "One record"
            if request.get("record_id")
            else f"All records of {request['year']}",
        }
        for request in requests
    ]
    rows.sort(key=lambda row: str(row["asked_at"]), reverse=True)
    rows.sort(key=lambda row: row["state"] != "asked")
    return rows


def extensions_of(items: list[dict[str, Any]], sites: Mapping[str, str]) -> list[dict[str, Any]]:
    """Extensions in words."""
    return [
        {
            **item,
            "site": sites.get(str(item["site_id"]), "A site"),
            "because": EXTENSION_REASONS.get(item["reason_code"], item["reason_code"]),
        }
        for item in items
    ]


def _is_near(period: Mapping[str, Any], today: date) -> bool:
    if not period.get("entry_deadline"):
        return False
    deadline = date.fromisoformat(period["entry_deadline"])
    if period["status"] == "open":
        return (deadline - today).days <= NEAR_DAYS
    return bool(period["status"] == "grace")


def _words(period: Mapping[str, Any], today: date) -> str:
    year = period["year"]
    if period.get("unlocked_until"):
        return f"{year} is unlocked for your site until {day(period['unlocked_until'])}."
    if period["status"] == "grace":
        return (
            f"The deadline for fractures diagnosed in {year} has passed. Records can still be "
            f"added and corrected until {day(last_day(period))}."
        )
    left = (date.fromisoformat(period["entry_deadline"]) - today).days
    when = "today" if left == 0 else f"in {plural(left, 'day')}"
    return (
        f"Enter the records of fractures diagnosed in {year} by {day(period['entry_deadline'])}, "
        f"{when}."
    )


def _tag(period: Mapping[str, Any]) -> states.State:
    if period.get("unlocked_until"):
        return states.State("Unlocked", "blue")
    return states.shown(states.PERIOD, period["status"])
