"""A work-list, and the way from one of its records to the next."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.names import people_of
from gateway.pages.worklists import presenters
from gateway.worklists import WORKLISTS, Step, Worklist, count_from
from services.shared.errors import InvalidInput, NotFound
from services.shared.identity import allows, current_actor
from services.shared.web import app_state

blueprint = Blueprint("worklists", __name__)
PAGE_SIZE = 50


@blueprint.get("/worklists/<name>")
@allows("records.read")
def show_worklist(name: str) -> Response | str:
    clients: Clients = app_state()
    worklist, after = _known(name), request.args.get("after")
    try:
        answer = clients.records.get_worklist(name, after=after, limit=PAGE_SIZE)
    except InvalidInput:
        return _from_the_first(worklist, after)
    things = presenters.things_of(answer, worklist, current_actor())
    return render_template(
        "worklists/list.html",
        worklist=worklist,
        total=answer["total"],
        entries=presenters.entries_of(things, people_of(clients)) if name == "unfinished" else [],
        records=presenters.records_of(things) if name != "unfinished" else [],
        things=things,
        first=answer["position"],
        next=presenters.address_behind(worklist, answer["next"]),
    )


@blueprint.get("/worklists/<name>/next")
@allows("records.read")
def go_on(name: str) -> Response | str:
    """Leads to the item after a place, or says that there is none."""
    clients: Clients = app_state()
    worklist, after = _known(name), request.args.get("after")
    try:
        answer = clients.records.get_next_of_worklist(name, after=after)
    except InvalidInput:
        return _from_the_first(worklist, after)
    item = answer["item"]
    if item is None:
        return render_template("worklists/last.html", worklist=worklist, left=answer["total"])
    number = count_from(request.args.get("number")) or answer["position"]
    total = count_from(request.args.get("total")) or answer["total"]
    step = Step(worklist, number, max(number, total), item["cursor"])
    return redirect(presenters.place_of(item, step, current_actor()), 303)


def _known(name: str) -> Worklist:
    if name not in WORKLISTS:
        raise NotFound()
    return WORKLISTS[name]


def _from_the_first(worklist: Worklist, after: str | None) -> Response:
    """A place that the service cannot read: an address cut short. The list begins anew."""
    if after is None:
        raise NotFound()
    return redirect(f"/worklists/{worklist.name}", 303)
