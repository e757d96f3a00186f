"""The deadlines of a site, and asking the audit team to unlock a year or a record."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.forms import Form
from gateway.names import people_of
from gateway.pages.periods import presenters
from services.shared.errors import Conflict, InvalidInput, NotFound
from services.shared.identity import allows, current_actor
from services.shared.web import app_state

blueprint = Blueprint("periods", __name__)
_NO_REASON = "Say what has to be changed, and why it was not right in time."


@blueprint.get("/periods")
@allows("records.read")
def show_periods() -> str:
    clients: Clients = app_state()
    site_id = str(current_actor().site_id)
    # The audit team, visiting, is told of all sites: this page is about one.
    requests = [
        each for each in clients.records.list_unlock_requests() if str(each["site_id"]) == site_id
    ]
    return render_template(
        "periods/periods.html",
        periods=presenters.rows_of(clients.records.list_periods()),
        requests=presenters.requests_of(
            requests, people=people_of(clients) if requests else {}, sites={}
        ),
        notice=request.args.get("notice"),
    )


@blueprint.get("/periods/<int:year>/unlock")
@allows("records.write")
def ask_for_year(year: int) -> str:
    return _page(Form(), year, None)


@blueprint.post("/periods/<int:year>/unlock")
@allows("records.write")
def send_for_year(year: int) -> Response | tuple[str, int]:
    return _send(year, None)


@blueprint.get("/records/<uuid:record_id>/unlock")
@allows("records.write")
def ask_for_record(record_id: UUID) -> str:
    return _page(Form(), None, record_id)


@blueprint.post("/records/<uuid:record_id>/unlock")
@allows("records.write")
def send_for_record(record_id: UUID) -> Response | tuple[str, int]:
    return _send(None, record_id)


def _send(year: int | None, record_id: UUID | None) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    reason = request.form.get("reason", "").strip()
    form = Form({"reason": reason})
    if not reason:
        form.errors = {"reason": [_NO_REASON]}
        return _page(form, year, record_id), 422
    try:
        clients.records.ask_to_unlock(record_id=record_id, year=year, reason=reason)
    except InvalidInput as error:
        form.errors = error.errors or {"": [error.detail]}
        return _page(form, year, record_id), 422
    except Conflict as error:
        form.errors = {"": [error.detail]}
        return _page(form, year, record_id), 409
    return redirect("/periods?notice=asked", 303)


def _page(form: Form, year: int | None, record_id: UUID | None) -> str:
    """The form of a request; a year that the audit does not have has none."""
    clients: Clients = app_state()
    periods = {int(period["year"]): period for period in clients.records.list_periods()}
    if year is not None and year not in periods:
        raise NotFound()
    return render_template(
        "periods/unlock.html",
        form=form,
        year=year,
        record_id=record_id,
        period=periods.get(year) if year else None,
    )
