"""What waits in the work-lists, and which page each item leads to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from gateway.names import UNKNOWN_PERSON
from gateway.pages.finding.presenters import rows_of
from gateway.worklists import WORKLISTS, Step, Worklist
from services.shared.identity import Actor

_FOLLOW_UPS = {"followup_16": 16, "followup_52": 52}


class Waiting(NamedTuple):
    """A work-list with how many wait in it."""

    worklist: Worklist
    things: int


def waiting_of(items: list[dict[str, Any]], actor: Actor) -> list[Waiting]:
    """The work-lists that a person can do something about, in the order of the work."""
    counts = {item["name"]: item["count"] for item in items}
    return [
        Waiting(worklist, counts[name])
        for name, worklist in WORKLISTS.items()
        if name in counts and actor.has(worklist.right)
    ]


def place_of(item: Mapping[str, Any], step: Step, actor: Actor) -> str:
    """The address of the page on which an item of a work-list is dealt with."""
    name, record = step.worklist.name, f"/records/{item['record_id']}"
    if item.get("pair"):
        return f"/duplicates/{item['pair']['pair_id']}{step.query}"
    if actor.has(step.worklist.right):
        weeks = next((w for start, w in _FOLLOW_UPS.items() if name.startswith(start)), None)
        if weeks:
            return f"{record}/follow-up/{weeks}{step.query}"
        if name == "assessment":
            return f"{record}/sections/1{step.query}"
    return f"{record}{step.query}"


def things_of(answer: Mapping[str, Any], worklist: Worklist, actor: Actor) -> list[dict[str, Any]]:
    """The items of a part of a work-list, each with the page that it leads to."""
    steps = [
        Step(worklist, number, max(answer["total"], number), item["cursor"])
        for number, item in enumerate(answer["items"], start=answer["position"])
    ]
    return [
        {**item, "href": place_of(item, step, actor)}
        for item, step in zip(answer["items"], steps, strict=True)
    ]


def records_of(things: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a list of records; `until` is the last day for what is asked, if there is one."""
    rows = rows_of([thing.get("record") or {} for thing in things])
    return [
        {
            **row,
            "record_id": thing["record_id"],
            "href": thing["href"],
            "until": thing.get("until"),
        }
        for row, thing in zip(rows, things, strict=True)
    ]


def entries_of(things: list[dict[str, Any]], people: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows of what was begun and is no record yet.

    Args:
        people: account id -> name.
    """
    return [
        {
            **(entry := thing.get("entry") or {}),
            "href": thing["href"],
            "by": people.get(str(entry.get("started_by")), UNKNOWN_PERSON),
        }
        for thing in things
    ]


def address_behind(worklist: Worklist, cursor: str | None) -> str | None:
    """The address of what comes behind a place in a work-list; None where nothing does."""
    return f"/worklists/{worklist.name}?{urlencode({'after': cursor})}" if cursor else None
