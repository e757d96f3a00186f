"""How far the sites have come with a round and what they answered, for the audit team and auditors.

Reads are national and logged. Reopening a site's answers is the audit team's.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.facilities import actions, queries, schemas
from services.facilities.today import today_in_london
from services.shared import logs
from services.shared.db import transaction
from services.shared.identity import allows, current_actor
from services.shared.web import app_engine, national_transaction

blueprint = Blueprint("progress", __name__, url_prefix="/rounds", description="Progress")


@blueprint.get("/<uuid:round_id>/progress")
@allows("facilities.manage", "facilities.read_national")
@blueprint.arguments(schemas.PageQuery, location="query", unknown=RAISE)
@blueprint.response(200, schemas.ProgressAnswer)
def get_progress(page: dict[str, int], round_id: UUID) -> dict[str, Any]:
    """Count the sites by state and list them by name."""
    _log_read("progress")
    with national_transaction("facilities") as session:
        queries.get_round(session, round_id)
        counts = queries.count_sites_by_state(session, round_id)
        items = queries.list_site_progress(session, round_id, **page)
    total = sum(counts.values())
    return {"round_id": round_id, "counts": counts, "items": items, **page, "total": total}


@blueprint.get("/<uuid:round_id>/sites/<uuid:site_id>/answers")
@allows("facilities.manage", "facilities.read_national")
@blueprint.response(200, schemas.SiteAnswersAnswer)
def get_site_answers(round_id: UUID, site_id: UUID) -> dict[str, Any]:
    """Get the answers of any site: what was signed, or the draft before that."""
    _log_read("answers")
    with national_transaction("facilities") as session:
        site = queries.get_site(session, site_id)
        answers = queries.get_answer_page(session, round_id, site_id, today_in_london())
    return {**answers, "suggestions": {}, "site": site}


@blueprint.post("/<uuid:round_id>/sites/<uuid:site_id>/reopening")
@allows("facilities.manage")
@blueprint.arguments(schemas.ReopenAnswersBody)
@blueprint.response(204)
def reopen(body: dict[str, str], round_id: UUID, site_id: UUID) -> None:
    """Let a site change what it has submitted, and submit it again."""
    with transaction(app_engine(), site_id=site_id) as session:
        actions.reopen_answers(
            session,
            round_id=round_id,
            site_id=site_id,
            reason=body["reason"].strip(),
            by=current_actor().account_id,
        )


def _log_read(what: str) -> None:
    account_id = current_actor().account_id
    logs.get_logger().info("national_read", what=what, account_id=account_id)
