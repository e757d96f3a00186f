"""The list of a site's records, and one record."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, request

from gateway.clients import Clients
from gateway.forms import page_number
from gateway.pages import states
from gateway.pages.records import presenters
from gateway.paging import pages_of
from services.shared.identity import allows, current_actor
from services.shared.web import app_state

blueprint = Blueprint("records", __name__)
PAGE_SIZE = 25
_SORTS = ("-diagnosed_on", "diagnosed_on", "-updated_at", "updated_at")


@blueprint.get("/records")
@allows("records.read")
def list_records() -> str:
    clients: Clients = app_state()
    wanted = request.args.get("sort", "")
    sort = wanted if wanted in _SORTS else _SORTS[0]
    answer = clients.records.list_records(
        page=page_number(request.args.get("page")), page_size=PAGE_SIZE, sort=sort
    )
    return render_template(
        "records/list.html",
        records=presenters.rows_of(answer["items"]),
        pages=pages_of(answer, "/records", sort=sort if wanted else None),
        sort=sort,
    )


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
