"""The sections of a site's answers: who has them and stands for them; comments on questions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.facilities.actions import sections as actions
from services.facilities.queries.answers import get_answer_page, list_comments
from services.facilities.queries.rounds import get_round
from services.facilities.schemas import answers as schemas
from services.facilities.today import today_in_london
from services.shared.identity import allows, current_actor
from services.shared.web import site_transaction

blueprint = Blueprint("sections", __name__, url_prefix="/rounds", description="Sections")


@blueprint.put("/<uuid:round_id>/sections/<string(length=1):section_id>/owner")
@allows("facilities.answer")
@blueprint.arguments(schemas.OwnerBody)
@blueprint.response(204)
def set_owner(body: dict[str, UUID | None], round_id: UUID, section_id: str) -> None:
    """Say who looks after a section. Without the right to submit: only yourself, or nobody."""
    actor = current_actor()
    with site_transaction() as session:
        actions.set_owner(
            session,
            round_id=round_id,
            site_id=actor.own_site(),
            section_id=section_id,
            owner=body["owner"],
            by=actor.account_id,
            may_assign=actor.has("facilities.submit"),
            today=today_in_london(),
        )


@blueprint.put("/<uuid:round_id>/sections/<string(length=1):section_id>/confirmation")
@allows("facilities.answer")
@blueprint.arguments(schemas.VersionBody)
@blueprint.response(200, schemas.AnswersAnswer)
def confirm_section(body: dict[str, int], round_id: UUID, section_id: str) -> dict[str, Any]:
    """Confirm that a section is complete and right; 422 names what is missing or wrong."""
    site_id, today = current_actor().own_site(), today_in_london()
    with site_transaction() as session:
        actions.confirm_section(
            session,
            round_id=round_id,
            site_id=site_id,
            section_id=section_id,
            seen_version=body["version"],
            by=current_actor().account_id,
            today=today,
        )
        session.expire_all()
        return get_answer_page(session, round_id, site_id, today)


@blueprint.delete("/<uuid:round_id>/sections/<string(length=1):section_id>/confirmation")
@allows("facilities.answer")
@blueprint.response(204)
def withdraw_confirmation(round_id: UUID, section_id: str) -> None:
    """Take back that a section is confirmed."""
    with site_transaction() as session:
        actions.withdraw_confirmation(
            session,
            round_id=round_id,
            site_id=current_actor().own_site(),
            section_id=section_id,
            by=current_actor().account_id,
            today=today_in_london(),
        )


@blueprint.get("/<uuid:round_id>/comments")
@allows("facilities.read")
@blueprint.response(200, schemas.CommentsAnswer)
def get_comments(round_id: UUID) -> dict[str, Any]:
    """List what your site wrote beside questions, the oldest first."""
    site_id = current_actor().own_site()
    with site_transaction(read_only=True) as session:
        get_round(session, round_id)
        return {"items": list(list_comments(session, round_id, site_id))}


@blueprint.post("/<uuid:round_id>/comments")
@allows("facilities.answer")
@blueprint.arguments(schemas.CommentBody)
@blueprint.response(201, schemas.CommentsAnswer)
def write_comment(body: dict[str, str], round_id: UUID) -> dict[str, Any]:
    """Write a comment beside a question, for your colleagues."""
    site_id = current_actor().own_site()
    with site_transaction() as session:
        actions.write_comment(
            session,
            round_id=round_id,
            site_id=site_id,
            question_id=body["question"],
            words=body["words"].strip(),
            by=current_actor().account_id,
        )
        return {"items": list(list_comments(session, round_id, site_id))}
