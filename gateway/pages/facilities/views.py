"""A site's rounds: which there are, how far each section is, and answering a section."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from gateway.clients import Clients
from gateway.forms import Form
from gateway.names import people_of
from gateway.pages import states
from gateway.pages.facilities import forms, presenters
from services.shared.errors import Conflict, Forbidden, InvalidInput, NotFound
from services.shared.identity import allows, current_actor
from services.shared.web import app_state

blueprint = Blueprint("facilities", __name__)

Page = tuple[str, int]


@blueprint.get("/facilities")
@allows("facilities.read")
def list_rounds() -> str | BaseResponse:
    clients: Clients = app_state()
    rounds = [
        {
            **each,
            "tag": states.shown(states.ANSWERS, each["answers_state"]),
            "window_tag": states.shown(states.ROUND, each["window"]),
        }
        for each in clients.facilities.list_own_rounds()
    ]
    if not rounds:
        return render_template("facilities/no_round.html")
    if len(rounds) == 1:
        return redirect(f"/facilities/{rounds[0]['round_id']}", 303)
    return render_template("facilities/rounds.html", rounds=rounds)


@blueprint.get("/facilities/<uuid:round_id>")
@allows("facilities.read")
def show_round(round_id: UUID) -> str:
    clients: Clients = app_state()
    answers = clients.facilities.get_answers(round_id)
    questionnaire = clients.facilities.get_questionnaire(round_id)
    people = people_of(clients)
    return render_template(
        "facilities/overview.html",
        round_=clients.facilities.get_round(round_id),
        answers=answers,
        state=presenters.state_of(answers),
        sections=presenters.sections_of(answers, people),
        last=_last_time(round_id),
        questionnaire=questionnaire,
        given_lines=forms.given_lines,
        notice=request.args.get("notice"),
        may_change=_may_change(answers),
    )


@blueprint.get("/facilities/<uuid:round_id>/sections/<string:section_id>")
@allows("facilities.read")
def show_section(round_id: UUID, section_id: str) -> str:
    clients: Clients = app_state()
    answers = clients.facilities.get_answers(round_id)
    return _section_page(round_id, section_id, answers, notice=request.args.get("notice"))


@blueprint.post("/facilities/<uuid:round_id>/sections/<string:section_id>")
@allows("facilities.answer")
def save_section(round_id: UUID, section_id: str) -> BaseResponse | Page:
    clients: Clients = app_state()
    questionnaire = clients.facilities.get_questionnaire(round_id)
    section = _find(questionnaire, section_id)
    then = request.form.get("then", "save")
    typed = forms.answers_from(
        section["questions"], request.form, all_right=then == "confirm" or then == "all_right"
    )
    version, seen = forms.seen_in(request.form)
    try:
        saved = clients.facilities.save_answers(round_id, version=version, seen=seen, answers=typed)
    except Conflict as error:
        return _conflict(round_id, section_id, typed, error), 409
    except InvalidInput as error:
        answers = clients.facilities.get_answers(round_id)
        errors = presenters.field_errors(section["questions"], error.errors or {})
        form_errors = errors or {"": [error.detail]}
        return _section_page(round_id, section_id, answers, errors=form_errors), 422
    if then != "confirm":
        next_id = _next_section(saved, section_id) if then == "next" else section_id
        return redirect(f"/facilities/{round_id}/sections/{next_id}?notice=saved", 303)
    try:
        clients.facilities.confirm_section(round_id, section_id, version=saved["version"])
    except (InvalidInput, Conflict):
        # Saved, and not fit to be confirmed: the findings say why.
        answers = clients.facilities.get_answers(round_id)
        return _section_page(round_id, section_id, answers, missing=True), 422
    return redirect(f"/facilities/{round_id}?notice=confirmed#section-{section_id}", 303)


@blueprint.post("/facilities/<uuid:round_id>/sections/<string:section_id>/autosave")
@allows("facilities.answer")
def autosave(round_id: UUID, section_id: str) -> Response:
    clients: Clients = app_state()
    section = _find(clients.facilities.get_questionnaire(round_id), section_id)
    version, seen = forms.seen_in(request.form)
    saved = clients.facilities.save_answers(
        round_id,
        version=version,
        seen=seen,
        answers=forms.answers_from(section["questions"], request.form),
    )
    # The page goes on showing what it showed, so it keeps its version, but for what it saved.
    return jsonify(version=version, seen=forms.seen_text(seen, saved["changed"], saved["version"]))


@blueprint.post("/facilities/<uuid:round_id>/sections/<string:section_id>/owner")
@allows("facilities.answer")
def set_owner(round_id: UUID, section_id: str) -> BaseResponse:
    clients: Clients = app_state()
    wanted = request.form.get("owner", "")
    owner = str(current_actor().account_id) if wanted == "me" else wanted or None
    notice = "owner"
    try:
        clients.facilities.set_owner(round_id, section_id, owner=owner)
    except (Forbidden, InvalidInput):
        notice = "not-owner"
    except Conflict:
        notice = "too-late"
    return redirect(f"/facilities/{round_id}?notice={notice}#section-{section_id}", 303)


@blueprint.post("/facilities/<uuid:round_id>/sections/<string:section_id>/withdrawal")
@allows("facilities.answer")
def withdraw(round_id: UUID, section_id: str) -> BaseResponse:
    clients: Clients = app_state()
    try:
        clients.facilities.withdraw_section(round_id, section_id)
    except Conflict:
        return redirect(f"/facilities/{round_id}?notice=too-late", 303)
    return redirect(f"/facilities/{round_id}?notice=withdrawn#section-{section_id}", 303)


@blueprint.post("/facilities/<uuid:round_id>/comments")
@allows("facilities.answer")
def comment(round_id: UUID) -> BaseResponse | Page:
    clients: Clients = app_state()
    question = request.form.get("question", "")
    section_id = request.form.get("section", "")
    words = request.form.get("words", "").replace("\r\n", "\n").strip()
    try:
        clients.facilities.write_comment(round_id, question=question, words=words)
    except InvalidInput as error:
        answers = clients.facilities.get_answers(round_id)
        messages = next(iter((error.errors or {"": [error.detail]}).values()))
        return _section_page(
            round_id,
            section_id,
            answers,
            errors={f"comment-{question}": list(messages)},
            written={question: words},
        ), 422
    address = f"/facilities/{round_id}/sections/{section_id}"
    return redirect(f"{address}?notice=commented#comments-{question}", 303)


def _find(questionnaire: dict[str, Any], section_id: str) -> dict[str, Any]:
    for section in questionnaire["sections"]:
        if section["id"] == section_id:
            found: dict[str, Any] = section
            return found
    raise NotFound("There is no such section.")


def _next_section(answers: dict[str, Any], section_id: str) -> str:
    """The next section that is asked; the same one after the last."""
    asked = [s["section"] for s in answers["sections"] if s["state"] != "not_asked"]
    later = asked[asked.index(section_id) + 1 :] if section_id in asked else asked
    return str(later[0]) if later else section_id


def _last_time(round_id: UUID) -> dict[str, Any] | None:
    clients: Clients = app_state()
    try:
        return clients.facilities.get_last_time(round_id)
    except NotFound:
        return None


def _colleagues() -> list[dict[str, Any]]:
    """Who can be given a section: people of the site who answer. Only for who manages them."""
    actor = current_actor()
    if not (actor.has("site.manage") and actor.has("facilities.submit")):
        return []
    clients: Clients = app_state()
    answering = ("site_lead", "facilities_respondent")
    return [
        person
        for person in clients.registration.list_people()
        if person.get("is_here") and person.get("role") in answering
    ]


def _may_change(answers: dict[str, Any]) -> bool:
    is_open = answers["window"] == "open" and answers["state"] != "submitted"
    return bool(is_open and answers["is_asked"] and current_actor().has("facilities.answer"))


def _section_page(
    round_id: UUID,
    section_id: str,
    answers: dict[str, Any],
    *,
    errors: dict[str, list[str]] | None = None,
    values: dict[str, Any] | None = None,
    missing: bool = False,
    notice: str | None = None,
    written: dict[str, str] | None = None,
) -> str:
    clients: Clients = app_state()
    questionnaire = clients.facilities.get_questionnaire(round_id)
    section = _find(questionnaire, section_id)
    every = forms.questions_of(questionnaire)
    questions = presenters.possible_questions(section, answers)
    found = presenters.errors_of(questions, answers, missing=missing)
    people = people_of(clients)
    sections = presenters.sections_of(answers, people)
    shown = forms.values_from(questions, answers["answers"], answers["proposals"])
    explained = {f"why.{code}": words for code, words in answers["explanations"].items()}
    derived = [each for each in questionnaire["derived"] if each["id"] in answers["derived"]]
    return render_template(
        "facilities/section.html",
        round_=clients.facilities.get_round(round_id),
        section=section,
        progress=next(each for each in sections if each["section"] == section_id),
        sections=sections,
        questions=questions,
        answers=answers,
        form=Form({**explained, **shown, **(values or {})}, {**found, **(errors or {})}),
        order=_order(questions, answers),
        conditions=presenters.conditions_of(questions, every, set(answers["asked"])),
        warnings=presenters.warnings_of(answers),
        contradictions=presenters.contradictions_of(answers),
        proposals=presenters.proposals_of(questions, answers),
        last=presenters.last_time_of(questions, _last_time(round_id)),
        comments=presenters.comments_of(clients.facilities.list_comments(round_id), people),
        written=written or {},
        colleagues=_colleagues(),
        derived=[{**each, "value": answers["derived"][each["id"]]} for each in derived],
        given_lines=forms.given_lines,
        may_change=_may_change(answers),
        notice=notice,
    )


def _order(questions: list[forms.Question], answers: dict[str, Any]) -> list[str]:
    contradictions = presenters.contradictions_of(answers)
    order: list[str] = []
    for question in questions:
        order.extend(forms.first_field(question, key) for key in question["keys"])
        order.extend(f"why.{each['code']}" for each in contradictions.get(question["id"], []))
        order.append(f"comment-{question['id']}")
    return order


def _conflict(round_id: UUID, section_id: str, typed: dict[str, Any], error: Conflict) -> str:
    """The section as it is now, with what was changed here on top, and both values of each."""
    clients: Clients = app_state()
    answers = clients.facilities.get_answers(round_id)
    if not _may_change(answers):
        return _section_page(round_id, section_id, answers, notice="too-late")
    section = _find(clients.facilities.get_questionnaire(round_id), section_id)
    both = error.extra.get("conflicts") or {}
    mine = {key: typed.get(key) for key in [*both, *(error.extra.get("changes") or {})]}
    on_top = forms.values_from(section["questions"], mine, {})
    touched = {
        name: value
        for question in section["questions"]
        for key in question["keys"]
        if key in mine
        for name, value in on_top.items()
        if name == key or name in (f"{key}-month", f"{key}-year")
    }
    explanations = {key: typed[key] or "" for key in mine if key.startswith(forms.EXPLANATION)}
    return _section_page(
        round_id,
        section_id,
        answers,
        errors=presenters.conflict_errors(section["questions"], both, error.detail),
        values={**touched, **explanations},
    )
