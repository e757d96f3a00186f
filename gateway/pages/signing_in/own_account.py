"""One's own account: password and sessions."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.forms import Form
from gateway.visits import own_account
from services.shared.errors import Conflict, InvalidInput, NotFound, TooMany
from services.shared.identity import signed_in
from services.shared.web import app_state

blueprint = Blueprint("own_account", __name__)
NOTICES = {
    "password": "Your password is changed. Your other sessions have ended.",
    "ended": "The session has ended.",
    "others": "All other sessions have ended.",
}


@blueprint.get("/account")
@signed_in
def show() -> str:
    return _page(Form())


@blueprint.post("/account/password")
@signed_in
def change_password() -> Response | tuple[str, int]:
    clients: Clients = app_state()
    password, new = request.form.get("password", ""), request.form.get("new_password", "")
    missing = {}
    if not password:
        missing["password"] = ["Enter your present password."]
    if not new:
        missing["new_password"] = ["Enter a new password."]
    if missing:
        return _page(Form({}, missing)), 422
    try:
        clients.registration.change_password(password=password, new_password=new)
    except InvalidInput as error:
        return _page(Form({}, dict(error.errors))), 422
    except TooMany as error:
        return _page(Form({}, {"password": [error.detail]})), 429
    except Conflict as error:
        return _page(Form({}, {"": [error.detail]})), 409
    return redirect("/account?notice=password", 303)


@blueprint.post("/account/sessions/<uuid:session_id>/end")
@signed_in
def end_session(session_id: UUID) -> Response:
    clients: Clients = app_state()
    # It may have ended already, which is what was asked for.
    with suppress(NotFound):
        clients.registration.end_session(session_id)
    return redirect("/account?notice=ended", 303)


@blueprint.post("/account/leaving")
@signed_in
def leave() -> Response | tuple[str, int]:
    clients: Clients = app_state()
    if request.form.get("sure") != "yes":
        return _page(Form({}, {"sure": ["Tick the box if you want to leave the site."]})), 422
    try:
        clients.registration.leave_site()
    except Conflict as error:
        return _page(Form({}, {"": [error.detail]})), 409
    return redirect("/", 303)


@blueprint.post("/account/sessions/end-others")
@signed_in
def end_others() -> Response:
    clients: Clients = app_state()
    clients.registration.end_other_sessions()
    return redirect("/account?notice=others", 303)


def _page(form: Form) -> str:
    clients: Clients = app_state()
    return render_template(
        "signing_in/account.html",
        form=form,
        account=own_account(),
        sessions=clients.registration.list_sessions(),
        second_factor=clients.registration.second_factor(),
        notice=NOTICES.get(request.args.get("notice", "")),
    )
