"""One site as the audit team sees it: what it takes part in, its codes, suspended or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.days import boxes_of, read_day, typed_boxes
from gateway.forms import Form
from gateway.pages import states
from gateway.pages.audit_team import presenters
from services.shared.errors import Conflict, InvalidInput
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("sites_of_the_audit", __name__)
ORDER = ("has_fls", "fls_name", *boxes_of("fls"), "ods_code", *boxes_of("code"), "reason")
NOTICES = {
    "suspended": "The site is suspended. Its leads are sent the reason.",
    "reinstated": "The site is reinstated. Its leads are told.",
    "participation": "Saved. The site’s leads are told, and it works within five seconds.",
    "code": "Saved. The earlier code stays known with its last day.",
}


@blueprint.get("/sites/<uuid:site_id>")
@allows("registrations.review")
def show(site_id: UUID) -> str:
    return _page(site_id, Form())


@blueprint.post("/sites/<uuid:site_id>/suspension")
@allows("registrations.review")
def suspend(site_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    reason = request.form.get("reason", "").strip()
    return _try(
        site_id,
        Form({"reason": reason}),
        "suspended",
        lambda: clients.registration.suspend_site(site_id, reason=reason),
    )


@blueprint.post("/sites/<uuid:site_id>/reinstatement")
@allows("registrations.review")
def reinstate(site_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    return _try(site_id, Form(), "reinstated", lambda: clients.registration.reinstate_site(site_id))


@blueprint.post("/sites/<uuid:site_id>/participation")
@allows("registrations.review")
def participate(site_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    values = _typed("has_fls", "fls_name")
    form = Form(values | typed_boxes(request.form, "fls"))
    change: dict[str, Any] = {"has_fls": values["has_fls"] == "yes"}
    if change["has_fls"] and values["fls_name"]:
        change["fls_name"] = values["fls_name"]

    def do() -> None:
        if values["has_fls"] not in ("yes", "no"):
            raise InvalidInput({"has_fls": ["Say whether there is a service."]})
        change["valid_from"] = _day("fls")
        clients.registration.change_participation(site_id, change)

    return _try(site_id, form, "participation", do, day="fls")


@blueprint.post("/sites/<uuid:site_id>/ods-code")
@allows("registrations.review")
def replace_code(site_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    values = _typed("ods_code")

    def do() -> None:
        change = {"ods_code": values["ods_code"], "valid_from": _day("code")}
        clients.registration.replace_ods_code(site_id, change)

    return _try(site_id, Form(values | typed_boxes(request.form, "code")), "code", do, day="code")


def _typed(*names: str) -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in names}


def _day(name: str) -> str:
    errors: dict[str, list[str]] = {}
    found = read_day(request.form, name, errors, required="Enter the day.")
    if found is None:
        raise InvalidInput(errors)
    return found.isoformat()


def _try(
    site_id: UUID,
    form: Form,
    notice: str,
    do: Callable[[], None],
    *,
    day: str | None = None,
) -> Response | tuple[str, int]:
    try:
        do()
    except (InvalidInput, Conflict) as error:
        found = error.errors if isinstance(error, InvalidInput) else error.extra.get("errors")
        names = {"valid_from": boxes_of(day)[0]} if day else {}
        form.errors = {names.get(k, k): v for k, v in (found or {"": [error.detail]}).items()}
        return _page(site_id, form), 422 if isinstance(error, InvalidInput) else 409
    return redirect(f"/sites/{site_id}?notice={notice}", 303)


def _page(site_id: UUID, form: Form) -> str:
    clients: Clients = app_state()
    site = clients.registration.get_site(site_id)
    history = clients.registration.site_history(site_id)
    return render_template(
        "audit_team/site.html",
        site=site,
        tag=states.shown(states.SITE, site["state"]),
        kind=presenters.KINDS.get(site["kind"], site["kind"]),
        nation=presenters.NATIONS.get(site["nation"], site["nation"]),
        codes=history["codes"],
        participation=history["participation"],
        history=presenters.history_of(history["events"]),
        form=form,
        order=ORDER,
        notice=NOTICES.get(request.args.get("notice", "")),
    )
