"""How far the sites have come with a round, for the audit team."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.facilities import queries, schemas
from services.shared import logs
from services.shared.identity import allows, current_actor
from services.shared.web import national_transaction

blueprint = Blueprint("progress", __name__, url_prefix="/rounds", description="Progress")


@blueprint.get("/<uuid:round_id>/progress")
@allows("facilities.manage")
@blueprint.arguments(schemas.PageQuery, location="query", unknown=RAISE)
@blueprint.response(200, schemas.ProgressAnswer)
def get_progress(page: dict[str, int], round_id: UUID) -> dict[str, Any]:
    """Count the sites by state and list them by name."""
    account_id = current_actor().account_id
    logs.get_logger().info("national_read", what="progress", account_id=account_id)
    with national_transaction("facilities") as session:
        queries.get_round(session, round_id)
        counts = queries.count_sites_by_state(session, round_id)
        items = queries.list_site_progress(session, round_id, **page)
    total = sum(counts.values())
    return {"round_id": round_id, "counts": counts, "items": items, **page, "total": total}
