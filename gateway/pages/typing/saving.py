"""Saves what was typed on a page. Whatever refuses it, what was typed comes back to the person."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from flask import make_response, redirect
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from dataset.fields import FIELD_BY_KEY
from gateway.clients import Clients
from gateway.pages.typing import conflicts, forms, presenters, showing
from gateway.pages.typing.places import Place, next_address, record_address
from gateway.worklists import Step
from services.shared.errors import (
    Conflict,
    FlsError,
    InvalidInput,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)

Answer = Mapping[str, Any]

NOT_NOW = (
    "It could not be saved just now, because a part of the service does not answer. What you typed "
    "is still on this page: wait a minute, then save again."
)
_GONE = (
    "There is no such record at your site any more: somebody has deleted it meanwhile. What you "
    "typed is still on this page."
)


def save(
    clients: Clients,
    place: Place,
    record_id: UUID,
    form: MultiDict[str, str],
    step: Step | None,
) -> Response:
    """Saves the page and leads on; or shows it again with what was typed and why it was refused."""
    texts = forms.texts_from(form, place.fields)
    missing = conflicts.undecided(form)
    if missing:
        return conflicts.ask_again(place, record_id, form, step, missing)
    try:
        record = _store(clients, record_id, form, texts)
    except Conflict as error:
        if error.code == "version_moved":
            return conflicts.ask(clients, place, record_id, form, step, error)
        errors = {_about(place, error): [error.detail]}
        return _refused(clients, place, record_id, form, step, errors, 409)
    except InvalidInput as error:
        errors = ids_of(error.errors) or {"": [error.detail]}
        return _refused(clients, place, record_id, form, step, errors, 422)
    except NotFound:
        return _refused(None, place, record_id, form, step, {"": [_GONE]}, 404)
    except (Unavailable, TooMany) as error:
        words = NOT_NOW if isinstance(error, Unavailable) else error.detail
        return _refused(None, place, record_id, form, step, {"": [words]}, 503)
    return _lead_on(clients, place, record, form, step)


def _store(
    clients: Clients, record_id: UUID, form: MultiDict[str, str], texts: dict[str, str]
) -> Answer:
    """Saves the texts; first what was chosen where two answers met, on the version seen then."""
    decided = conflicts.decided(form)
    if decided:
        seen = forms.whole_number(form, conflicts.SEEN_VERSION)
        clients.records.save_form(record_id, version=seen, texts=decided)
    rest = {key: text for key, text in texts.items() if key not in decided}
    return clients.records.save_form(
        record_id, version=forms.whole_number(form, "version"), texts=rest
    )


def _about(place: Place, error: Conflict) -> str:
    """The id of the field that a refusal speaks of, if it is on the page."""
    keys = {"opted_out": "nhs_number", "period_locked": "date_index_diagnosed"}
    return next(
        (forms.first_id(f) for f in place.fields if f.key == keys.get(error.code or "")), ""
    )


def _refused(
    clients: Clients | None,
    place: Place,
    record_id: UUID,
    form: MultiDict[str, str],
    step: Step | None,
    errors: Mapping[str, list[str]],
    status: int,
) -> Response:
    record = find_record(clients, record_id) if clients else None
    page = showing.show_again(place, record_id, form, step, record=record, errors=errors)
    return make_response(page, status)


def find_record(clients: Clients, record_id: UUID) -> Answer | None:
    """The record as far as it can be had; a page with what was typed is shown without it too."""
    try:
        return clients.records.get_record(record_id)
    except Unauthenticated:
        raise
    except FlsError:
        return None


def _lead_on(
    clients: Clients,
    place: Place,
    record: Answer,
    form: MultiDict[str, str],
    step: Step | None,
) -> Response:
    address = f"{record_address(record['record_id'])}/{place.name}"
    query = step.query if step else ""
    if token := form.get("acknowledge"):
        # It may have lapsed with what was just saved: then there is nothing to acknowledge.
        with suppress(InvalidInput, NotFound, Conflict):
            clients.records.acknowledge(
                record["record_id"], version=record["version"], tokens=[token]
            )
        return redirect(f"{address}{query}#{token.partition(':')[2]}", 303)
    target, leaves = next_address(place, record, form.get("then", "next"), step)
    if leaves and set(presenters.seen_of(record, place.fields)) - set(form.getlist("seen")):
        return redirect(_with(f"{address}{query}", "checked=1"), 303)
    saved = f"saved={place.section}"
    return redirect(target if target.startswith("/worklists") else _with(target, saved), 303)


def _with(address: str, parameter: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{parameter}"


def ids_of(errors: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What a service says of fields, by the ids of the fields on the page."""
    return {
        forms.first_id(FIELD_BY_KEY[key]) if key in FIELD_BY_KEY else key: list(messages)
        for key, messages in errors.items()
    }
