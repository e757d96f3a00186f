"""What the rows of an import would do to records: answers that change, and rows set aside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from dataset.fields import FIELD_BY_KEY, FIELDS
from gateway.answers import answer_of
from gateway.clients import Clients
from gateway.forms import Form
from services.shared.errors import Conflict, InvalidInput, NotFound
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("held", __name__)
ROWS = 50
CLEARED = "#CLEAR"
IDENTIFIERS = ("date_of_birth", "postcode", "local_id")


class Line(NamedTuple):
    """A question, what the record answers, and what it would answer with the row."""

    no: str
    key: str
    label: str
    before: str
    after: str


@blueprint.get("/imports/<uuid:import_id>/changes")
@allows("records.read")
def list_changes(import_id: UUID) -> Response | str:
    clients: Clients = app_state()
    key = request.args.get("field", "")
    field = FIELD_BY_KEY.get(key)
    if field is None:
        raise NotFound()
    try:
        items = clients.records.list_changes(import_id, key, after=_after(), limit=ROWS)
    except Conflict:
        return redirect(f"/imports/{import_id}", 303)
    return render_template(
        "imports/changes.html",
        import_=clients.imports.get_import(import_id),
        field=field,
        is_identifier=key in IDENTIFIERS,
        rows=[
            {**item, "before": _words(key, item["before"]), "after": _words(key, item["after"])}
            for item in items
        ],
        more=items[-1]["row"] if len(items) == ROWS else None,
    )


def _after() -> int:
    """The row after which the list goes on; from the first if the address is odd."""
    after = request.args.get("after", "")
    return int(after) if after.isdecimal() and len(after) < 10 else 0


@blueprint.get("/imports/<uuid:import_id>/held")
@allows("records.import")
def list_held(import_id: UUID) -> str:
    return _list(import_id, Form({}, {}))


@blueprint.post("/imports/<uuid:import_id>/held")
@allows("records.import")
def leave_all(import_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    try:
        while clients.records.leave_held_rows(import_id):
            pass
    except Conflict as error:
        return _list(import_id, Form({}, {"": [error.detail]})), 409
    return redirect(f"/imports/{import_id}/held?notice=left_all", 303)


@blueprint.get("/imports/<uuid:import_id>/held/<int:row_number>")
@allows("records.import")
def show_row(import_id: UUID, row_number: int) -> str:
    return _row(import_id, row_number, Form({}, {}))


@blueprint.post("/imports/<uuid:import_id>/held/<int:row_number>")
@allows("records.import")
def decide(import_id: UUID, row_number: int) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    chosen = request.form.get("decision", "")
    decision, _, about = chosen.partition(".")
    record_id, _, version = about.partition(".")
    if decision not in ("update", "add", "leave") or (decision == "update" and not version):
        form = Form({}, {"decision": ["Choose what becomes of the row."]})
        return _row(import_id, row_number, form), 422
    body: dict[str, Any] = {"decision": decision}
    if decision == "update":
        body |= {"record_id": record_id, "version": int(version) if version.isdigit() else 0}
    form_of = {"decision": chosen}
    try:
        outcome = clients.records.decide_held_row(import_id, row_number, body)
    except NotFound:
        return redirect(f"/imports/{import_id}/held?notice=gone", 303)
    except Conflict as error:
        return _row(import_id, row_number, Form(form_of, {"decision": [error.detail]})), 409
    except InvalidInput as error:
        form = Form(form_of, {"decision": [_all_of(error)]})
        return _row(import_id, row_number, form), 422
    following = clients.records.list_held_rows(import_id, after=row_number, limit=1)["items"]
    here = f"/imports/{import_id}/held"
    place = f"{here}/{following[0]['row']}" if following else here
    return redirect(f"{place}?notice={outcome}", 303)


def _list(import_id: UUID, form: Form) -> str:
    clients: Clients = app_state()
    answer = clients.records.list_held_rows(import_id, after=_after(), limit=ROWS)
    items = answer["items"]
    return render_template(
        "imports/held.html",
        form=form,
        import_=clients.imports.get_import(import_id),
        rows=items,
        total=answer["total"],
        may_decide=answer["state"] == "applied",
        more=items[-1]["row"] if len(items) == ROWS else None,
        notice=request.args.get("notice"),
    )


def _row(import_id: UUID, row_number: int, form: Form) -> str:
    clients: Clients = app_state()
    held = clients.records.get_held_row(import_id, row_number)
    state = clients.records.list_held_rows(import_id, after=0, limit=1)
    return render_template(
        "imports/held_row.html",
        form=form,
        import_=clients.imports.get_import(import_id),
        held=held,
        says=[
            (FIELD_BY_KEY[key].label, _words(key, held["values"][key]))
            for key in (field.key for field in FIELDS)
            if key in held["values"]
        ],
        candidates=[_candidate(each) for each in held["candidates"]],
        may_decide=state["state"] == "applied",
        total=state["total"],
        notice=request.args.get("notice") if request.method == "GET" else None,
    )


def _candidate(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record for the page: what tells which it is, and what the row would change."""
    return {
        **record,
        "choice": f"update.{record['record_id']}.{record['version']}",
        "known_by": [
            (FIELD_BY_KEY[key].label, _words(key, value)) for key, value in record["values"].items()
        ],
        "lines": [
            Line(
                FIELD_BY_KEY[change["field"]].no,
                change["field"],
                FIELD_BY_KEY[change["field"]].label,
                _words(change["field"], change["before"]),
                _words(change["field"], change["after"]),
            )
            for change in record["changes"]
        ],
    }


def _words(key: str, value: Any) -> str:
    if value == CLEARED:
        return "Emptied"
    return answer_of(FIELD_BY_KEY[key], value) or "Not recorded"


def _all_of(error: InvalidInput) -> str:
    """Everything that keeps the row from being stored, in one text."""
    texts = [text for found in error.errors.values() for text in found]
    return " ".join(["It cannot be stored like this.", *dict.fromkeys(texts)])
