"""Handing the answers in: what is still in the way, the lead's signature, the receipt."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.forms import Form
from gateway.names import UNKNOWN_PERSON, people_of
from gateway.pages.facilities import forms, presenters
from services.shared.errors import Conflict, InvalidInput
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("facilities_signing", __name__)

_NOT_TICKED = "Tick the box to sign the answers."


@blueprint.get("/facilities/<uuid:round_id>/submission")
@allows("facilities.submit")
def show(round_id: UUID) -> str | Response:
    clients: Clients = app_state()
    answers = clients.facilities.get_answers(round_id)
    if answers["state"] == "submitted":
        return redirect(f"/facilities/{round_id}", 303)
    return _page(round_id, answers, Form())


@blueprint.post("/facilities/<uuid:round_id>/submission")
@allows("facilities.submit")
def submit(round_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    version, _ = forms.seen_in(request.form)
    if request.form.get("signed") != "yes":
        answers = clients.facilities.get_answers(round_id)
        return _page(round_id, answers, Form(errors={"signed": [_NOT_TICKED]})), 422
    try:
        clients.facilities.submit(round_id, version=version)
    except InvalidInput as error:
        answers = clients.facilities.get_answers(round_id)
        return _page(round_id, answers, Form(errors={"": [error.detail]})), 422
    except Conflict as error:
        answers = clients.facilities.get_answers(round_id)
        if answers["state"] == "submitted":
            return redirect(f"/facilities/{round_id}?notice=was-submitted", 303)
        return _page(round_id, answers, Form(errors={"": [error.detail]})), 409
    return redirect(f"/facilities/{round_id}/receipt?notice=submitted", 303)


@blueprint.get("/facilities/<uuid:round_id>/receipt")
@allows("facilities.read")
def show_receipt(round_id: UUID) -> str:
    clients: Clients = app_state()
    receipt = clients.facilities.get_receipt(round_id)
    people = people_of(clients)
    return render_template(
        "facilities/receipt.html",
        round_id=round_id,
        receipt=receipt,
        by=people.get(receipt["submitted_by"], UNKNOWN_PERSON),
        questionnaire=clients.facilities.get_questionnaire(round_id),
        given_lines=forms.given_lines,
        notice=request.args.get("notice"),
    )


def _page(round_id: UUID, answers: dict[str, Any], form: Form) -> str:
    clients: Clients = app_state()
    questionnaire = clients.facilities.get_questionnaire(round_id)
    sections = presenters.sections_of(answers, people_of(clients))
    asked = [section for section in sections if section["state"] != "not_asked"]
    return render_template(
        "facilities/submission.html",
        round_=clients.facilities.get_round(round_id),
        answers=answers,
        waiting=[section for section in asked if section["state"] != "confirmed"],
        questionnaire=questionnaire,
        given_lines=forms.given_lines,
        warnings=presenters.warnings_of(answers),
        contradictions=presenters.contradictions_of(answers),
        form=form,
    )
