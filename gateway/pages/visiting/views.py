"""Acting elsewhere: the list of sites, visits of the audit team, going to another own site.

Each of these gives the browser a new session, as signing in does: the old one is worthless.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request
from werkzeug.exceptions import NotFound as NoSuchPage
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.form_tokens import FormTokens
from gateway.forms import Form, page_number
from gateway.pages.visiting.presenters import sites_of
from gateway.paging import pages_of
from services.shared.errors import Conflict, InvalidInput
from services.shared.identity import allows, signed_in
from services.shared.web import app_state

blueprint = Blueprint("visiting", __name__)
_MOST_SEARCHED = 100


@blueprint.get("/sites")
@allows("sites.read")
def list_sites() -> str:
    clients: Clients = app_state()
    search = request.args.get("search", "").strip()[:_MOST_SEARCHED]
    answer = clients.registration.list_sites(
        search=search or None, page=page_number(request.args.get("page"))
    )
    return render_template(
        "visiting/sites.html",
        sites=sites_of(answer["items"]),
        total=answer["total"],
        search=search,
        pages=pages_of(answer, "/sites", search=search),
        notice=request.args.get("notice"),
    )


@blueprint.get("/sites/<uuid:site_id>/visit")
@allows("sites.visit")
def ask_reason(site_id: UUID) -> str:
    return _ask(site_id, Form())


@blueprint.post("/sites/<uuid:site_id>/visit")
@allows("sites.visit")
def begin(site_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    # The box takes several lines; a reason is one.
    reason = " ".join(request.form.get("reason", "").split())
    try:
        opened = clients.registration.begin_visit(site_id, reason=reason)
    except InvalidInput as error:
        form = Form({"reason": reason}, error.errors or {"": [error.detail]})
        return _ask(site_id, form), 422
    except Conflict as error:
        return _ask(site_id, Form({"reason": reason}, {"": [error.detail]})), 409
    return _go("/", opened)


@blueprint.post("/visit/end")
@allows("sites.visit")
def end() -> Response:
    clients: Clients = app_state()
    return _go("/sites?notice=ended", clients.registration.end_visit())


@blueprint.post("/change-site")
@signed_in
def change_site() -> Response:
    clients: Clients = app_state()
    try:
        site_id = UUID(request.form.get("site_id", ""))
    except ValueError:
        raise NoSuchPage from None
    return _go("/", clients.registration.change_site(site_id))


def _ask(site_id: UUID, form: Form) -> str:
    clients: Clients = app_state()
    return render_template(
        "visiting/visit.html", form=form, site=clients.registration.get_site(site_id)
    )


def _go(where: str, opened: dict[str, Any]) -> Response:
    answer = redirect(where, 303)
    tokens: FormTokens = current_app.extensions["fls_tokens"]
    tokens.start_session(answer, opened["session"])
    return answer
