"""The history of a record, earlier states, and who has opened it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, request

from gateway.clients import Clients
from gateway.forms import page_number
from gateway.names import UNKNOWN_PERSON, people_of
from gateway.pages.history import presenters
from gateway.paging import pages_of
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("history", __name__)


@blueprint.get("/records/<uuid:record_id>/history")
@allows("records.read")
def show_history(record_id: UUID) -> str:
    clients: Clients = app_state()
    history = clients.records.list_history(record_id)
    return render_template(
        "history/history.html",
        record_id=record_id,
        events=presenters.events_of(history, people_of(clients)),
    )


@blueprint.get("/records/<uuid:record_id>/versions/<int:version>")
@allows("records.read")
def show_version(record_id: UUID, version: int) -> str:
    clients: Clients = app_state()
    then = clients.records.get_version(record_id, version)
    now = clients.records.get_record(record_id)
    return render_template(
        "history/version.html",
        record_id=record_id,
        then=then,
        by=people_of(clients).get(str(then["by"]), UNKNOWN_PERSON),
        door=presenters.DOORS.get(then["door"], then["door"]),
        newest=now["version"],
        sections=presenters.sections_of(then["values"], then["texts"], now["values"]),
    )


@blueprint.get("/records/<uuid:record_id>/reads")
@allows("records.reads")
def list_reads(record_id: UUID) -> str:
    clients: Clients = app_state()
    answer = clients.records.list_reads(record_id, page=page_number(request.args.get("page")))
    return render_template(
        "history/reads.html",
        record_id=record_id,
        reads=presenters.reads_of(answer["items"], people_of(clients)),
        pages=pages_of(answer, f"/records/{record_id}/reads"),
    )
