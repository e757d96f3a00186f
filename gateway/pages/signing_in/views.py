"""Signing in and out; setting a password by a mailed link. What was typed here is never logged."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.form_tokens import FormTokens
from gateway.forms import Form, own_path
from gateway.pages.signing_in.second_factor import (
    after_sign_in,
    ask_for_code,
    sign_in_page,
    start,
)
from services.shared.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    TooMany,
    Unauthenticated,
)
from services.shared.identity import find_actor, public, signed_in
from services.shared.web import app_state

blueprint = Blueprint("signing_in", __name__)
_WRONG = "E-mail address or password is not right. Check both and try again."
_LINK_ERRORS = (NotFound, Conflict, Forbidden, Unauthenticated, InvalidInput)


@blueprint.get("/sign-in")
@public
def ask() -> Response | str:
    next_path = own_path(request.args.get("next"))
    if find_actor() is not None:
        return redirect(next_path, 303)
    return sign_in_page(Form(), notice=request.args.get("notice"))


@blueprint.post("/sign-in")
@public
def sign_in() -> Response | tuple[str, int]:
    clients: Clients = app_state()
    email, password = request.form.get("email", "").strip(), request.form.get("password", "")
    missing = {}
    if not email:
        missing["email"] = ["Enter your e-mail address."]
    if not password:
        missing["password"] = ["Enter your password."]
    if missing:
        return sign_in_page(Form({"email": email}, missing)), 422
    try:
        opened = clients.registration.sign_in(
            email=email, password=password, device=_tokens().device()
        )
    except (Unauthenticated, InvalidInput):
        return sign_in_page(Form({"email": email}, {"": [_WRONG]})), 401
    except TooMany as error:
        return sign_in_page(Form({"email": email}, {"": [error.detail]})), 429
    if "waiting" in opened:
        return ask_for_code(opened["waiting"], opened["wants"]), 200
    answer = after_sign_in(opened)
    start(answer, opened)
    return answer


@blueprint.get("/still-here")
@signed_in
def still_here() -> Response:
    """Somebody has said that they are still there; asking is what keeps the session."""
    return make_response("", 204)


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    clients: Clients = app_state()
    # It may have ended already, which is what was asked for.
    with suppress(Unauthenticated, NotFound):
        clients.registration.sign_out()
    answer = redirect("/sign-in?notice=signed-out", 303)
    _tokens().end_session(answer)
    return answer


@blueprint.get("/forgotten-password")
@public
def ask_forgotten() -> str:
    return render_template("signing_in/forgotten.html", form=Form(), asked=False)


@blueprint.post("/forgotten-password")
@public
def forgotten() -> str | tuple[str, int]:
    clients: Clients = app_state()
    email = request.form.get("email", "").strip()
    if not email or "@" not in email:
        form = Form({"email": email}, {"email": ["Enter your e-mail address."]})
        return render_template("signing_in/forgotten.html", form=form, asked=False), 422
    try:
        clients.registration.ask_for_reset(email)
    except InvalidInput as error:
        form = Form({"email": email}, {"email": error.errors.get("email", [error.detail])})
        return render_template("signing_in/forgotten.html", form=form, asked=False), 422
    return render_template("signing_in/forgotten.html", form=Form(), asked=True, email=email)


@blueprint.get("/set-password/<link>")
@public
def ask_password(link: str) -> str | tuple[str, int]:
    clients: Clients = app_state()
    try:
        person = clients.registration.check_password_link(link)
    except _LINK_ERRORS:
        return render_template("signing_in/link_over.html"), 404
    return _password_page(person, Form())


@blueprint.post("/set-password/<link>")
@public
def set_password(link: str) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    try:
        person = clients.registration.check_password_link(link)
        version = request.form.get("terms", "")
        if person["terms_due"] and not version:
            form = Form({}, {"terms": ["Accept the terms of use, or write to the audit team."]})
            return _password_page(person, form), 422
        clients.registration.set_password(
            link=link, password=request.form.get("password", ""), terms_version=version or None
        )
    except InvalidInput as error:
        if "password" not in error.errors:
            return render_template("signing_in/link_over.html"), 404
        form = Form({"terms": version}, {"password": error.errors["password"]})
        return _password_page(person, form), 422
    except _LINK_ERRORS:
        return render_template("signing_in/link_over.html"), 404
    answer = redirect("/sign-in?notice=password-set", 303)
    _tokens().end_session(answer)
    return answer


def _tokens() -> FormTokens:
    tokens: FormTokens = current_app.extensions["fls_tokens"]
    return tokens


def _password_page(person: dict[str, Any], form: Form) -> str:
    clients: Clients = app_state()
    terms = clients.registration.terms() if person["terms_due"] else None
    return render_template("signing_in/set_password.html", form=form, person=person, terms=terms)
