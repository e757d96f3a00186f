"""Two people at one record: shows both values, field by field, and loses neither.

The page of a conflict carries the whole form that was sent, with the version it was filled in on:
what only the other person changed must not be overwritten by what this form held before. For each
field in question the person chooses, and what they choose is saved on the version they have seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

from flask import make_response, render_template
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from dataset.fields import FIELD_BY_KEY
from gateway import wording
from gateway.clients import Clients
from gateway.forms import Form
from gateway.names import UNKNOWN_PERSON, people_of
from gateway.pages.typing import presenters
from gateway.pages.typing.forms import stored_texts, texts_from, texts_of, whole_number
from gateway.pages.typing.places import Place, record_address
from gateway.worklists import Step
from services.shared.errors import Conflict, FlsError, Unauthenticated

SEEN_VERSION = "seen_version"
"""Name of the hidden field with the version whose answers the page of a conflict showed."""
_FIELD, _CHOICE, _YOURS, _THEIRS, _WHO = "conflict", "choice-", "yours-", "theirs-", "who-"
_DROPPED = ("csrf_token", "author", "version", SEEN_VERSION, _FIELD)


class Pair(NamedTuple):
    """A field that two people changed to different values, both as texts, and who the other is."""

    key: str
    yours: str
    theirs: str
    who: str

    @property
    def label(self) -> str:
        """The question."""
        return FIELD_BY_KEY[self.key].label

    def words(self, text: str) -> str:
        """A text as people read it."""
        return presenters.words_of(FIELD_BY_KEY[self.key], text) or "blank"


def undecided(form: MultiDict[str, str]) -> list[str]:
    """The fields in question for which nothing was chosen."""
    return [key for key in _keys(form) if form.get(_CHOICE + key) not in ("yours", "theirs")]


def decided(form: MultiDict[str, str]) -> dict[str, str]:
    """Field in question -> the text that was chosen for it."""
    prefixes = {"yours": _YOURS, "theirs": _THEIRS}
    choices = {key: prefixes.get(form.get(_CHOICE + key, "")) for key in _keys(form)}
    return {key: form.get(f"{prefix}{key}", "") for key, prefix in choices.items() if prefix}


def _keys(form: MultiDict[str, str]) -> list[str]:
    return [key for key in form.getlist(_FIELD) if key in FIELD_BY_KEY]


def ask(
    clients: Clients,
    place: Place,
    record_id: UUID,
    form: MultiDict[str, str],
    step: Step | None,
    error: Conflict,
) -> Response:
    """The page that shows both values. What was typed is kept meanwhile, as a draft."""
    with suppress(FlsError):
        clients.records.save_form(
            record_id,
            version=whole_number(form, "version"),
            texts=texts_from(form, place.fields),
            autosave=True,
        )
    both = error.extra.get("conflicts") or {}
    record = _opened(clients, record_id)
    who = _who(clients, record, set(both))
    typed, stored = texts_from(form, place.fields), _said_by_others(record)
    new = []
    for key, values in both.items():
        yours, theirs = values.get("yours"), values.get("theirs")
        if yours is None and theirs is None:
            # No refusal holds an identifier: yours stands in the form, theirs in the record.
            yours, theirs = typed.get(key), stored.get(key)
        if key in FIELD_BY_KEY:
            new.append(Pair(key, yours or "", theirs or "", who.get(key, "somebody else")))
    before = [pair for pair in _pairs_of(form) if pair.key not in both]
    choices = {pair.key: form.get(_CHOICE + pair.key, "") for pair in before}
    version = str(error.extra.get("version", 0))
    return _page(place, record_id, form, step, [*before, *new], version, choices, {})


def ask_again(
    place: Place,
    record_id: UUID,
    form: MultiDict[str, str],
    step: Step | None,
    missing: Sequence[str],
) -> Response:
    """The same page once more, because not everything was chosen."""
    errors = {
        _CHOICE + key: [f"Choose which answer to keep: {FIELD_BY_KEY[key].label}."]
        for key in missing
    }
    pairs = _pairs_of(form)
    choices = {pair.key: form.get(_CHOICE + pair.key, "") for pair in pairs}
    version = form.get(SEEN_VERSION, "0")
    return _page(place, record_id, form, step, pairs, version, choices, errors)


def _pairs_of(form: MultiDict[str, str]) -> list[Pair]:
    return [
        Pair(key, *(form.get(prefix + key, "") for prefix in (_YOURS, _THEIRS, _WHO)))
        for key in _keys(form)
    ]


def _page(
    place: Place,
    record_id: UUID,
    form: MultiDict[str, str],
    step: Step | None,
    pairs: Sequence[Pair],
    seen_version: str,
    choices: Mapping[str, str],
    errors: Mapping[str, list[str]],
) -> Response:
    page = render_template(
        "typing/conflict.html",
        place=place,
        address=record_address(record_id),
        query=step.query if step else "",
        step=step,
        pairs=pairs,
        version=form.get("version", "0"),
        seen_version=seen_version,
        form=Form({_CHOICE + key: choice for key, choice in choices.items()}, errors),
        order=[_CHOICE + pair.key for pair in pairs],
        carried=[(name, value) for name, value in form.items(multi=True) if _travels(name)],
    )
    return make_response(page, 409 if not errors else 422)


def _travels(name: str) -> bool:
    return name not in _DROPPED and not name.startswith((_CHOICE, _YOURS, _THEIRS, _WHO))


def _opened(clients: Clients, record_id: UUID) -> Mapping[str, Any]:
    """The record as it is now; empty where it cannot be had."""
    try:
        return clients.records.get_record(record_id)
    except Unauthenticated:
        raise
    except FlsError:
        return {}


def _said_by_others(record: Mapping[str, Any]) -> dict[str, str]:
    """Field -> text that is stored; of what is no record yet, what was typed last.

    The texts beside a stored record are the reader's own draft by now.
    """
    if not record:
        return {}
    return stored_texts(record) if record.get("stored", True) else texts_of(record)


def _who(clients: Clients, record: Mapping[str, Any], keys: set[str]) -> dict[str, str]:
    """Field -> who changed it last and when; blank where the history cannot be had."""
    history = record.get("history") or []
    last = {key: event for event in reversed(history) for key in event.get("changed") or ()}
    events: dict[str, Any] = {key: last[key] for key in keys if key in last}
    names = people_of(clients) if events else {}
    return {
        key: f"{names.get(str(event['by']), UNKNOWN_PERSON)}, {wording.moment(event['at'])}"
        for key, event in events.items()
    }
