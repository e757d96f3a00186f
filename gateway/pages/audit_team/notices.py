"""Notices: what the audit team tells everybody on the home page."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.days import boxes_of, filled_boxes, read_day, today, typed_boxes
from gateway.forms import Form, page_number
from gateway.paging import pages_of
from services.shared.errors import InvalidInput
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("notices", __name__)
ORDER = ("title", "words", *boxes_of("from"), *boxes_of("until"))
_BOXES = {"shown_from": boxes_of("from")[0], "shown_until": boxes_of("until")[0]}


@blueprint.get("/notices")
@allows("registrations.review")
def list_notices() -> str:
    return _page(Form(filled_boxes("from", today().isoformat())))


@blueprint.post("/notices")
@allows("registrations.review")
def publish() -> Response | tuple[str, int]:
    clients: Clients = app_state()
    values = {name: request.form.get(name, "").strip() for name in ("title", "words")}
    errors: dict[str, list[str]] = {}
    begins = read_day(request.form, "from", errors, required="Enter the first day.")
    ends = read_day(request.form, "until", errors, required="Enter the last day.")
    form = Form(
        {**values, **typed_boxes(request.form, "from"), **typed_boxes(request.form, "until")},
        errors,
    )
    if begins is None or ends is None:
        return _page(form), 422
    days = {"shown_from": begins.isoformat(), "shown_until": ends.isoformat()}
    try:
        clients.registration.publish_notice(values | days)
    except InvalidInput as error:
        found = error.errors or {"": [error.detail]}
        form.errors = {_BOXES.get(name, name): words for name, words in found.items()}
        return _page(form), 422
    return redirect("/notices?notice=published", 303)


@blueprint.post("/notices/<uuid:notice_id>/withdrawal")
@allows("registrations.review")
def withdraw(notice_id: UUID) -> Response:
    clients: Clients = app_state()
    clients.registration.withdraw_notice(notice_id)
    return redirect("/notices?notice=withdrawn", 303)


def _page(form: Form) -> str:
    clients: Clients = app_state()
    answer = clients.registration.list_notices(page=page_number(request.args.get("page")))
    return render_template(
        "audit_team/notices.html",
        notices=answer["items"],
        pages=pages_of(answer, "/notices"),
        form=form,
        order=ORDER,
        notice=request.args.get("notice"),
    )
