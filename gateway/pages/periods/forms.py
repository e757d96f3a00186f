"""The audit team's forms about periods: what was typed, and what the service is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway import days
from gateway.forms import Form
from services.shared.errors import InvalidInput

YEAR_ORDER = ("year", *days.boxes_of("entry"), *days.boxes_of("locks"))
EXTENSION_ORDER = ("site_id", "year", *days.boxes_of("until"), "reason_code", "reason")
DECISION_ORDER = ("granted", *days.boxes_of("until"), "reason")

Typed = Mapping[str, str]


def errors_of(error: InvalidInput, boxes: Mapping[str, str]) -> dict[str, list[str]]:
    """The service's messages under the names of our fields.

    Args:
        boxes: field of the service -> the day of ours that holds it.
    """
    if not error.errors:
        return {"": [error.detail]}
    return {
        days.boxes_of(boxes[name])[0] if name in boxes else name: list(messages)
        for name, messages in error.errors.items()
    }


def year_form(year: str, stored: Mapping[str, Any] | None) -> Form:
    """The form about a year, filled with what is stored."""
    known = stored or {}
    return Form(
        {
            "year": year if stored or not year else "",
            "version": str(known.get("version") or 0),
            **days.filled_boxes("entry", known.get("entry_deadline")),
            **days.filled_boxes("locks", known.get("locks_on")),
        }
    )


def year_from(typed: Typed) -> tuple[Form, int, dict[str, Any]]:
    """The form about a year, the year, and the deadlines to send."""
    errors: dict[str, list[str]] = {}
    year = _year(typed, errors)
    entry = days.read_day(
        typed, "entry", errors, required="Enter the day by which records are expected."
    )
    locks = days.read_day(
        typed, "locks", errors, required="Enter the first day on which the year is locked."
    )
    if entry and locks and locks < entry:
        errors["locks-day"] = ["A year can lock on the day of its deadline at the earliest."]
    version = typed.get("version", "")
    body = {
        "entry_deadline": entry.isoformat() if entry else None,
        "locks_on": locks.isoformat() if locks else None,
        "version": int(version) if version.isascii() and version.isdigit() else 0,
    }
    values = {
        "year": typed.get("year", "").strip(),
        "version": version,
        **days.typed_boxes(typed, "entry"),
        **days.typed_boxes(typed, "locks"),
    }
    return Form(values, errors), year, body


def extension_from(typed: Typed) -> tuple[Form, dict[str, Any]]:
    """The form about more time for a site, and what to send."""
    errors: dict[str, list[str]] = {}
    values = {name: typed.get(name, "").strip() for name in ("site_id", "reason_code", "reason")}
    if not values["site_id"]:
        errors["site_id"] = ["Choose the site."]
    year = _year(typed, errors)
    until = days.read_day(
        typed, "until", errors, required="Enter the last day on which the site may change records."
    )
    if not values["reason_code"]:
        errors["reason_code"] = ["Choose a reason."]
    if not values["reason"]:
        errors["reason"] = ["Say in words why the site needs more time."]
    form = Form(
        {**values, "year": typed.get("year", "").strip(), **days.typed_boxes(typed, "until")},
        errors,
    )
    return form, {**values, "year": year, "until_on": until.isoformat() if until else None}


def decision_from(typed: Typed) -> tuple[Form, dict[str, Any]]:
    """The form that grants or refuses an unlocking, and what to send."""
    errors: dict[str, list[str]] = {}
    granted, reason = typed.get("granted", ""), typed.get("reason", "").strip()
    until = None
    if granted == "yes":
        until = days.read_day(
            typed, "until", errors, required="Enter the last day on which it may be changed."
        )
    elif granted != "no":
        errors["granted"] = ["Choose whether to grant or to refuse it."]
    if granted == "no" and not reason:
        errors["reason"] = ["Say why it is refused; the site reads it."]
    values = {"granted": granted, "reason": reason, **days.typed_boxes(typed, "until")}
    body = {
        "granted": granted == "yes",
        "until_on": until.isoformat() if until else None,
        "reason": reason or None,
    }
    return Form(values, errors), body


def _year(typed: Typed, errors: dict[str, list[str]]) -> int:
    text = typed.get("year", "").strip()
    if len(text) == 4 and text.isascii() and text.isdigit() and int(text) >= 2016:
        return int(text)
    errors["year"] = ["Enter the year of diagnosis with four digits, 2016 or later."]
    return 0
