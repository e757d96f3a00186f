"""What there is to look at beside the answers: history, last time, results, paper."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from gateway.clients import Clients
from gateway.forms import page_number
from gateway.names import people_of
from gateway.pages.facilities import presenters, printing
from gateway.pages.facilities.tables import tables_of
from gateway.paging import pages_of
from gateway.visits import own_account
from services.shared.errors import Conflict
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("facilities_looking", __name__)


@blueprint.get("/facilities/<uuid:round_id>/history")
@allows("facilities.read")
def show_history(round_id: UUID) -> str:
    clients: Clients = app_state()
    answer = clients.facilities.list_changes(round_id, page=page_number(request.args.get("page")))
    questionnaire = clients.facilities.get_questionnaire(round_id)
    return render_template(
        "facilities/history.html",
        round_=clients.facilities.get_round(round_id),
        changes=presenters.changes_of(questionnaire, answer["items"], people_of(clients)),
        pages=pages_of(answer, f"/facilities/{round_id}/history"),
    )


@blueprint.get("/facilities/<uuid:round_id>/last-time")
@allows("facilities.read")
def show_last_time(round_id: UUID) -> str:
    clients: Clients = app_state()
    last = clients.facilities.get_last_time(round_id)
    questionnaire = clients.facilities.get_questionnaire(round_id)
    return render_template(
        "facilities/last_time.html",
        round_=clients.facilities.get_round(round_id),
        last=last,
        differences=presenters.differences_of(questionnaire, last),
        changed=[each for each in last["questions"] if each["kind"] == "changed"],
        new=[each for each in last["questions"] if each["kind"] == "new"],
        gone=[each for each in last["questions"] if each["kind"] == "gone"],
    )


@blueprint.get("/facilities/<uuid:round_id>/results")
@allows("facilities.read")
def show_results(round_id: UUID) -> str | BaseResponse:
    clients: Clients = app_state()
    try:
        results = clients.facilities.get_own_results(round_id)
    except Conflict:
        return redirect(f"/facilities/{round_id}?notice=not-submitted", 303)
    questionnaire = clients.facilities.get_questionnaire(round_id)
    return render_template(
        "facilities/results.html",
        round_=clients.facilities.get_round(round_id),
        results=results,
        tables=tables_of(questionnaire, results, {**results["answers"], **results["derived"]}),
    )


@blueprint.get("/facilities/<uuid:round_id>/definitions.csv")
@allows("facilities.read", "facilities.manage", "facilities.read_national")
def download_definitions(round_id: UUID) -> Response:
    clients: Clients = app_state()
    content, disposition = clients.facilities.get_file(round_id, "definitions.csv")
    return _file(content, "text/csv; charset=utf-8", disposition)


@blueprint.get("/facilities/<uuid:round_id>/questionnaire.pdf")
@allows("facilities.read", "facilities.manage", "facilities.read_national")
def print_blank(round_id: UUID) -> Response:
    clients: Clients = app_state()
    questionnaire = clients.facilities.get_questionnaire(round_id)
    round_ = clients.facilities.get_round(round_id)
    name = f'attachment; filename="facilities-{round_["name"]}-questionnaire.pdf"'
    return _file(printing.blank(round_, questionnaire), "application/pdf", name)


@blueprint.get("/facilities/<uuid:round_id>/answers.pdf")
@allows("facilities.read")
def print_answers(round_id: UUID) -> Response:
    clients: Clients = app_state()
    round_ = clients.facilities.get_round(round_id)
    content = printing.answered(
        round_,
        clients.facilities.get_questionnaire(round_id),
        clients.facilities.get_answers(round_id),
        own_account()["site"],
    )
    name = f'attachment; filename="facilities-{round_["name"]}-answers.pdf"'
    return _file(content, "application/pdf", name)


def _file(content: bytes, content_type: str, disposition: str) -> Response:
    answer = Response(content, content_type=content_type)
    answer.headers["Content-Disposition"] = disposition
    return answer
