"""What became of an import, as records knows it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.records import schemas
from services.records.queries import records as queries
from services.shared.identity import allows, current_actor
from services.shared.web import site_transaction

blueprint = Blueprint("imports", __name__, url_prefix="/imports", description="Imports")


@blueprint.get("/<uuid:import_id>/ledger")
@allows("records.read")
@blueprint.response(200, schemas.LedgerAnswer)
def get_ledger(import_id: UUID) -> dict[str, Any]:
    """Get what an import would do and has done, counted by outcome."""
    with site_transaction(read_only=True) as session:
        queries.require_patient_audit(session, site_id=current_actor().own_site())
        return queries.get_import_ledger(session, import_id)
