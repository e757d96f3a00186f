"""Pages of the audit team: registration forms and accounts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.forms import Form, page_number
from gateway.pages.audit_team import presenters
from gateway.paging import pages_of
from services.shared.errors import Conflict, InvalidInput
from services.shared.identity import allows, current_actor
from services.shared.web import app_state

blueprint = Blueprint("audit_team", __name__)


@blueprint.get("/review")
@allows("registrations.review")
def list_applications() -> str:
    clients: Clients = app_state()
    asked = request.args.get("state", "submitted")
    state = asked if asked in presenters.APPLICATION_FILTERS else "submitted"
    answer = clients.registration.list_applications(
        state=state if state != "all" else None, page=page_number(request.args.get("page"))
    )
    return render_template(
        "audit_team/applications.html",
        applications=presenters.applications_of(answer["items"]),
        filters=presenters.APPLICATION_FILTERS,
        state=state,
        pages=pages_of(answer, "/review", state=state),
        notice=request.args.get("notice"),
    )


@blueprint.get("/review/<uuid:application_id>")
@allows("registrations.review")
def show_application(application_id: UUID) -> str:
    return _application(application_id, Form())


@blueprint.post("/review/<uuid:application_id>/approval")
@allows("registrations.review")
def approve(application_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    try:
        clients.registration.approve(application_id)
    except Conflict as error:
        return _application(application_id, Form({}, {"": [error.detail]})), 409
    return redirect("/review?notice=approved", 303)


@blueprint.post("/review/<uuid:application_id>/refusal")
@allows("registrations.review")
def decline(application_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    return _write(
        application_id,
        "reason",
        lambda reason: clients.registration.decline(application_id, reason=reason),
        notice="declined",
    )


@blueprint.post("/review/<uuid:application_id>/query")
@allows("registrations.review")
def query(application_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    return _write(
        application_id,
        "words",
        lambda words: clients.registration.query(application_id, words=words),
        notice="queried",
    )


def _write(
    application_id: UUID, field: str, send: Callable[[str], None], *, notice: str
) -> Response | tuple[str, int]:
    """Sends what was typed for the applicant; keeps it on the page when it is refused."""
    text = request.form.get(field, "").strip()
    form = Form({field: text})
    try:
        send(text)
    except InvalidInput as error:
        form.errors = error.errors or {"": [error.detail]}
        return _application(application_id, form), 422
    except Conflict as error:
        form.errors = {"": [error.detail]}
        return _application(application_id, form), 409
    return redirect(f"/review?notice={notice}", 303)


@blueprint.get("/accounts")
@allows("accounts.manage")
def list_accounts() -> str:
    clients: Clients = app_state()
    search = request.args.get("search", "").strip()[:100]
    answer = clients.registration.list_accounts(
        search=search or None, page=page_number(request.args.get("page"))
    )
    return render_template(
        "audit_team/accounts.html",
        accounts=presenters.accounts_of(answer["items"], current_actor().account_id),
        failed_mails=clients.registration.list_failed_mails()["items"],
        total=answer["total"],
        search=search,
        pages=pages_of(answer, "/accounts", search=search or None),
    )


@blueprint.get("/accounts/<uuid:account_id>")
@allows("accounts.manage")
def show_account(account_id: UUID) -> str:
    clients: Clients = app_state()
    found = clients.registration.get_account(account_id)
    (account,) = presenters.accounts_of([found], current_actor().account_id)
    return render_template(
        "audit_team/account.html", account=account, notice=request.args.get("notice")
    )


@blueprint.post("/accounts/<uuid:account_id>/<any('switch-off', 'switch-on'):switch>")
@allows("accounts.manage")
def switch_account(account_id: UUID, switch: str) -> Response:
    clients: Clients = app_state()
    clients.registration.switch_account(account_id, on=switch == "switch-on")
    return redirect(f"/accounts/{account_id}?notice={switch}", 303)


@blueprint.post("/accounts/<uuid:account_id>/second-factor/removal")
@allows("accounts.manage")
def forget_second_factor(account_id: UUID) -> Response:
    clients: Clients = app_state()
    # One's own is refused: it is changed on one's own page.
    with suppress(Conflict):
        clients.registration.forget_second_factor(account_id)
    return redirect(f"/accounts/{account_id}?notice=app-taken", 303)


def _application(application_id: UUID, form: Form) -> str:
    clients: Clients = app_state()
    application = clients.registration.get_application(application_id)
    return render_template(
        "audit_team/application.html",
        application=application,
        parts=presenters.parts_of(application),
        history=presenters.history_of(application["history"]),
        tag=presenters.tag_of(application),
        form=form,
    )
