"""What became of an import, as records knows it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.records import schemas
from services.records.actions.undoing import preview
from services.records.queries import records as queries
from services.records.queries.staging import find_import
from services.records.queries.undoing import KEPT, REMOVED, RESTORED
from services.shared.errors import Conflict, NotFound
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


@blueprint.get("/<uuid:import_id>/undo-preview")
@allows("records.import")
@blueprint.response(200, schemas.UndoPreviewAnswer)
def preview_undo(import_id: UUID) -> dict[str, Any]:
    """Get what undoing an applied import would do to records, by their number."""
    with site_transaction(read_only=True) as session:
        queries.require_patient_audit(session, site_id=current_actor().own_site())
        staged = find_import(session, import_id)
        if staged is None:
            raise NotFound("There is no such import at your site.")
        if staged.state != "applied":
            raise Conflict("Only an import that was stored can be undone.", "wrong_state")
        counts, years = preview(session, staged)
    return {name: counts.get(name, 0) for name in (REMOVED, RESTORED, KEPT)} | {
        "locked_years": years
    }
