"""The terms of use: to read, and to accept again when they have changed."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from services.shared.errors import Conflict, InvalidInput
from services.shared.identity import find_actor, public, signed_in
from services.shared.web import app_state

blueprint = Blueprint("terms", __name__)


@blueprint.get("/terms")
@public
def show() -> str:
    clients: Clients = app_state()
    due = find_actor() is not None and clients.registration.are_terms_due()
    return render_template("signing_in/terms.html", terms=clients.registration.terms(), due=due)


@blueprint.post("/terms")
@signed_in
def accept() -> Response:
    clients: Clients = app_state()
    # Other terms than were shown: the page shows the present ones, and asks again.
    with suppress(Conflict, InvalidInput):
        clients.registration.accept_terms(request.form.get("version", ""))
        return redirect("/", 303)
    return redirect("/terms", 303)
