"""The row that an import has here, from the first we hear of it to its end."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.records.queries.staging import find_import
from services.records.tables import StagedBatch, StagedDecision, StagedImport
from services.shared.errors import InvalidInput

_DELETE_ROWS = text("DELETE FROM own_staged_row WHERE import_id = :import_id")


def open_import(session: Session, *, site_id: UUID, import_id: UUID) -> StagedImport:
    """The import's row, made if this is the first we hear of it, locked until the end.

    Raises:
        InvalidInput: the import belongs to another site.
    """
    session.execute(
        insert(StagedImport)
        .values(import_id=import_id, site_id=site_id, state="staging")
        .on_conflict_do_nothing()
    )
    staged = find_import(session, import_id, lock=True)
    if staged is None:
        raise InvalidInput(detail="the import belongs to another site")
    return staged


def end_staging(session: Session, staged: StagedImport) -> None:
    """Removes all that an import still has in staging; its own row stays."""
    session.execute(_DELETE_ROWS, {"import_id": staged.import_id})
    for table in (StagedBatch, StagedDecision):
        session.execute(delete(table).where(table.import_id == staged.import_id))
    staged.ended_at = datetime.now(UTC)
