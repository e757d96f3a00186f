"""The log: who did what, when. A lead sees that of the own site, the audit team that of all."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from gateway.clients import Clients
from gateway.days import boxes_of, read_day, typed_boxes
from gateway.forms import Form, page_number
from gateway.pages.audit_team import presenters
from gateway.paging import pages_of
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("log", __name__)
ORDER = (*boxes_of("since"), *boxes_of("until"))


@blueprint.get("/log")
@allows("site.manage", "registrations.review")
def show() -> str | tuple[str, int]:
    clients: Clients = app_state()
    errors: dict[str, list[str]] = {}
    place = _place(errors)
    answer: dict[str, Any] = {"items": [], "page": 1, "page_size": 25, "total": 0}
    if not errors:
        answer = clients.registration.list_log(place, page=page_number(request.args.get("page")))
    boxes = {**typed_boxes(request.args, "since"), **typed_boxes(request.args, "until")}
    kept = {"what": place.get("what"), **{name: text for name, text in boxes.items() if text}}
    page = render_template(
        "audit_team/log.html",
        lines=presenters.history_of(answer["items"]),
        deeds=presenters.DEEDS,
        form=Form({"what": place.get("what", ""), **boxes}, errors),
        order=ORDER,
        total=answer["total"],
        query=urlencode(place),
        pages=pages_of(answer, "/log", **kept),
    )
    return (page, 422) if errors else page


def _place(errors: dict[str, list[str]]) -> dict[str, str]:
    """What the log is narrowed to, as registration takes it; days that are none go to `errors`."""
    place = {}
    for name in ("since", "until"):
        day = read_day(request.args, name, errors)
        if day is not None:
            place[name] = day.isoformat()
    what = request.args.get("what", "")
    if what in presenters.DEEDS:
        place["what"] = what
    return place
