"""The page to write to the audit team."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.forms import Form
from services.shared.errors import InvalidInput
from services.shared.identity import public
from services.shared.web import app_state

blueprint = Blueprint("contact", __name__)


@blueprint.get("/contact")
@public
def ask() -> str:
    sent = request.args.get("notice") == "sent"
    return render_template("information/contact.html", form=Form(), sent=sent)


@blueprint.post("/contact")
@public
def send() -> Response | tuple[str, int]:
    clients: Clients = app_state()
    values = {name: request.form.get(name, "").strip() for name in ("name", "email", "words")}
    try:
        clients.registration.write_to_team(values)
    except InvalidInput as error:
        form = Form(values, error.errors or {"": [error.detail]})
        return render_template("information/contact.html", form=form, sent=False), 422
    return redirect("/contact?notice=sent", 303)
