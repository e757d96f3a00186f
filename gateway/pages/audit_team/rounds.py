"""Rounds of the facilities audit, for the audit team and auditors: open, follow, close, results."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from gateway.clients import Clients
from gateway.days import boxes_of, filled_boxes, read_day, today, typed_boxes
from gateway.forms import Form, page_number
from gateway.pages import states
from gateway.pages.audit_team import presenters
from gateway.pages.facilities import forms as questionnaires
from gateway.pages.facilities.presenters import state_of
from gateway.pages.facilities.tables import tables_of
from gateway.paging import pages_of
from services.shared.errors import Conflict, InvalidInput
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("rounds", __name__)

_READERS = ("facilities.manage", "facilities.read_national")
_ANSWER_STATES = ("not_started", "in_progress", "submitted")
_FIELDS = ("year", "name", "title", "questionnaire_id", "asked_part", "reminds")
_ORDER = (
    "questionnaire_id",
    "title",
    "name",
    "year",
    *boxes_of("opens"),
    *boxes_of("closes"),
    "asked_part",
    "asked_kinds",
    "reminds",
)
_NAMES = {"opens_on": "opens-day", "closes_on": "closes-day", "until_on": "until-day"}

Page = tuple[str, int]


@blueprint.get("/rounds")
@allows(*_READERS)
def list_rounds() -> str:
    clients: Clients = app_state()
    rounds = [presenters.round_of(each) for each in clients.facilities.list_rounds()]
    return render_template("audit_team/rounds.html", rounds=rounds)


@blueprint.get("/rounds/new")
@allows("facilities.manage")
def new() -> str:
    day = today()
    values = {
        "year": str(day.year),
        "reminds": "yes",
        "asked_part": "facilities",
        **filled_boxes("opens", day.isoformat()),
        **filled_boxes("closes", None),
    }
    return _new_page(Form(values))


@blueprint.post("/rounds/new")
@allows("facilities.manage")
def open_round() -> BaseResponse | Page:
    clients: Clients = app_state()
    typed = {name: request.form.get(name, "").strip() for name in _FIELDS}
    kinds = request.form.getlist("asked_kinds")
    boxes = typed_boxes(request.form, "opens") | typed_boxes(request.form, "closes")
    errors: dict[str, list[str]] = {}
    opens_on = read_day(request.form, "opens", errors, required="Enter the first day.")
    closes_on = read_day(request.form, "closes", errors)
    if not (typed["year"].isascii() and typed["year"].isdigit() and len(typed["year"]) == 4):
        errors["year"] = ["Enter the year with its four digits."]
    form = Form({**typed, **boxes, "asked_kinds": kinds}, errors)
    if errors:
        return _new_page(form), 422
    body = {
        "year": int(typed["year"]),
        "name": typed["name"] or None,
        "title": typed["title"] or None,
        "questionnaire_id": typed["questionnaire_id"] or None,
        "opens_on": opens_on.isoformat() if opens_on else None,
        "closes_on": closes_on.isoformat() if closes_on else None,
        "asked_kinds": kinds,
        "asked_part": typed["asked_part"] or "facilities",
        "reminds": typed["reminds"] == "yes",
    }
    known = {each["name"] for each in clients.facilities.list_rounds()}
    if (body["name"] or typed["year"]) in known:
        form.errors = {"name": ["There is a round of this name. Choose another one."]}
        return _new_page(form), 409
    try:
        opened = clients.facilities.open_round(body)
    except InvalidInput as error:
        form.errors = _named(error)
        return _new_page(form), 422
    return redirect(f"/rounds/{opened['round_id']}?notice=opened", 303)


@blueprint.get("/rounds/<uuid:round_id>")
@allows(*_READERS)
def show(round_id: UUID) -> str:
    return _round_page(round_id, Form(), notice=request.args.get("notice"))


@blueprint.post("/rounds/<uuid:round_id>/last-day")
@allows("facilities.manage")
def change_last_day(round_id: UUID) -> BaseResponse | Page:
    clients: Clients = app_state()
    errors: dict[str, list[str]] = {}
    closes_on = read_day(request.form, "closes", errors)
    reason = _reason("day_reason")
    form = Form({**typed_boxes(request.form, "closes"), "day_reason": reason}, errors)
    if errors:
        return _round_page(round_id, form), 422
    try:
        clients.facilities.change_last_day(
            round_id, closes_on=closes_on.isoformat() if closes_on else None, reason=reason
        )
    except InvalidInput as error:
        form.errors = _named(error, reason="day_reason")
        return _round_page(round_id, form), 422
    return redirect(f"/rounds/{round_id}?notice=last-day", 303)


@blueprint.post("/rounds/<uuid:round_id>/closing")
@allows("facilities.manage")
def close(round_id: UUID) -> BaseResponse | Page:
    clients: Clients = app_state()
    form = Form({"close_reason": _reason("close_reason")})
    try:
        clients.facilities.close_round(round_id, reason=form.value("close_reason"))
    except InvalidInput as error:
        form.errors = _named(error, reason="close_reason")
        return _round_page(round_id, form), 422
    except Conflict as error:
        form.errors = {"": [error.detail]}
        return _round_page(round_id, form), 409
    return redirect(f"/rounds/{round_id}?notice=closed", 303)


@blueprint.post("/rounds/<uuid:round_id>/reminders")
@allows("facilities.manage")
def remind(round_id: UUID) -> BaseResponse | Page:
    clients: Clients = app_state()
    try:
        sites = clients.facilities.remind(round_id)
    except Conflict as error:
        return _round_page(round_id, Form(errors={"": [error.detail]})), 409
    return redirect(f"/rounds/{round_id}?notice={'reminded' if sites else 'nobody'}", 303)


@blueprint.get("/rounds/<uuid:round_id>/sites/<uuid:site_id>")
@allows(*_READERS)
def site_answers(round_id: UUID, site_id: UUID) -> str:
    return _site_page(round_id, site_id, Form(), notice=request.args.get("notice"))


@blueprint.post("/rounds/<uuid:round_id>/sites/<uuid:site_id>/reopening")
@allows("facilities.manage")
def reopen(round_id: UUID, site_id: UUID) -> BaseResponse | Page:
    return _for_site(round_id, site_id, "reopened")


@blueprint.post("/rounds/<uuid:round_id>/sites/<uuid:site_id>/extension")
@allows("facilities.manage")
def extend(round_id: UUID, site_id: UUID) -> BaseResponse | Page:
    return _for_site(round_id, site_id, "extended")


@blueprint.get("/rounds/<uuid:round_id>/results")
@allows(*_READERS)
def show_results(round_id: UUID) -> str:
    clients: Clients = app_state()
    names = ("kind", "nation", "region")
    part = {name: request.args[name] for name in names if request.args.get(name)}
    results = clients.facilities.get_results(round_id, part)
    return render_template(
        "audit_team/results.html",
        round_=presenters.round_of(clients.facilities.get_round(round_id)),
        results=results,
        tables=tables_of(clients.facilities.get_questionnaire(round_id), results),
        form=Form(part),
        kinds=[(kind, presenters.KINDS.get(kind, kind)) for kind in results["kinds"]],
        nations=[(each, presenters.NATIONS.get(each, each)) for each in results["nations"]],
        regions=[(each, each) for each in results["regions"]],
    )


@blueprint.get("/rounds/<uuid:round_id>/data.csv")
@allows(*_READERS)
def download_data(round_id: UUID) -> Response:
    clients: Clients = app_state()
    content, disposition = clients.facilities.get_file(round_id, "data.csv")
    answer = Response(content, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = disposition
    return answer


def _reason(name: str) -> str:
    # The box takes several lines; a reason is one.
    return " ".join(request.form.get(name, "").split())


def _named(error: InvalidInput, reason: str = "reason") -> dict[str, list[str]]:
    names = {**_NAMES, "reason": reason}
    found = error.errors or {"": [error.detail]}
    return {names.get(name, name): list(messages) for name, messages in found.items()}


def _new_page(form: Form) -> str:
    clients: Clients = app_state()
    choices = [
        {"value": each["questionnaire_id"], "text": each["title"]}
        for each in clients.facilities.list_questionnaires()
        if not each["is_retired"]
    ]
    return render_template(
        "audit_team/new_round.html",
        form=form,
        order=_ORDER,
        questionnaires=choices,
        kinds=[{"value": kind, "text": text} for kind, text in presenters.KINDS.items()],
    )


def _round_page(round_id: UUID, form: Form, *, notice: str | None = None) -> str:
    clients: Clients = app_state()
    wanted = request.args.get("state")
    state = wanted if wanted in _ANSWER_STATES else None
    answer = clients.facilities.get_progress(
        round_id, page=page_number(request.args.get("page")), state=state
    )
    round_ = clients.facilities.get_round(round_id)
    return render_template(
        "audit_team/round.html",
        round_=presenters.round_of(round_),
        counts=presenters.counts_of(answer["counts"]),
        filters=[
            (name, states.ANSWERS[name].text, answer["counts"].get(name, 0), name == state)
            for name in _ANSWER_STATES
        ],
        state=state,
        sites=presenters.sites_of(answer["items"]),
        pages=pages_of(answer, f"/rounds/{round_id}", state=state),
        changes=presenters.round_changes_of(clients.facilities.list_round_changes(round_id)),
        form=Form({**filled_boxes("closes", round_["closes_on"]), **form.values}, form.errors),
        order=[*boxes_of("closes"), "day_reason", "close_reason"],
        notice=notice,
    )


def _for_site(round_id: UUID, site_id: UUID, what: str) -> BaseResponse | Page:
    clients: Clients = app_state()
    errors: dict[str, list[str]] = {}
    needed = "Enter the last day." if what == "extended" else None
    until = read_day(request.form, "until", errors, required=needed)
    reason = _reason("reason")
    form = Form({**typed_boxes(request.form, "until"), "reason": reason}, errors)
    if errors:
        return _site_page(round_id, site_id, form), 422
    until_on = until.isoformat() if until else None
    try:
        if what == "extended":
            clients.facilities.extend(round_id, site_id, reason=reason, until_on=str(until_on))
        else:
            clients.facilities.reopen(round_id, site_id, reason=reason, until_on=until_on)
    except InvalidInput as error:
        form.errors = _named(error)
        return _site_page(round_id, site_id, form), 422
    except Conflict as error:
        form.errors = {"": [error.detail]}
        return _site_page(round_id, site_id, form), 409
    return redirect(f"/rounds/{round_id}/sites/{site_id}?notice={what}", 303)


def _site_page(round_id: UUID, site_id: UUID, form: Form, *, notice: str | None = None) -> str:
    clients: Clients = app_state()
    answers: dict[str, Any] = clients.facilities.get_site_answers(round_id, site_id)
    return render_template(
        "audit_team/site_answers.html",
        round_=presenters.round_of(clients.facilities.get_round(round_id)),
        questionnaire=clients.facilities.get_questionnaire(round_id),
        answers=answers,
        state=state_of(answers),
        given_lines=questionnaires.given_lines,
        form=form,
        order=[*boxes_of("until"), "reason"],
        notice=notice,
    )
