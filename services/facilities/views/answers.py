"""A site's own answers: read, save, submit, what was signed, and the history of their changes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.facilities.actions.answering import save_answers as save
from services.facilities.actions.signing import submit_answers as submit
from services.facilities.domain.answering import Seen
from services.facilities.domain.proposing import differences, question_changes
from services.facilities.domain.questionnaires import get_questionnaire
from services.facilities.queries import answers as queries
from services.facilities.queries.rounds import get_round
from services.facilities.queries.sites import get_site
from services.facilities.schemas import answers as schemas
from services.facilities.schemas.fields import PageQuery
from services.facilities.today import today_in_london
from services.shared.errors import NotFound
from services.shared.identity import allows, current_actor
from services.shared.web import site_transaction

blueprint = Blueprint("answers", __name__, url_prefix="/rounds", description="A site's answers")


@blueprint.get("/<uuid:round_id>/answers")
@allows("facilities.read")
@blueprint.response(200, schemas.AnswersAnswer)
def get_answers(round_id: UUID) -> dict[str, Any]:
    """Get your site's answers with what is missing, wrong, or to be confirmed or explained."""
    site_id = current_actor().own_site()
    with site_transaction(read_only=True) as session:
        return queries.get_answer_page(session, round_id, site_id, today_in_london())


@blueprint.put("/<uuid:round_id>/answers")
@allows("facilities.answer")
@blueprint.arguments(schemas.SaveAnswersBody)
@blueprint.response(200, schemas.SavedAnswer)
def save_answers(body: dict[str, Any], round_id: UUID) -> dict[str, Any]:
    """Save answers as a draft.

    Questions that are not named stay as they are, and so does what is as it was in the version you
    saw. 409 `version_moved` when somebody changed an answer since that you change too: `conflicts`
    holds both values, nothing is saved.
    """
    site_id, today = current_actor().own_site(), today_in_london()
    with site_transaction() as session:
        changed = save(
            session,
            round_id=round_id,
            site_id=site_id,
            sent=body["answers"],
            seen=Seen(body["version"], body["seen"]),
            by=current_actor().account_id,
            today=today,
        )
        session.flush()
        answer = queries.get_answer_page(session, round_id, site_id, today)
    return {**answer, "changed": changed}


@blueprint.post("/<uuid:round_id>/submission")
@allows("facilities.submit")
@blueprint.arguments(schemas.VersionBody)
@blueprint.response(200, schemas.AnswersAnswer)
def submit_answers(body: dict[str, Any], round_id: UUID) -> dict[str, Any]:
    """Submit your site's answers and lock them; 422 names what is missing or wrong."""
    site_id, today = current_actor().own_site(), today_in_london()
    with site_transaction() as session:
        submit(
            session,
            round_id=round_id,
            site_id=site_id,
            seen_version=body["version"],
            by=current_actor().account_id,
            today=today,
        )
        session.flush()
        answer = queries.get_answer_page(session, round_id, site_id, today)
    return answer


@blueprint.get("/<uuid:round_id>/receipt")
@allows("facilities.read")
@blueprint.response(200, schemas.ReceiptAnswer)
def get_receipt(round_id: UUID) -> dict[str, Any]:
    """Get what your site submitted, with its reference and digest."""
    site_id = current_actor().own_site()
    with site_transaction(read_only=True) as session:
        each = get_round(session, round_id)
        submission = queries.get_submission(session, round_id, site_id)
        site = get_site(session, site_id)
        return {
            "reference": submission.reference,
            "round_title": each.title,
            "questionnaire_id": each.questionnaire_id,
            "site": {"site_id": site_id, "code": site.code, "name": site.name},
            "version": submission.version,
            "submitted_at": submission.submitted_at,
            "submitted_by": submission.submitted_by,
            "answers": submission.answers,
            "explanations": submission.explanations,
            "derived": submission.derived,
            "sha256": submission.sha256.hex() if submission.sha256 else None,
        }


@blueprint.get("/<uuid:round_id>/last-time")
@allows("facilities.read")
@blueprint.response(200, schemas.LastTimeAnswer)
def get_last_time(round_id: UUID) -> dict[str, Any]:
    """Get what your site submitted last time, and what differs: the questions, and your answers.

    404 if it has submitted nothing before.
    """
    site_id = current_actor().own_site()
    with site_transaction(read_only=True) as session:
        each = get_round(session, round_id)
        last = queries.find_last_time(session, each, site_id)
        if last is None:
            raise NotFound("Your site has not submitted an earlier round of this audit.")
        page = queries.get_answer_page(session, round_id, site_id, today_in_london())
    questionnaire = get_questionnaire(each.questionnaire_id)
    proposed = {key: proposal.value for key, proposal in page["proposals"].items()}
    return {
        "round_title": last.round_title,
        "answers": last.answers,
        "questions": question_changes(questionnaire, last.questionnaire),
        "differences": differences(questionnaire, last.answers, {**proposed, **page["answers"]}),
    }


@blueprint.get("/<uuid:round_id>/answers/history")
@allows("facilities.read")
@blueprint.arguments(PageQuery, location="query", unknown=RAISE)
@blueprint.response(200, schemas.ChangesAnswer)
def list_changes(page: dict[str, int], round_id: UUID) -> dict[str, Any]:
    """List every change of your site's answers, the newest first."""
    site_id = current_actor().own_site()
    with site_transaction(read_only=True) as session:
        get_round(session, round_id)
        items, total = queries.list_changes(session, round_id, site_id, **page)
    return {"items": items, **page, "total": total}
