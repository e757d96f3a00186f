"""A record as a whole: its state, what is missing and what is wrong, all its answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from dataset.fields import FIELD_BY_KEY, Field
from dataset.reading import read_cell
from dataset.values import is_blank
from gateway.clients import Clients
from gateway.names import people_of
from gateway.pages import states
from gateway.pages.typing import forms, presenters
from gateway.pages.typing.places import SECTION_PLACES, place_of, record_address
from gateway.pages.typing.questions import Doubt
from gateway.pages.typing.showing import version_in
from gateway.worklists import Step
from services.shared.identity import current_actor

Answer = Mapping[str, Any]


class Row(NamedTuple):
    """A question with its answer in words; blank where nothing is known."""

    key: str
    no: str
    label: str
    answer: str


class Part(NamedTuple):
    """A section: its state, what it lacks, its answers, the window of a follow-up.

    `href` is None if it cannot be opened.
    """

    number: int
    title: str
    state: states.State
    href: str | None
    missing: list[tuple[str, str | None]]
    rows: list[Row]
    window: dict[str, Any] | None


class Said(NamedTuple):
    """What is said about the record: the tag of its level, its question, where to mend it."""

    level: states.State
    about: str
    href: str | None
    doubt: Doubt


def is_open(record: Answer) -> bool:
    """Whether its answers can be changed today."""
    if record.get("identifiers_erased"):
        return False
    period = record.get("period") or {}
    return bool(period.get("status") != "locked" or period.get("unlocked_until"))


def show(clients: Clients, record_id: UUID, step: Step | None) -> str:
    """The page."""
    record = clients.records.get_record(record_id)
    actor = current_actor()
    texts = forms.texts_of(record)
    history = record.get("history") or []
    names = people_of(clients) if history else {}
    writes = actor.has("records.write") and is_open(record)
    query = step.query if step else ""
    return render_template(
        "typing/overview.html",
        record=record,
        address=record_address(record_id),
        query=query,
        step=step,
        version=version_in(record),
        state=states.shown(states.RECORD, record["state"]),
        changed_by=names.get(str(history[0]["by"])) if history else None,
        who=presenters.who_of(texts),
        findings=_findings(record, names, writes, query),
        waiting=_waiting(record) if writes else [],
        parts=_parts(record, texts, writes, query),
        # Of an erased record nothing is asked any more.
        progress=None if record.get("identifiers_erased") else record.get("progress"),
        period=record.get("period"),
        writes=writes,
        acknowledges=writes and actor.has("records.acknowledge"),
        saved=request.args.get("saved"),
    )


def forget_typed(clients: Clients, record_id: UUID, query: str) -> Response:
    """Takes back what was typed and not saved: to what is stored, or the whole of what is begun."""
    record = clients.records.get_record(record_id)
    if not record["stored"]:
        clients.records.drop_form(record_id)
        return redirect("/records", 303)
    stored = forms.stored_texts(record)
    texts = {key: stored.get(key, "") for key in presenters.drafted_keys(record)}
    if texts:
        clients.records.save_form(record_id, version=record["version"], texts=texts)
    return redirect(f"{record_address(record_id)}{query}", 303)


def _findings(record: Answer, names: Mapping[str, str], writes: bool, query: str) -> list[Said]:
    found = [
        Said(
            states.shown(states.LEVEL, finding["level"]),
            _about(finding.get("field")),
            _href(record, finding.get("field"), query) if writes else None,
            presenters.doubt_of(finding, names),
        )
        for finding in record.get("findings") or ()
        # What is missing in a record that is only begun is said by its sections.
        if record["stored"] or finding["code"] != "R01"
    ]
    return sorted(found, key=lambda said: (said.level.text != "Error", said.doubt.at is not None))


def _about(key: str | None) -> str:
    field = FIELD_BY_KEY.get(key or "")
    if field is None:
        return ""
    return field.label if field.no.startswith("L") else f"{field.label} ({field.no})"


def _href(record: Answer, key: str | None, query: str) -> str | None:
    """The address of a question on its page."""
    place = place_of(key or "")
    if place is None:
        return None
    anchor = forms.first_id(FIELD_BY_KEY[key or ""])
    return f"{record_address(record['record_id'])}/{place.name}{query}#{anchor}"


def _waiting(record: Answer) -> list[tuple[str, str | None]]:
    """What was typed into a stored record and not saved: label and where it is."""
    return [(_about(key), _href(record, key, "")) for key in presenters.drafted_keys(record)]


def _parts(record: Answer, texts: Mapping[str, str], writes: bool, query: str) -> list[Part]:
    address, erased = record_address(record["record_id"]), record.get("identifiers_erased")
    return [
        Part(
            line.number,
            line.title,
            line.state,
            f"{address}/{SECTION_PLACES[line.number].name}{query}" if writes else None,
            [] if erased else [(f.label, _href(record, f.key, query)) for f in line.missing],
            _rows(SECTION_PLACES[line.number].fields, texts),
            _window(record, line.number, writes, query),
        )
        for line in presenters.sections_of(record)
    ]


def _rows(fields: tuple[Field, ...], texts: Mapping[str, str]) -> list[Row]:
    """The questions that are asked, and those that are answered although they are not."""
    values = {key: read_cell(FIELD_BY_KEY[key], text)[0] for key, text in texts.items()}
    given = {key: value for key, value in values.items() if not is_blank(value)}
    return [
        Row(
            field.key,
            "" if field.no.startswith("L") else field.no,
            field.label,
            presenters.words_of(field, texts.get(field.key, "")),
        )
        for field in fields
        if texts.get(field.key) or field.shown_if is None or field.shown_if.holds(given)
    ]


def _window(record: Answer, section: int, writes: bool, query: str) -> dict[str, Any] | None:
    """When a follow-up is due, how it stands, and its quick form while it is waited for."""
    name, weeks = {6: ("first", 16), 7: ("second", 52)}.get(section, ("", 0))
    one = (record.get("follow_up") or {}).get(name)
    if not one or not one.get("due_on"):
        return None
    waits = writes and one["state"] in ("due", "overdue")
    address = f"{record_address(record['record_id'])}/follow-up/{weeks}{query}"
    tag = states.shown(presenters.FOLLOW_UP_STATES, one["state"])
    return {**one, "tag": tag, "href": address if waits else None}
