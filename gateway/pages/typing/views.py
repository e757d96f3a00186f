"""Typing a record: begin it, its sections, the quick forms, and what scripts ask meanwhile."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, jsonify, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.pages.typing import forms, overview, saving, showing, starting
from gateway.pages.typing.places import FOLLOW_UP_PLACES, SECTION_PLACES, Place, record_address
from gateway.worklists import Step, step_from
from services.shared.errors import NotFound
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("typing", __name__)


@blueprint.get("/records/new")
@allows("records.write")
def ask_number() -> str:
    return starting.show(_clients(), request.args.get("checked_on"))


@blueprint.post("/records/new")
@allows("records.write")
def begin_record() -> Response:
    return starting.begin(_clients(), posted_form())


@blueprint.post("/records/check")
@allows("records.write")
def look_up() -> Response:
    found = starting.found_of(_clients().records.look_up(request.form.get("nhs_number", "")))
    html = render_template("typing/lookup.html", found=found)
    return jsonify(html=html, spoken=starting.spoken(found))


@blueprint.get("/records/<uuid:record_id>")
@allows("records.read")
def show_record(record_id: UUID) -> str:
    return overview.show(_clients(), record_id, posted_step())


@blueprint.get("/records/<uuid:record_id>/sections/<int:number>")
@allows("records.write")
def show_section(record_id: UUID, number: int) -> Response | str:
    return _show(_known(SECTION_PLACES, number), record_id)


@blueprint.post("/records/<uuid:record_id>/sections/<int:number>")
@allows("records.write")
def save_section(record_id: UUID, number: int) -> Response:
    return _save(_known(SECTION_PLACES, number), record_id)


@blueprint.get("/records/<uuid:record_id>/follow-up/<int:weeks>")
@allows("records.write")
def show_follow_up(record_id: UUID, weeks: int) -> Response | str:
    return _show(_known(FOLLOW_UP_PLACES, weeks), record_id)


@blueprint.post("/records/<uuid:record_id>/follow-up/<int:weeks>")
@allows("records.write")
def save_follow_up(record_id: UUID, weeks: int) -> Response:
    return _save(_known(FOLLOW_UP_PLACES, weeks), record_id)


@blueprint.post("/records/<uuid:record_id>/autosave")
@allows("records.write")
def autosave(record_id: UUID) -> Response:
    fields = [field for place in SECTION_PLACES.values() for field in place.fields]
    record = _clients().records.save_form(
        record_id,
        version=forms.whole_number(request.form, "version"),
        texts=forms.texts_from(request.form, fields),
        autosave=True,
    )
    return jsonify(version=showing.version_in(record))


@blueprint.post("/records/<uuid:record_id>/acknowledgements")
@allows("records.acknowledge")
def acknowledge(record_id: UUID) -> Response:
    version = forms.whole_number(request.form, "version")
    tokens = request.form.getlist("token")
    _clients().records.acknowledge(record_id, version=version, tokens=tokens)
    return redirect(f"{record_address(record_id)}{_query()}#findings", 303)


@blueprint.post("/records/<uuid:record_id>/typed")
@allows("records.write")
def forget_typed(record_id: UUID) -> Response:
    return overview.forget_typed(_clients(), record_id, _query())


def _show(place: Place, record_id: UUID) -> Response | str:
    clients = _clients()
    record = clients.records.get_record(record_id)
    if not overview.is_open(record):
        return redirect(f"{record_address(record_id)}{_query()}", 303)
    return showing.show(clients, place, record, posted_step())


def _save(place: Place, record_id: UUID) -> Response:
    return saving.save(_clients(), place, record_id, posted_form(), posted_step())


def _known(places: dict[int, Place], number: int) -> Place:
    if number not in places:
        raise NotFound
    return places[number]


def posted_form() -> MultiDict[str, str]:
    """The form that was sent, or that was kept over signing in and is sent on."""
    kept: MultiDict[str, str] | None = g.get("kept_form")
    return request.form if kept is None else kept


def posted_step() -> Step | None:
    """Where the person is in a work-list, by the address the form was sent to."""
    return step_from(g.get("kept_step", request.args.get("step")))


def _query() -> str:
    step = posted_step()
    return step.query if step else ""


def _clients() -> Clients:
    clients: Clients = app_state()
    return clients
