"""Records of the caller's own site."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import g
from flask_smorest import Blueprint

from services.records import schemas
from services.records.actions import reading
from services.records.queries import records as queries
from services.records.today import today_in_london
from services.shared.identity import allows, current_actor
from services.shared.web import app_state, site_transaction

blueprint = Blueprint("records", __name__, url_prefix="/records", description="Records")


@blueprint.get("/<uuid:record_id>")
@allows("records.read")
@blueprint.response(200, schemas.RecordAnswer)
def get_record(record_id: UUID) -> dict[str, Any]:
    """Open a record of your site with its identifiers. The opening is logged first."""
    actor = current_actor()
    # A transaction of its own, committed before anything is opened: no log, no answer.
    with site_transaction() as session:
        queries.require_patient_audit(session, site_id=actor.own_site())
        reading.log_read(
            session, record_id=record_id, by=actor.account_id, request_id=g.get("request_id")
        )
    with site_transaction(read_only=True) as session:
        return reading.open_record(
            session, app_state(), record_id=record_id, today=today_in_london()
        )
