"""How far the sites have come with a round and what they answered, for the audit team and auditors.

Reads are national and logged. Reopening a site's answers and giving more time is the audit team's.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.facilities.actions.rounds import extend_round
from services.facilities.actions.signing import reopen_answers
from services.facilities.queries import national
from services.facilities.queries.answers import get_answer_page
from services.facilities.queries.rounds import get_round
from services.facilities.queries.sites import get_site
from services.facilities.schemas.answers import ReopenAnswersBody, SiteAnswersAnswer
from services.facilities.schemas.national import ProgressAnswer, ProgressQuery
from services.facilities.schemas.rounds import ExtensionBody
from services.facilities.today import today_in_london
from services.facilities.views.reading import log_read
from services.shared.db import transaction
from services.shared.identity import allows, current_actor
from services.shared.web import app_engine, national_transaction

blueprint = Blueprint("progress", __name__, url_prefix="/rounds", description="Progress")


@blueprint.get("/<uuid:round_id>/progress")
@allows("facilities.manage", "facilities.read_national")
@blueprint.arguments(ProgressQuery, location="query", unknown=RAISE)
@blueprint.response(200, ProgressAnswer)
def get_progress(query: dict[str, Any], round_id: UUID) -> dict[str, Any]:
    """Count the sites by state and list them by name."""
    log_read("progress")
    with national_transaction("facilities") as session:
        each = get_round(session, round_id)
        counts = national.count_sites_by_state(session, each)
        items = national.list_site_progress(session, each, **query)
    state = query.pop("state")
    total = counts[state] if state else sum(counts.values())
    return {"round_id": round_id, "counts": counts, "items": items, **query, "total": total}


@blueprint.get("/<uuid:round_id>/sites/<uuid:site_id>/answers")
@allows("facilities.manage", "facilities.read_national")
@blueprint.response(200, SiteAnswersAnswer)
def get_site_answers(round_id: UUID, site_id: UUID) -> dict[str, Any]:
    """Get the answers of any site: what was signed, or the draft before that."""
    log_read("answers")
    with national_transaction("facilities") as session:
        site = get_site(session, site_id)
        answers = get_answer_page(session, round_id, site_id, today_in_london())
    return {**answers, "site": site}


@blueprint.post("/<uuid:round_id>/sites/<uuid:site_id>/reopening")
@allows("facilities.manage")
@blueprint.arguments(ReopenAnswersBody)
@blueprint.response(204)
def reopen(body: dict[str, Any], round_id: UUID, site_id: UUID) -> None:
    """Let a site change what it has submitted, and submit it again."""
    with transaction(app_engine(), site_id=site_id) as session:
        reopen_answers(
            session,
            round_id=round_id,
            site_id=site_id,
            reason=body["reason"].strip(),
            until_on=body["until_on"],
            by=current_actor().account_id,
            today=today_in_london(),
        )


@blueprint.post("/<uuid:round_id>/sites/<uuid:site_id>/extension")
@allows("facilities.manage")
@blueprint.arguments(ExtensionBody)
@blueprint.response(204)
def extend(body: dict[str, Any], round_id: UUID, site_id: UUID) -> None:
    """Give a site more time, also after the round is closed for the others."""
    with transaction(app_engine(), site_id=site_id) as session:
        extend_round(
            session,
            round_id=round_id,
            site_id=site_id,
            until_on=body["until_on"],
            reason=body["reason"].strip(),
            by=current_actor().account_id,
            today=today_in_london(),
        )
