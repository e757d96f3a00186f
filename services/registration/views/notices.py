"""Notices of the audit team."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.registration import queries
from services.registration.actions.notices import publish_notice, withdraw_notice
from services.registration.schemas.answers import page_of
from services.registration.schemas.bodies import PageQuery
from services.registration.schemas.notices import (
    CurrentNoticesAnswer,
    NoticeAnswer,
    PublishNoticeBody,
)
from services.registration.today import today_in_london
from services.shared.identity import allows, current_actor, signed_in
from services.shared.web import site_transaction

blueprint = Blueprint("notices", __name__, url_prefix="/notices", description="Notices")


@blueprint.get("/current")
@signed_in
@blueprint.response(200, CurrentNoticesAnswer)
def list_current() -> Any:
    """Read the notices of today."""
    with site_transaction(read_only=True) as session:
        return {"items": queries.list_current_notices(session, today_in_london())}


@blueprint.get("")
@allows("registrations.review")
@blueprint.arguments(PageQuery, location="query", unknown=RAISE)
@blueprint.response(200, page_of(NoticeAnswer))
def list_all(query: dict[str, Any]) -> Any:
    """List all notices, those to come and those that are over too."""
    with site_transaction(read_only=True) as session:
        return queries.list_notices(session, **query)


@blueprint.post("")
@allows("registrations.review")
@blueprint.arguments(PublishNoticeBody)
@blueprint.response(201, NoticeAnswer)
def publish(body: dict[str, Any]) -> Any:
    """Show a notice on everybody's home page, from a day to a day."""
    with site_transaction() as session:
        return publish_notice(session, **body, today=today_in_london(), by=current_actor())


@blueprint.delete("/<uuid:notice_id>")
@allows("registrations.review")
@blueprint.response(204)
def withdraw(notice_id: UUID) -> None:
    """Show a notice no more."""
    with site_transaction() as session:
        withdraw_notice(session, notice_id=notice_id, by=current_actor())
