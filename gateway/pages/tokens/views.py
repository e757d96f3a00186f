"""API tokens: list, create (shown once), revoke."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.forms import Form
from gateway.pages.tokens import presenters
from services.shared.errors import Conflict, InvalidInput
from services.shared.identity import allows, current_actor
from services.shared.web import app_state

blueprint = Blueprint("tokens", __name__)
_DEFAULT_DAYS = "90"


@blueprint.get("/tokens")
@allows("tokens.manage")
def list_tokens() -> str:
    return _page(_blank(), notice=request.args.get("notice"))


@blueprint.post("/tokens")
@allows("tokens.manage")
def create_token() -> str | tuple[str, int]:
    """Shows the token in the answer itself: it must not lie in an address or a session."""
    clients: Clients = app_state()
    values: dict[str, Any] = {
        name: request.form.get(name, "").strip() for name in ("name", "expires_in_days")
    }
    values["may"] = request.form.getlist("may")
    rights = presenters.rights_of(values["may"], presenters.offered_to(current_actor()))
    days = values["expires_in_days"]
    if not (days.isascii() and days.isdigit() and len(days) < 6):
        return _page(Form(values, {"expires_in_days": ["Enter a number of days."]})), 422
    if not rights:
        return _page(Form(values, {"may": ["Choose what the token may do."]})), 422
    try:
        made = clients.registration.create_token(
            name=values["name"], expires_in_days=int(days), rights=rights
        )
    except InvalidInput as error:
        return _page(Form(values, error.errors or {"": [error.detail]})), 422
    return _page(_blank(), made=made)


@blueprint.post("/tokens/<uuid:token_id>/revocation")
@allows("tokens.manage")
def revoke_token(token_id: UUID) -> Response:
    clients: Clients = app_state()
    clients.registration.revoke_token(token_id)
    return redirect("/tokens?notice=revoked", 303)


@blueprint.post("/tokens/<uuid:token_id>/rotation")
@allows("tokens.manage")
def rotate_token(token_id: UUID) -> str | tuple[str, int]:
    """Shows the new token in the answer itself, as when one is made."""
    clients: Clients = app_state()
    try:
        made = clients.registration.rotate_token(token_id)
    except (InvalidInput, Conflict) as error:
        return _page(Form(_blank().values, {"": [error.detail]})), 409
    return _page(_blank(), made=made, notice="replaced")


def _blank() -> Form:
    usual = presenters.usual_of(presenters.offered_to(current_actor()))
    return Form({"expires_in_days": _DEFAULT_DAYS, "may": usual})


def _page(form: Form, *, made: dict[str, Any] | None = None, notice: str | None = None) -> str:
    clients: Clients = app_state()
    return render_template(
        "tokens/tokens.html",
        form=form,
        made=made,
        notice=notice,
        bundles=presenters.offered_to(current_actor()),
        tokens=presenters.tokens_of(clients.registration.list_tokens()["items"]),
    )
