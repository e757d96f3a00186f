"""Possible duplicates: the list, one pair, and what is decided about it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.forms import Form, page_number
from gateway.names import people_of
from gateway.pages.duplicates import presenters
from gateway.paging import pages_of
from gateway.worklists import current_step
from services.shared.errors import Conflict
from services.shared.identity import allows, current_actor
from services.shared.web import app_state

blueprint = Blueprint("duplicates", __name__)


@blueprint.get("/duplicates")
@allows("records.read")
def list_pairs() -> str:
    clients: Clients = app_state()
    decided = request.args.get("decided") == "yes"
    answer = clients.records.list_pairs(decided=decided, page=page_number(request.args.get("page")))
    return render_template(
        "duplicates/list.html",
        pairs=presenters.rows_of(answer["items"], people_of(clients) if decided else {}),
        decided=decided,
        pages=pages_of(answer, "/duplicates", decided="yes" if decided else None),
        notice=request.args.get("notice"),
    )


@blueprint.get("/duplicates/<uuid:pair_id>")
@allows("records.read")
def show_pair(pair_id: UUID) -> str:
    return _page(pair_id, Form())


@blueprint.post("/duplicates/<uuid:pair_id>")
@allows("records.delete", "records.acknowledge")
def decide(pair_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    step, decision = current_step(), request.form.get("decision", "")
    allowed = [choice.value for choice in presenters.choices_for(current_actor())]
    if decision not in allowed:
        form = Form({}, {"decision": ["Choose what is right."]})
        return _page(pair_id, form), 422
    try:
        clients.records.decide_pair(pair_id, decision)
    except Conflict as error:
        return _page(pair_id, Form({"decision": decision}, {"": [error.detail]})), 409
    return redirect(step.next if step else f"/duplicates?notice={decision}", 303)


def _page(pair_id: UUID, form: Form) -> str:
    clients: Clients = app_state()
    pair = clients.records.get_pair(pair_id)
    people = people_of(clients)
    first, second = pair["first"], pair["second"]
    different, alike = presenters.compare(first["values"], second["values"])
    return render_template(
        "duplicates/pair.html",
        form=form,
        pair=pair,
        kind=presenters.kind_of(pair),
        apart=presenters.apart_in_words(first["values"], second["values"]),
        heads=[presenters.head_of(record, people) for record in (first, second)],
        different=different,
        alike=alike,
        choices=presenters.choices_for(current_actor()),
        decided=presenters.rows_of([pair], people)[0] if pair.get("decision") else None,
    )
