"""The history of a record in words: who, when, by which door, old and new beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from dataset.fields import FIELD_BY_KEY, SECTIONS, Field, fields_of_section
from dataset.findings import CATALOGUE
from gateway.answers import answer_of
from gateway.names import UNKNOWN_PERSON

DOORS = {"page": "typed on a page", "api": "sent by a system", "import": "imported from a file"}
KINDS = {
    "created": "Created",
    "updated": "Changed",
    "acknowledged": "Warnings acknowledged",
    "deleted": "Deleted",
    "restored": "Restored",
    "erased": "Identifiers erased",
    "duplicate_decided": "Duplicate decided",
    "import_undone": "Import undone",
}
ERASED = "Erased"
"""Stands where an identifier was erased for good, and so cannot be shown any more."""
_IDENTIFIERS = frozenset({"nhs_number", "date_of_birth", "postcode", "local_id"})


class Change(NamedTuple):
    """A question whose answer changed; blank answers are said in words."""

    no: str
    label: str
    old: str
    new: str


class Event(NamedTuple):
    """One change of a record.

    Attributes:
        by: a name, or words for somebody unknown.
        visited: whether the audit team did it during a visit.
        acknowledged: the warnings that were acknowledged with it, in words.
    """

    version: int
    at: str
    what: str
    by: str
    door: str
    import_id: str | None
    visited: bool
    changes: list[Change]
    acknowledged: list[str]


class Line(NamedTuple):
    """A question of an earlier state.

    Attributes:
        waiting: what was typed and could not be read, waiting beside the answer.
        now: today's answer in words, where it differs.
    """

    no: str
    label: str
    answer: str
    waiting: str
    differs: bool
    now: str


class Section(NamedTuple):
    """A section of an earlier state.

    Attributes:
        lines: the questions that had an answer then, or have one now.
        differing: how many of them are answered differently now.
    """

    title: str
    lines: list[Line]
    differing: int


def events_of(history: list[dict[str, Any]], people: Mapping[str, str]) -> list[Event]:
    """The history, the newest first.

    Args:
        people: account id -> name.
    """
    return [
        Event(
            version=event["version"],
            at=event["at"],
            what=KINDS.get(event["kind"], str(event["kind"]).replace("_", " ").capitalize()),
            by=people.get(str(event["by"]), UNKNOWN_PERSON),
            door=DOORS.get(event["door"], event["door"]),
            import_id=event.get("import_id"),
            visited=bool(event.get("visit_id")),
            changes=_changes(event),
            acknowledged=[_warning(token) for token in event.get("acknowledged") or []],
        )
        for event in history
    ]


def sections_of(
    then: Mapping[str, Any], waiting: Mapping[str, str], now: Mapping[str, Any]
) -> list[Section]:
    """All sections of an earlier state, each answer compared with today's.

    Args:
        then: field key -> answer in wire form; likewise now.
        waiting: field key -> what was typed and could not be read.
    """
    sections = []
    for number, title in SECTIONS.items():
        fields = [field for field in fields_of_section(number) if field.key != "service_code"]
        lines = []
        for field in fields:
            old, new = then.get(field.key), now.get(field.key)
            typed = waiting.get(field.key, "")
            if not (old or new or typed):
                continue
            differs = (old or None) != (new or None)
            words = answer_of(field, new) if differs else ""
            answer = answer_of(field, old)
            lines.append(Line(field.no, field.label, answer, typed, differs, words))
        sections.append(Section(title, lines, sum(line.differs for line in lines)))
    return sections


def reads_of(items: list[dict[str, Any]], people: Mapping[str, str]) -> list[dict[str, Any]]:
    """Who opened a record, in words."""
    return [
        {
            **item,
            "by": people.get(str(item["by"]), UNKNOWN_PERSON),
            "visited": bool(item.get("visit_id")),
        }
        for item in items
    ]


def _changes(event: Mapping[str, Any]) -> list[Change]:
    """What an event changed, in the order of the form."""
    return [
        Change(
            field.no,
            field.label,
            _side(field, change, "old"),
            _side(field, change, "new"),
        )
        for change in event.get("changes") or []
        if (field := FIELD_BY_KEY.get(change["key"])) is not None
    ]


def _side(field: Field, change: Mapping[str, Any], side: str) -> str:
    # A change has two sides that differ: an identifier without either was erased since.
    if field.key in _IDENTIFIERS and change["old"] is None and change["new"] is None:
        return ERASED
    return answer_of(field, change[side]) or "Blank"


def _warning(token: str) -> str:
    """A warning by its token, such as "V18:site_2", in words."""
    code, _, key = token.partition(":")
    title = CATALOGUE[code].title if code in CATALOGUE else code
    field = FIELD_BY_KEY.get(key)
    return f"{title} ({field.label})" if field else title
