"""The people of a site: list, add, change, take out.

A lead sees those of their own site; who manages the people of all sites names one in the address
(`?site=`), or is there on a visit.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.forms import Form, page_number
from gateway.pages.people import forms
from gateway.pages.people.presenters import GRANTS, ROLES, people_of
from gateway.paging import pages_of
from services.shared.errors import Conflict, InvalidInput, NotFound
from services.shared.identity import allows, current_actor
from services.shared.web import app_state

blueprint = Blueprint("people", __name__)


@blueprint.get("/people")
@allows("site.manage", "accounts.manage")
def list_people() -> Response | str:
    clients: Clients = app_state()
    site_id = _site_id()
    if site_id is None:
        return redirect("/sites", 303)
    here, former = people_of(clients.registration.list_people(site_id), current_actor().account_id)
    visits = clients.registration.list_visits(site_id, page=page_number(request.args.get("page")))
    return render_template(
        "people/people.html",
        site=clients.registration.get_site(site_id),
        query=_query(),
        here=here,
        former=former,
        visits=visits["items"],
        pages=pages_of(visits, "/people", site=request.args.get("site")),
        notice=request.args.get("notice"),
        confirmation=clients.registration.people_confirmation(site_id),
    )


@blueprint.get("/people/new")
@allows("site.manage", "accounts.manage")
def ask_new() -> str:
    return _new(Form())


@blueprint.post("/people/new")
@allows("site.manage", "accounts.manage")
def add() -> Response | tuple[str, int]:
    clients: Clients = app_state()
    values = forms.typed(request.form)
    try:
        clients.registration.add_person(forms.person_from(values, _named_site()))
    except InvalidInput as error:
        return _new(_faulty(values, error.errors, error.detail)), 422
    except Conflict as error:
        return _new(_faulty(values, error.extra.get("errors") or {}, error.detail)), 409
    return _back("added")


@blueprint.post("/people/confirmation")
@allows("site.manage")
def confirm() -> Response:
    clients: Clients = app_state()
    clients.registration.confirm_people()
    return redirect("/people?notice=confirmed", 303)


@blueprint.get("/people/transfer")
@allows("site.manage")
def ask_transfer() -> str:
    return _transfer(Form())


@blueprint.post("/people/transfer")
@allows("site.manage")
def transfer() -> Response | tuple[str, int]:
    clients: Clients = app_state()
    values = {name: request.form.get(name, "") for name in ("account_id", "own_role")}
    missing = {
        name: [words]
        for name, words in (
            ("account_id", "Choose who is to lead."),
            ("own_role", "Choose what you are from then on."),
        )
        if not values[name]
    }
    if missing:
        return _transfer(Form(values, missing)), 422
    own_role = None if values["own_role"] == "none" else values["own_role"]
    try:
        clients.registration.transfer_lead(values["account_id"], own_role=own_role)
    except InvalidInput as error:
        return _transfer(_faulty(values, error.errors, error.detail)), 422
    except Conflict as error:
        return _transfer(_faulty(values, {}, error.detail)), 409
    return redirect("/", 303)


@blueprint.get("/people/<uuid:account_id>")
@allows("site.manage", "accounts.manage")
def ask_change(account_id: UUID) -> str:
    person = _person(account_id)
    return _change(person, Form(forms.values_of(person)))


@blueprint.post("/people/<uuid:account_id>")
@allows("site.manage", "accounts.manage")
def change(account_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    values = forms.typed(request.form)
    try:
        clients.registration.change_person(account_id, forms.change_from(values, _named_site()))
    except InvalidInput as error:
        form = _faulty(values, error.errors, error.detail)
        return _change(_person(account_id), form), 422
    except Conflict as error:
        return _change(_person(account_id), _faulty(values, {}, error.detail)), 409
    return _back("changed")


@blueprint.post("/people/<uuid:account_id>/removal")
@allows("site.manage", "accounts.manage")
def remove(account_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    try:
        clients.registration.remove_person(account_id, site_id=_named_site())
    except Conflict as error:
        person = _person(account_id)
        return _change(person, _faulty(forms.values_of(person), {}, error.detail)), 409
    return _back("removed")


@blueprint.post("/people/<uuid:account_id>/invitation")
@allows("site.manage", "accounts.manage")
def invite_again(account_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    try:
        clients.registration.invite_again(account_id, site_id=_named_site())
    except Conflict as error:
        person = _person(account_id)
        return _change(person, _faulty(forms.values_of(person), {}, error.detail)), 409
    return _back("invited")


@blueprint.post("/people/<uuid:account_id>/second-factor/removal")
@allows("site.manage", "accounts.manage")
def forget_second_factor(account_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    try:
        clients.registration.forget_second_factor(account_id, site_id=_named_site())
    except Conflict as error:
        person = _person(account_id)
        return _change(person, _faulty(forms.values_of(person), {}, error.detail)), 409
    return _back("app-taken")


def _transfer(form: Form) -> str:
    clients: Clients = app_state()
    own_id = current_actor().account_id
    here, _ = people_of(clients.registration.list_people(_named_site()), own_id)
    heirs = [person for person in here if not person["own"] and person["state"] == "active"]
    return _form_page("people/transfer.html", form, heirs=heirs)


def _site_id() -> UUID | None:
    """The site in the address, else the caller's."""
    named = request.args.get("site")
    if named is None:
        return current_actor().site_id
    try:
        return UUID(named)
    except ValueError:
        raise NotFound() from None


def _named_site() -> UUID:
    site_id = _site_id()
    if site_id is None:
        raise NotFound()
    return site_id


def _query() -> str:
    """What the addresses of the same site's people end with."""
    named = request.args.get("site")
    return f"?site={UUID(named)}" if named else ""


def _back(notice: str) -> Response:
    query = _query()
    return redirect(f"/people{query}{'&' if query else '?'}notice={notice}", 303)


def _faulty(values: dict[str, Any], errors: dict[str, list[str]], detail: str) -> Form:
    return Form(values, errors or {"": [detail]})


def _person(account_id: UUID) -> dict[str, Any]:
    """Someone who is at the site; nobody else can be changed."""
    clients: Clients = app_state()
    here, _ = people_of(clients.registration.list_people(_named_site()), current_actor().account_id)
    for person in here:
        if str(person["account_id"]) == str(account_id):
            return person
    raise NotFound()


def _new(form: Form) -> str:
    return _form_page("people/new.html", form)


def _change(person: dict[str, Any], form: Form) -> str:
    return _form_page("people/person.html", form, person=person)


def _form_page(template: str, form: Form, **more: Any) -> str:
    clients: Clients = app_state()
    site = clients.registration.get_site(_named_site())
    return render_template(
        template,
        form=form,
        order=forms.FIELDS,
        roles=ROLES,
        grants=GRANTS,
        site=site,
        query=_query(),
        **more,
    )
