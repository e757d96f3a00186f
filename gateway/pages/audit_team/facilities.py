"""The facilities audit of all sites: progress, what each answered, opening answers again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.forms import Form, page_number
from gateway.pages.audit_team import presenters
from gateway.pages.facilities import forms as questionnaires
from gateway.pages.facilities.presenters import state_of
from gateway.paging import pages_of
from services.shared.errors import Conflict, InvalidInput, NotFound
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("facilities_of_all", __name__)
_READERS = ("facilities.manage", "facilities.read_national")


@blueprint.get("/facilities/progress")
@allows(*_READERS)
def progress() -> str:
    clients: Clients = app_state()
    try:
        round_ = clients.facilities.get_current_round()
    except NotFound:
        return render_template("facilities/no_round.html")
    answer = clients.facilities.get_progress(
        round_["round_id"], page=page_number(request.args.get("page"))
    )
    return render_template(
        "audit_team/progress.html",
        round_=round_,
        counts=presenters.counts_of(answer["counts"]),
        sites=presenters.sites_of(answer["items"]),
        pages=pages_of(answer, "/facilities/progress"),
    )


@blueprint.get("/facilities/progress/<uuid:site_id>")
@allows(*_READERS)
def site_answers(site_id: UUID) -> str:
    return _site(_round(), site_id, Form(), notice=request.args.get("notice"))


@blueprint.post("/facilities/progress/<uuid:site_id>/reopening")
@allows("facilities.manage")
def reopen(site_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    # The box takes several lines; a reason is one.
    reason = " ".join(request.form.get("reason", "").split())
    round_, form = _round(), Form({"reason": reason})
    try:
        clients.facilities.reopen(round_["round_id"], site_id, reason=reason)
    except InvalidInput as error:
        form.errors = error.errors or {"": [error.detail]}
        return _site(round_, site_id, form), 422
    except Conflict as error:
        form.errors = {"": [error.detail]}
        return _site(round_, site_id, form), 409
    return redirect(f"/facilities/progress/{site_id}?notice=reopened", 303)


def _round() -> dict[str, Any]:
    clients: Clients = app_state()
    return clients.facilities.get_current_round()


def _site(round_: dict[str, Any], site_id: UUID, form: Form, *, notice: str | None = None) -> str:
    clients: Clients = app_state()
    answers = clients.facilities.get_site_answers(round_["round_id"], site_id)
    return render_template(
        "audit_team/site_answers.html",
        round_=round_,
        questionnaire=clients.facilities.get_questionnaire(round_["round_id"]),
        answers=answers,
        state=state_of(answers),
        answer_text=questionnaires.answer_text,
        form=form,
        notice=notice,
    )
