"""Finding records of the caller's own site: lists with filters, and exact search."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.records import schemas
from services.records.actions import finding
from services.records.queries import finding as queries
from services.records.queries.records import require_patient_audit
from services.records.today import today_in_london
from services.shared.identity import allows, current_actor
from services.shared.web import app_state, site_transaction

blueprint = Blueprint("finding", __name__, url_prefix="/records", description="Finding records")


@blueprint.get("")
@allows("records.read")
@blueprint.arguments(schemas.RecordsQuery, location="query", unknown=RAISE)
@blueprint.response(200, schemas.RecordsAnswer)
def list_records(query: dict[str, Any]) -> dict[str, Any]:
    """List the records of your site, filtered and sorted; NHS numbers are masked."""
    site_id, today = current_actor().own_site(), today_in_london()
    paging = {name: query.pop(name) for name in ("page", "page_size", "sort")}
    with site_transaction(read_only=True) as session:
        require_patient_audit(session, site_id=site_id)
        page = queries.list_records(
            session, site_id=site_id, filters=queries.Filters(**query), today=today, **paging
        )
    return {
        "items": [finding.list_item(app_state(), row, today=today) for row in page.rows],
        **paging,
        "filters": query,
        "total": page.total,
    }


@blueprint.post("/search")
@allows("records.read")
@blueprint.arguments(schemas.SearchBody, unknown=RAISE)
@blueprint.response(200, schemas.SearchAnswer)
def search(body: dict[str, str]) -> dict[str, Any]:
    """Find records and unfinished entries by NHS number or local identifier, exactly.

    The identifier is sent in the body, so that it stands in no address and no log.
    """
    site_id = current_actor().own_site()
    with site_transaction(read_only=True) as session:
        require_patient_audit(session, site_id=site_id)
        return finding.search(
            session, app_state(), site_id=site_id, query=body["query"], today=today_in_london()
        )
