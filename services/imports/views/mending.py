"""Mending cells of a checked file without sending it again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.imports.actions.mending import (
    CellCorrection,
    add_compared_cells,
    correct_cells,
    note_opened,
)
from services.imports.parts import parts
from services.imports.queries.mending import list_corrections, list_mendable
from services.imports.queries.showing import get_import
from services.imports.schemas import (
    CorrectionsAnswer,
    CorrectionsBody,
    MendableRowAnswer,
    OneImportAnswer,
    PageQuery,
    page_of,
)
from services.shared.identity import allows, current_actor
from services.shared.web import site_transaction

blueprint = Blueprint("mending", __name__, url_prefix="/imports", description="Mending cells")


@blueprint.get("/<uuid:import_id>/mendable")
@allows("records.import")
@blueprint.arguments(PageQuery, location="query", unknown=RAISE)
@blueprint.response(200, page_of(MendableRowAnswer))
def show(query: dict[str, Any], import_id: UUID) -> Any:
    """List rows with an error in a cell, with these cells, and those they are compared with."""
    with site_transaction() as session:
        found = list_mendable(session, import_id, keyring=parts().keyring, **query)
        add_compared_cells(session, import_id, found.items, keyring=parts().keyring)
        note_opened(session, import_id, found.items, by=current_actor())
    return found


@blueprint.post("/<uuid:import_id>/corrections")
@allows("records.import")
@blueprint.arguments(CorrectionsBody, unknown=RAISE)
@blueprint.response(201, OneImportAnswer)
def correct(body: dict[str, Any], import_id: UUID) -> Any:
    """Correct cells: the file is checked again so, as a new import that goes on from this one."""
    actor = current_actor()
    with site_transaction() as session:
        new_id = correct_cells(
            session,
            import_id,
            [CellCorrection(**each) for each in body["corrections"]],
            by=actor,
            site_id=actor.own_site(),
            keyring=parts().keyring,
        )
        session.flush()
        return get_import(session, new_id, undo_days=parts().undo_days)


@blueprint.get("/<uuid:import_id>/corrections")
@allows("records.read", "records.import")
@blueprint.response(200, CorrectionsAnswer)
def list_all(import_id: UUID) -> Any:
    """List what was corrected on the way to this import; identifiers are masked."""
    with site_transaction(read_only=True) as session:
        return {"items": list_corrections(session, import_id, keyring=parts().keyring)}
