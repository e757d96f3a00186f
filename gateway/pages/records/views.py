"""One record."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template

from gateway.clients import Clients
from gateway.pages import states
from gateway.pages.records import presenters
from services.shared.identity import allows, current_actor
from services.shared.web import app_state

blueprint = Blueprint("records", __name__)


@blueprint.get("/records/<uuid:record_id>")
@allows("records.read")
def show_record(record_id: UUID) -> str:
    clients: Clients = app_state()
    record = clients.records.get_record(record_id)
    return render_template(
        "records/record.html",
        record=record,
        state=states.shown(states.RECORD, record["state"]),
        sections=presenters.sections_of(record["values"]),
        findings=presenters.findings_of(record.get("findings") or []),
        history=presenters.history_of(record.get("history") or [], current_actor().account_id),
    )
