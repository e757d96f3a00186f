"""The questionnaire of the open round: read, save as a draft, submit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.forms import Form
from gateway.pages.facilities import forms, presenters
from services.shared.errors import Conflict, InvalidInput, NotFound
from services.shared.identity import allows, current_actor
from services.shared.web import app_state

blueprint = Blueprint("facilities", __name__)


@blueprint.get("/facilities")
@allows("facilities.read")
def show() -> str:
    clients: Clients = app_state()
    try:
        round_ = clients.facilities.get_current_round()
    except NotFound:
        return render_template("facilities/no_round.html")
    questionnaire = clients.facilities.get_questionnaire(round_["round_id"])
    answers = clients.facilities.get_answers(round_["round_id"])
    return _page(round_, questionnaire, answers, notice=request.args.get("notice"))


@blueprint.post("/facilities")
@allows("facilities.answer")
def save() -> Response | tuple[str, int]:
    clients: Clients = app_state()
    round_ = clients.facilities.get_current_round()
    questionnaire = clients.facilities.get_questionnaire(round_["round_id"])
    typed = forms.answers_from(forms.questions_of(questionnaire), request.form)
    version = request.form.get("version", "")
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    try:
        saved = clients.facilities.save_answers(round_["round_id"], version=seen, answers=typed)
        if request.form.get("then") != "submit":
            return redirect("/facilities?notice=saved", 303)
        clients.facilities.submit(round_["round_id"], version=saved["version"])
    except Conflict as error:
        return _conflict(round_, questionnaire, typed, error), 409
    except InvalidInput as error:
        # Saved, and not fit to be submitted: the findings say why.
        answers = clients.facilities.get_answers(round_["round_id"])
        return _page(round_, questionnaire, answers, refused=error), 422
    return redirect("/facilities?notice=submitted", 303)


def _page(
    round_: dict[str, Any],
    questionnaire: dict[str, Any],
    answers: dict[str, Any],
    *,
    notice: str | None = None,
    refused: InvalidInput | None = None,
) -> str:
    questions = forms.questions_of(questionnaire)
    errors = presenters.errors_of(questions, answers, refused)
    values = forms.values_from(questions, answers["answers"], answers.get("suggestions") or {})
    is_fixed = answers["state"] == "submitted" or not current_actor().has("facilities.answer")
    return render_template(
        "facilities/submitted.html" if is_fixed else "facilities/form.html",
        round_=round_,
        questionnaire=questionnaire,
        answers=answers,
        form=Form(values, errors),
        order=[forms.first_field(question) for question in questions],
        conditions=presenters.conditions_of(questions),
        warnings=presenters.warnings_of(answers),
        state=presenters.state_of(answers),
        answer_text=forms.answer_text,
        notice=notice,
        conflicts=None,
    )


def _conflict(
    round_: dict[str, Any], questionnaire: dict[str, Any], typed: dict[str, Any], error: Conflict
) -> str:
    """The form with what was typed, both values beside each other, and the newer version."""
    clients: Clients = app_state()
    answers = clients.facilities.get_answers(round_["round_id"])
    if answers["state"] == "submitted":
        return _page(round_, questionnaire, answers, notice="was-submitted")
    questions = forms.questions_of(questionnaire)
    both = error.extra.get("conflicts") or {}
    errors = presenters.conflict_errors(questions, both, error.detail)
    values = forms.values_from(questions, {**answers["answers"], **typed}, {})
    return render_template(
        "facilities/form.html",
        round_=round_,
        questionnaire=questionnaire,
        answers=answers,
        form=Form(values, errors),
        order=[forms.first_field(question) for question in questions],
        conditions=presenters.conditions_of(questions),
        warnings={},
        state=presenters.state_of(answers),
        notice=None,
        conflicts=both,
    )
