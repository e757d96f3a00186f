"""Counts over all sites, for the audit team and auditors; no record is shown."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.records import schemas
from services.records.queries import national as queries
from services.records.today import today_in_london
from services.shared.identity import allows
from services.shared.web import national_transaction

blueprint = Blueprint("national", __name__, url_prefix="/national", description="National counts")


@blueprint.get("/counts")
@allows("records.aggregate")
@blueprint.arguments(schemas.NationalQuery, location="query", unknown=RAISE)
@blueprint.response(200, schemas.NationalAnswer)
def get_counts(query: dict[str, Any]) -> dict[str, Any]:
    """Count the records of all sites by site, month of diagnosis and state."""
    year = query["year"] or today_in_london().year
    with national_transaction("records") as session:
        return {"year": year, "items": queries.count_records(session, year=year)}
