"""The registration form, page by page; what becomes of it; copies to print.

An address with a link in it is a secret: whoever has it has the form. It is in no log.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.forms import Form
from gateway.pages.joining import presenters, printing
from services.shared.errors import Conflict, InvalidInput, NotFound
from services.shared.identity import public
from services.shared.web import app_state

blueprint = Blueprint("joining", __name__)


@blueprint.get("/register")
@public
def ask() -> str:
    return render_template("joining/begin.html", form=Form())


@blueprint.post("/register")
@public
def begin() -> str | tuple[str, int]:
    """The answer is the same for every address: what is known of it goes there by mail."""
    clients: Clients = app_state()
    email = request.form.get("email", "").strip()
    form = Form({"email": email})
    try:
        if not email:
            raise InvalidInput({"email": ["Enter the e-mail address of the lead."]})
        clients.registration.begin_registration(email)
    except InvalidInput as error:
        form.errors = error.errors or {"email": [error.detail]}
        return render_template("joining/begin.html", form=form), 422
    return render_template("joining/mailed.html", email=email)


@blueprint.get("/register/form.pdf")
@public
def blank_copy() -> Response:
    clients: Clients = app_state()
    return _pdf(printing.blank_form(clients.registration.registration_form()), "registration-form")


@blueprint.get("/register/<link>")
@public
def overview(link: str) -> str | tuple[str, int]:
    clients: Clients = app_state()
    try:
        found = clients.registration.open_registration(link)
    except NotFound:
        return _over()
    form = clients.registration.registration_form()
    if found["state"] is None:
        return render_template(
            "joining/overview.html",
            link=link,
            email=found["email"],
            parts=presenters.parts_of(form, found["sections"]),
            is_complete=set(found["sections"].values()) == {"complete"},
        )
    return _state_page(link, found, Form())


@blueprint.get("/register/<link>/copy.pdf")
@public
def copy(link: str) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    try:
        found = clients.registration.open_registration(link)
    except NotFound:
        return _over()
    form = clients.registration.registration_form()
    name = f"registration-{found['reference'] or 'draft'}"
    return _pdf(printing.filled_form(form, found), name)


@blueprint.get("/register/<link>/check")
@public
def check(link: str) -> str | Response | tuple[str, int]:
    clients: Clients = app_state()
    try:
        found = clients.registration.open_registration(link)
    except NotFound:
        return _over()
    if found["state"] is not None:
        return redirect(f"/register/{link}", 303)
    return _check_page(link, found, Form())


@blueprint.post("/register/<link>/send")
@public
def send(link: str) -> str | Response | tuple[str, int]:
    clients: Clients = app_state()
    try:
        clients.registration.send_registration(link)
    except NotFound:
        return _over()
    except InvalidInput as error:
        found = clients.registration.open_registration(link)
        return _check_page(link, found, Form({}, dict(error.errors))), 422
    except Conflict as error:
        found = clients.registration.open_registration(link)
        return _check_page(link, found, Form({}, {"": [error.detail]})), 409
    return redirect(f"/register/{link}", 303)


@blueprint.post("/register/<link>/reply")
@public
def reply(link: str) -> str | Response | tuple[str, int]:
    clients: Clients = app_state()
    words = request.form.get("words", "").strip()
    try:
        clients.registration.answer_query(link, words)
    except NotFound:
        return _over()
    except InvalidInput as error:
        found = clients.registration.open_registration(link)
        return _state_page(link, found, Form({"words": words}, dict(error.errors))), 422
    except Conflict:  # it was answered in another window
        return redirect(f"/register/{link}", 303)
    return redirect(f"/register/{link}?notice=answered", 303)


@blueprint.get("/register/<link>/<section>")
@public
def ask_section(link: str, section: str) -> str | Response | tuple[str, int]:
    clients: Clients = app_state()
    try:
        found = clients.registration.open_registration(link)
    except NotFound:
        return _over()
    if found["state"] is not None:
        return redirect(f"/register/{link}", 303)
    # What is wrong is told once it was entered; a section that is new is not full of complaints.
    return _section_page(link, section, found, Form(found["answers"], found["problems"]))


@blueprint.post("/register/<link>/<section>")
@public
def save_section(link: str, section: str) -> str | Response | tuple[str, int]:
    clients: Clients = app_state()
    form = clients.registration.registration_form()
    part = presenters.find_part(form, section)
    typed = presenters.typed(part, request.form)
    try:
        found = clients.registration.save_section(link, section, typed)
    except NotFound:
        return _over()
    except InvalidInput as error:
        found = clients.registration.open_registration(link)
        return _section_page(link, section, found, Form(typed, dict(error.errors))), 422
    except Conflict:
        return redirect(f"/register/{link}", 303)
    asked = presenters.applying(part, found["answers"])
    problems = {key: words for key, words in found["problems"].items() if key in asked}
    new = set(asked) - set(request.form.get("asked", "").split(","))
    if request.form.get("then") == "later":
        return redirect(f"/register/{link}", 303)
    if new and not set(problems) - new:
        # An answer has made further questions apply: they are asked before going on.
        return redirect(f"/register/{link}/{section}?notice=more", 303)
    if problems:
        return _section_page(link, section, found, Form(found["answers"], problems)), 422
    return redirect(presenters.next_page(form, link, section), 303)


def _section_page(link: str, section: str, found: dict[str, Any], form: Form) -> str:
    clients: Clients = app_state()
    asked = clients.registration.registration_form()
    part = presenters.find_part(asked, section)
    shown = presenters.applying(part, found["answers"])
    return render_template(
        "joining/section.html",
        link=link,
        title=presenters.title_of(asked, section),
        section=section,
        questions=[part[key] for key in shown],
        order=shown,
        form=form,
        email=found["email"],
        notice=request.args.get("notice"),
    )


def _check_page(link: str, found: dict[str, Any], form: Form) -> str:
    clients: Clients = app_state()
    asked = clients.registration.registration_form()
    return render_template(
        "joining/check.html",
        link=link,
        form=form,
        email=found["email"],
        parts=presenters.summary_of(asked, found, form.errors),
        is_complete=set(found["sections"].values()) == {"complete"},
    )


def _state_page(link: str, found: dict[str, Any], form: Form) -> str:
    return render_template(
        "joining/state.html",
        link=link,
        form=form,
        found=found,
        tag=presenters.tag_of(found),
        name=found["answers"].get("organisation_name", ""),
        notice=request.args.get("notice"),
    )


def _over() -> tuple[str, int]:
    return render_template("joining/over.html"), 404


def _pdf(content: bytes, name: str) -> Response:
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
