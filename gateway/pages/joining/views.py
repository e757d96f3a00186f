"""The registration form and the page that confirms it."""

from __future__ import annotations

import re

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.forms import Form
from gateway.pages.joining import forms
from services.shared.errors import Conflict, InvalidInput
from services.shared.identity import public
from services.shared.web import app_state

blueprint = Blueprint("joining", __name__)
_REFERENCE = re.compile(r"[A-Z0-9-]{4,20}")


@blueprint.get("/register")
@public
def ask() -> str:
    return _page(Form())


@blueprint.post("/register")
@public
def register() -> Response | tuple[str, int]:
    clients: Clients = app_state()
    values = forms.typed(request.form)
    errors = forms.missing(values)
    if errors:
        return _page(Form(values, errors)), 422
    try:
        answer = clients.registration.apply(forms.body_from(values))
    except InvalidInput as error:
        return _page(Form(values, error.errors or {"": [error.detail]})), 422
    except Conflict as error:
        return _page(Form(values, {"": [error.detail]})), 409
    return redirect(f"/register/sent?reference={answer['reference']}", 303)


@blueprint.get("/register/sent")
@public
def sent() -> str:
    reference = request.args.get("reference", "")
    shown = reference if _REFERENCE.fullmatch(reference) else None
    return render_template("joining/sent.html", reference=shown)


def _page(form: Form) -> str:
    return render_template(
        "joining/register.html",
        form=form,
        order=forms.FIELDS,
        kinds=forms.KINDS,
        nations=forms.NATIONS,
    )
