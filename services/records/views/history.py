"""What has become of a record: its changes, its earlier states, and who has opened it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.records import schemas
from services.records.actions.telling_history import full_history, get_version
from services.records.queries import history as queries
from services.records.views.opening import note_opening, own_records
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("history", __name__, url_prefix="/records", description="History")


@blueprint.get("/<uuid:record_id>/history")
@allows("records.read")
@blueprint.response(200, schemas.FullHistoryItem(many=True))
def list_history(record_id: UUID) -> list[dict[str, Any]]:
    """List all changes of a record with old and new values, newest first. It is logged first."""
    note_opening(record_id)
    with own_records(read_only=True) as (session, _):
        return full_history(session, app_state(), record_id=record_id)


@blueprint.get("/<uuid:record_id>/versions/<int:version>")
@allows("records.read")
@blueprint.response(200, schemas.VersionAnswer)
def get_earlier(record_id: UUID, version: int) -> dict[str, Any]:
    """Open a record as it was at a version. It is logged first."""
    note_opening(record_id)
    with own_records(read_only=True) as (session, _):
        return get_version(session, app_state(), record_id=record_id, version=version)


@blueprint.get("/<uuid:record_id>/reads")
@allows("records.reads")
@blueprint.arguments(schemas.ReadsQuery, location="query", unknown=RAISE)
@blueprint.response(200, schemas.ReadsAnswer)
def list_reads(query: dict[str, int], record_id: UUID) -> dict[str, Any]:
    """List who opened a record and when, newest first. Openings outlive the record."""
    with own_records(read_only=True) as (session, site_id):
        items, total = queries.list_reads(session, site_id=site_id, record_id=record_id, **query)
    return {"items": items, **query, "total": total}
