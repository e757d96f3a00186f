"""Beginning a record with its NHS number: is it right, and is it recorded here already?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from flask import make_response, redirect, render_template
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from dataset.fields import FIELD_BY_KEY
from dataset.reading import read_cell
from gateway.clients import Clients
from gateway.forms import Form
from gateway.pages import states
from gateway.pages.typing import forms, saving
from services.shared.errors import Conflict, InvalidInput, NotFound, TooMany, Unavailable

Answer = Mapping[str, Any]

CHECKED_ON = "opt_out_checked_on"
_ORDER = ("nhs_number", forms.NO_NUMBER, "local_id", f"{CHECKED_ON}-day")
_NO_NUMBER_YET = "Enter the NHS number, or open “There is no NHS number” and say why."
_BOTH = "You gave an NHS number and said that there is none. Keep one of the two."
_NEEDS_LOCAL_ID = (
    "Without an NHS number the record needs a local identifier, so that it can be found again."
)
_SEEN_FIRST = (
    "This patient is recorded here already. Look at what is listed below the number; to record "
    "another fracture, continue."
)


def show(clients: Clients, checked_on: str | None) -> str:
    """The empty form; its record has an id from now on, so that sending it twice makes one."""
    values = forms.date_boxes(CHECKED_ON, _as_typed(checked_on))
    return _page(clients, Form(values), str(uuid4()), None)


def _as_typed(iso: str | None) -> str:
    try:
        day = date.fromisoformat(iso or "")
    except ValueError:
        return ""
    return f"{day.day}/{day.month}/{day.year}"


def begin(clients: Clients, form: MultiDict[str, str]) -> Response:
    """Begins the record and leads to its first section; or says why not, with what was typed."""
    errors, found = _look(clients, form)
    checked_on, wrong = _checked_on(form)
    if wrong:
        errors[f"{CHECKED_ON}-day"] = [wrong]
    if errors:
        return _again(clients, form, errors, found)
    record_id = _id_of(form)
    texts = {"nhs_number": _number(form), "local_id": form.get("local_id", "").strip()}
    try:
        _store(clients, record_id, texts, checked_on)
    except InvalidInput as error:
        return _again(clients, form, _ids(error), found)
    except Conflict as error:
        return _again(clients, form, {"nhs_number": [error.detail]}, found)
    except (Unavailable, TooMany) as error:
        words = saving.NOT_NOW if isinstance(error, Unavailable) else error.detail
        return _again(clients, form, {"": [words]}, found, 503)
    return redirect(f"/records/{record_id}/sections/1", 303)


def _store(
    clients: Clients, record_id: UUID, texts: dict[str, str], checked_on: str | None
) -> None:
    try:
        clients.records.begin_form(record_id, texts=texts, opt_out_checked_on=checked_on)
    except Conflict as error:
        if error.code != "version_moved":
            raise
        # Sent again with something else in it, from a page that the back button brought back.
        clients.records.save_form(record_id, version=error.extra["version"], texts=texts)


def found_of(answer: Answer) -> dict[str, Any]:
    """What a look-up says, for the page and for the script that asks while one types."""
    wrong = [f["message"] for f in answer.get("findings") or () if f["level"] == "error"]
    records = [
        {
            **item,
            "site_1": FIELD_BY_KEY["site_1"].label_of(item["site_1"]) if item["site_1"] else "",
            "state": states.shown(states.RECORD, item["state"]),
        }
        for item in answer.get("records") or ()
    ]
    entries = list(answer.get("entries") or ())
    heading = "Already recorded here" if records else "Begun here already"
    return {
        "error": " ".join(wrong),
        "records": records,
        "entries": entries,
        "ids": [str(item["record_id"]) for item in (*records, *entries)],
        "heading": heading,
        "good": "The check digit fits. Not recorded here yet." if not wrong else "",
    }


def spoken(found: Mapping[str, Any]) -> str:
    """What a screen reader says of a look-up."""
    if found["error"]:
        return str(found["error"])
    count = len(found["ids"])
    if not count:
        return str(found["good"])
    return f"{found['heading']}: {count} {'record' if count == 1 else 'records'}, listed below."


def _look(
    clients: Clients, form: MultiDict[str, str]
) -> tuple[dict[str, list[str]], dict[str, Any] | None]:
    """What is wrong with the number, and what is known about it."""
    typed, reason = form.get("nhs_number", "").strip(), form.get(forms.NO_NUMBER, "")
    if typed and reason:
        return {forms.NO_NUMBER: [_BOTH]}, None
    if not typed:
        if not reason:
            return {"nhs_number": [_NO_NUMBER_YET]}, None
        if not form.get("local_id", "").strip():
            return {"local_id": [_NEEDS_LOCAL_ID]}, None
        return {}, None
    try:
        answer = clients.records.look_up(typed)
    except (Unavailable, TooMany):
        return {"": [saving.NOT_NOW]}, None
    found = found_of(answer)
    stops = [f for f in answer.get("findings") or () if f["level"] == "error"]
    if any(f["code"] in ("V24", "R06") for f in stops):
        return {"nhs_number": [found["error"]]}, None
    if stops and not form.get("keep"):
        return {"nhs_number": [found["error"]]}, {"keep": True}
    # The record itself is found where a double click has sent this form before.
    if set(found["ids"]) - {*form.getlist("seen"), form.get("record_id", "")}:
        return {"nhs_number": [_SEEN_FIRST]}, found
    return {}, found


def _number(form: MultiDict[str, str]) -> str:
    return form.get("nhs_number", "").strip() or form.get(forms.NO_NUMBER, "")


def _checked_on(form: MultiDict[str, str]) -> tuple[str | None, str]:
    """The day of the opt-out check as a program writes it, and what is wrong with it."""
    value, finding = read_cell(FIELD_BY_KEY["date_of_birth"], forms.date_text(form, CHECKED_ON))
    if finding is not None:
        return None, finding.message
    return (value.isoformat() if isinstance(value, date) else None), ""


def _id_of(form: MultiDict[str, str]) -> UUID:
    try:
        return UUID(form.get("record_id", ""))
    except ValueError:
        raise NotFound from None


def _ids(error: InvalidInput) -> dict[str, list[str]]:
    ids = {CHECKED_ON: f"{CHECKED_ON}-day"}
    found = {ids.get(key, key): list(messages) for key, messages in error.errors.items()}
    return found or {"": [error.detail]}


def _again(
    clients: Clients,
    form: MultiDict[str, str],
    errors: Mapping[str, list[str]],
    found: Mapping[str, Any] | None,
    status: int = 422,
) -> Response:
    shown = Form(form.to_dict(), errors)
    return make_response(_page(clients, shown, form.get("record_id", ""), found), status)


def _page(clients: Clients, form: Form, record_id: str, found: Mapping[str, Any] | None) -> str:
    return render_template(
        "typing/new.html",
        form=form,
        order=_ORDER,
        record_id=record_id,
        found=found,
        keep=bool(found and found.get("keep")),
        attestation=_attestation(clients),
    )


def _attestation(clients: Clients) -> str:
    """Whether the opt-out check is asked for: in England it is needed to begin a record."""
    try:
        site = clients.registration.me().get("site") or {}
    except (Unavailable, TooMany):
        return "optional"  # records decides when it is saved
    return "needed" if site.get("nation", "england") == "england" else "optional"
