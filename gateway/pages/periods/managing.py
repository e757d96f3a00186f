"""The audit team's pages about periods: deadlines of years, more time for a site, unlocking."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway import days
from gateway.clients import Clients
from gateway.forms import Form
from gateway.names import sites_of
from gateway.pages.periods import forms, presenters
from services.shared.errors import Conflict, InvalidInput, NotFound
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("managing_periods", __name__)


@blueprint.get("/periods/manage")
@allows("periods.manage")
def list_all() -> str:
    clients: Clients = app_state()
    sites = sites_of(clients)
    extensions = clients.records.list_extensions()
    return render_template(
        "periods/manage.html",
        periods=presenters.rows_of(clients.records.list_periods()),
        extensions=presenters.extensions_of(extensions, sites),
        notice=request.args.get("notice"),
    )


@blueprint.get("/periods/manage/year")
@allows("periods.manage")
def edit_year() -> str:
    year = request.args.get("year", "")
    stored = _stored(year) if year else None
    return _year_page(forms.year_form(year, stored))


@blueprint.post("/periods/manage/year")
@allows("periods.manage")
def set_year() -> Response | tuple[str, int]:
    clients: Clients = app_state()
    form, year, body = forms.year_from(request.form)
    if form.errors:
        return _year_page(form), 422
    try:
        clients.records.set_period(year, body)
    except InvalidInput as error:
        form.errors = forms.errors_of(error, {"entry_deadline": "entry", "locks_on": "locks"})
        return _year_page(form), 422
    except Conflict as error:
        stored = _stored(str(year))
        form.errors = {"": [error.detail]}
        form.values = {**form.values, "version": str((stored or {}).get("version") or 0)}
        return _year_page(form), 409
    return redirect("/periods/manage?notice=set", 303)


@blueprint.get("/periods/manage/extension")
@allows("periods.manage")
def ask_extension() -> str:
    return _extension_page(Form())


@blueprint.post("/periods/manage/extension")
@allows("periods.manage")
def extend() -> Response | tuple[str, int]:
    clients: Clients = app_state()
    form, body = forms.extension_from(request.form)
    if form.errors:
        return _extension_page(form), 422
    try:
        clients.records.extend_period(body)
    except InvalidInput as error:
        form.errors = forms.errors_of(error, {"until_on": "until"})
        return _extension_page(form), 422
    except Conflict as error:
        form.errors = {"": [error.detail]}
        return _extension_page(form), 409
    return redirect("/periods/manage?notice=extended", 303)


@blueprint.get("/unlock-requests")
@allows("periods.manage")
def list_requests() -> str:
    clients: Clients = app_state()
    asked = request.args.get("state", "asked")
    state = asked if asked in presenters.UNLOCK_FILTERS else "asked"
    requests = clients.records.list_unlock_requests(state=None if state == "all" else state)
    return render_template(
        "periods/requests.html",
        requests=presenters.requests_of(
            requests, people={}, sites=sites_of(clients) if requests else {}
        ),
        filters=presenters.UNLOCK_FILTERS,
        state=state,
        notice=request.args.get("notice"),
    )


@blueprint.get("/unlock-requests/<uuid:request_id>")
@allows("periods.manage")
def show_request(request_id: UUID) -> str:
    return _request_page(request_id, Form())


@blueprint.post("/unlock-requests/<uuid:request_id>")
@allows("periods.manage")
def decide_request(request_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    form, body = forms.decision_from(request.form)
    if form.errors:
        return _request_page(request_id, form), 422
    try:
        clients.records.decide_unlock_request(request_id, body)
    except InvalidInput as error:
        form.errors = forms.errors_of(error, {"until_on": "until"})
        return _request_page(request_id, form), 422
    except Conflict as error:
        form.errors = {"": [error.detail]}
        return _request_page(request_id, form), 409
    return redirect(f"/unlock-requests?notice={'granted' if body['granted'] else 'refused'}", 303)


def _stored(year: str) -> dict[str, Any] | None:
    clients: Clients = app_state()
    periods = clients.records.list_periods()
    return next((period for period in periods if str(period["year"]) == year), None)


def _year_page(form: Form) -> str:
    return render_template("periods/year.html", form=form, order=forms.YEAR_ORDER)


def _extension_page(form: Form) -> str:
    clients: Clients = app_state()
    return render_template(
        "periods/extension.html",
        form=form,
        order=forms.EXTENSION_ORDER,
        sites=sites_of(clients),
        reasons=presenters.EXTENSION_REASONS,
        this_year=days.today().year,
    )


def _request_page(request_id: UUID, form: Form) -> str:
    clients: Clients = app_state()
    found = [
        each
        for each in clients.records.list_unlock_requests()
        if str(each["request_id"]) == str(request_id)
    ]
    if not found:
        raise NotFound()
    rows = presenters.requests_of(found, people={}, sites=sites_of(clients))
    return render_template(
        "periods/request.html", form=form, request_=rows[0], order=forms.DECISION_ORDER
    )
