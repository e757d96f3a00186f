"""Two records side by side, and what each decision about them means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from dataset.fields import FIELD_BY_KEY, FIELDS
from gateway.answers import answer_of
from gateway.names import UNKNOWN_PERSON
from gateway.pages import states
from gateway.wording import plural
from services.shared.identity import Actor

DECISIONS = {
    "kept_first": "Only the first was kept",
    "kept_second": "Only the second was kept",
    "both_right": "Both are right",
    "apart": "Their dates or patients were corrected since",
}
_KINDS = {
    "same_day": "Same patient, same day of diagnosis",
    "near": "Same patient, diagnosed within 28 days",
}


class Line(NamedTuple):
    """A question with the answers of both records, blank ones in words."""

    no: str
    key: str
    label: str
    first: str
    second: str


class Choice(NamedTuple):
    """A decision that a person may take."""

    value: str
    text: str
    hint: str


def kind_of(pair: Mapping[str, Any]) -> str:
    """Why two records are suspected, in words."""
    return _KINDS.get(pair["kind"], str(pair["kind"]))


def rows_of(items: list[dict[str, Any]], people: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows of the list of pairs.

    Args:
        people: account id -> name, of those who decided.
    """
    return [
        {
            **item,
            "kind": kind_of(item),
            "first": _brief(item.get("first") or {}),
            "second": _brief(item.get("second") or {}),
            "decided": DECISIONS.get(item.get("decision") or "", ""),
            "by": people.get(str(item.get("decided_by")), UNKNOWN_PERSON),
            "can_be_opened": all(
                (item.get(side) or {}).get("state") != "deleted" for side in ("first", "second")
            ),
        }
        for item in items
    ]


def compare(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[list[Line], list[Line]]:
    """The questions that the records answer differently, and those they answer alike."""
    different: list[Line] = []
    alike: list[Line] = []
    for field in FIELDS:
        one, other = first.get(field.key), second.get(field.key)
        if field.key == "service_code" or not (one or other):
            continue
        words = [answer_of(field, value) or "Not recorded" for value in (one, other)]
        line = Line(field.no, field.key, field.label, *words)
        (alike if one == other else different).append(line)
    return different, alike


def apart_in_words(first: Mapping[str, Any], second: Mapping[str, Any]) -> str:
    """How far the two diagnoses lie from each other; blank where a date is missing."""
    days = [values.get("date_index_diagnosed") for values in (first, second)]
    if not all(days):
        return ""
    one, other = (date.fromisoformat(str(on)[:10]) for on in days)
    if one == other:
        return "Both say that the fracture was diagnosed on the same day."
    return f"The two dates of diagnosis are {plural(abs((other - one).days), 'day')} apart."


def head_of(record: Mapping[str, Any], people: Mapping[str, str]) -> dict[str, Any]:
    """Where a record of a pair comes from."""
    by = record.get("created_by")
    return {
        **record,
        "tag": states.shown(states.RECORD, record["state"]),
        "by": people.get(str(by), UNKNOWN_PERSON) if by else "",
    }


def choices_for(actor: Actor) -> list[Choice]:
    """The decisions that the account may take."""
    choices = []
    if actor.has("records.delete"):
        choices += [
            Choice(
                "kept_first",
                "Keep the first, delete the second",
                "They are about the same fracture. What only the second says is not taken over: "
                "add it to the first before you decide.",
            ),
            Choice(
                "kept_second",
                "Keep the second, delete the first",
                "They are about the same fracture. What only the first says is not taken over: "
                "add it to the second before you decide.",
            ),
        ]
    if actor.has("records.acknowledge"):
        choices.append(
            Choice(
                "both_right",
                "Both are right",
                "They are about two fractures of one patient. Both stay and both count, and you "
                "are not asked again.",
            )
        )
    return choices


def _brief(item: Mapping[str, Any]) -> dict[str, Any]:
    site = item.get("site_1")
    return {
        **item,
        "site_1": FIELD_BY_KEY["site_1"].label_of(site) if site else "",
        "tag": states.shown(states.RECORD, item.get("state") or "deleted"),
    }
