"""The row that an import has here, from the first we hear of it to its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.records.events import APPLY_ADVANCED, SLICE_WANTED
from services.records.queries.staging import find_import
from services.records.tables import StagedBatch, StagedImport
from services.shared.errors import InvalidInput
from services.shared.outbox import EventType, record_event

_DELETE_ROWS = text("DELETE FROM own_staged_row WHERE import_id = :import_id")
_DELETE_DECISIONS = text("DELETE FROM staged_decision WHERE import_id = :import_id")
# Slices leave nothing in staging but what is held, and perhaps what the comparison rejected. Of a
# patient who has opted out nothing is kept, not even for a decision.
_DELETE_DECIDED = text("""
DELETE FROM own_staged_row
WHERE import_id = :import_id AND row_number IN (
    SELECT t.row_number FROM staged_decision t
    WHERE t.import_id = :import_id AND (t.outcome = 'rejected' OR t.reason = 'opted_out'))
""")
_DELETE_ALL_BUT_HELD = text("""
DELETE FROM own_staged_row
WHERE import_id = :import_id AND row_number NOT IN (
    SELECT t.row_number FROM staged_decision t
    WHERE t.import_id = :import_id AND t.outcome = 'held' AND t.reason <> 'opted_out')
""")
_DELETE_DECISIONS_BUT_HELD = text(
    "DELETE FROM staged_decision WHERE import_id = :import_id AND outcome <> 'held'"
)


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


def tell_of(
    session: Session,
    staged: StagedImport,
    event: EventType,
    data: Mapping[str, Any],
    *,
    actor_id: UUID | None = None,
) -> None:
    """Records an event about an import; `import_id` is added to its data."""
    record_event(
        session,
        event,
        subject=staged.import_id,
        site_id=staged.site_id,
        data={"import_id": staged.import_id, **data},
        actor_id=actor_id,
    )


def want_slice(session: Session, staged: StagedImport) -> None:
    """Asks for the import's next slice."""
    tell_of(session, staged, SLICE_WANTED, {"number": staged.next_slice})


def tell_progress(session: Session, staged: StagedImport, *, rows_done: int) -> None:
    """Tells imports how many rows are applied by now."""
    data = {"rows_done": rows_done, "rows_total": staged.rows_total}
    tell_of(session, staged, APPLY_ADVANCED, data)


def end_staging(session: Session, staged: StagedImport, *, but_held: bool = False) -> None:
    """Removes all that an import still has in staging; its own row stays.

    Args:
        but_held: keep the rows that a person has to decide about.
    """
    values = {"import_id": staged.import_id}
    rows = _DELETE_ROWS
    if but_held:
        rows = _DELETE_DECIDED if staged.rows_done else _DELETE_ALL_BUT_HELD
    session.execute(rows, values)
    session.execute(_DELETE_DECISIONS_BUT_HELD if but_held else _DELETE_DECISIONS, values)
    session.execute(delete(StagedBatch).where(StagedBatch.import_id == staged.import_id))
    staged.ended_at = staged.ended_at or datetime.now(UTC)
