"""A site's own answers: read, save, submit, and the history of their changes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.facilities import actions, queries, schemas
from services.facilities.today import today_in_london
from services.shared.identity import allows, current_actor
from services.shared.web import site_transaction

blueprint = Blueprint("answers", __name__, url_prefix="/rounds", description="A site's answers")


@blueprint.get("/<uuid:round_id>/answers")
@allows("facilities.read")
@blueprint.response(200, schemas.AnswersAnswer)
def get_answers(round_id: UUID) -> dict[str, Any]:
    """Get your site's answers with what is missing or wrong."""
    site_id = current_actor().own_site()
    with site_transaction(read_only=True) as session:
        return queries.get_answer_page(session, round_id, site_id, today_in_london())


@blueprint.put("/<uuid:round_id>/answers")
@allows("facilities.answer")
@blueprint.arguments(schemas.SaveAnswersBody)
@blueprint.response(200, schemas.AnswersAnswer)
def save_answers(body: dict[str, Any], round_id: UUID) -> dict[str, Any]:
    """Save answers as a draft.

    Questions that are not named stay as they are. 409 `version_moved` when somebody changed one
    of these answers since the version you saw: `conflicts` holds both values, nothing is saved.
    """
    site_id, today = current_actor().own_site(), today_in_london()
    with site_transaction() as session:
        actions.save_answers(
            session,
            round_id=round_id,
            site_id=site_id,
            sent=body["answers"],
            seen_version=body["version"],
            by=current_actor().account_id,
            today=today,
        )
        session.flush()
        answer = queries.get_answer_page(session, round_id, site_id, today)
    return answer


@blueprint.post("/<uuid:round_id>/submission")
@allows("facilities.submit")
@blueprint.arguments(schemas.SubmitAnswersBody)
@blueprint.response(200, schemas.AnswersAnswer)
def submit_answers(body: dict[str, Any], round_id: UUID) -> dict[str, Any]:
    """Submit your site's answers and lock them; 422 names what is missing or wrong."""
    site_id, today = current_actor().own_site(), today_in_london()
    with site_transaction() as session:
        actions.submit_answers(
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


@blueprint.get("/<uuid:round_id>/answers/history")
@allows("facilities.read")
@blueprint.arguments(schemas.PageQuery, location="query", unknown=RAISE)
@blueprint.response(200, schemas.ChangesAnswer)
def list_changes(page: dict[str, int], round_id: UUID) -> dict[str, Any]:
    """List every change of your site's answers, the newest first."""
    site_id = current_actor().own_site()
    with site_transaction(read_only=True) as session:
        queries.get_round(session, round_id)
        items, total = queries.list_changes(session, round_id, site_id, **page)
    return {"items": items, **page, "total": total}
