"""Deletes what is kept no longer than needed: the bytes of files, and cells kept with findings.

Ledger, history and receipts stay. An import that nobody has confirmed for as long is cancelled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.imports import events, metrics
from services.imports.actions.deciding import tell_records_to_drop
from services.imports.actions.files import drop_parts
from services.imports.actions.history import move, note
from services.imports.domain.states import APPLIED, CANCELLED, CHECKED, is_live
from services.imports.queries.working import lock_import
from services.imports.tables import Import
from services.shared.outbox import record_event

AT_ONCE = 100
FORGOTTEN = (
    "Nobody confirmed this import in time, so it was cancelled and its file deleted. Nothing of it "
    "was stored; upload the file again."
)

_EXPIRED = text("""
SELECT import_id, site_id FROM import
WHERE (file_kept AND ended_at < now() - make_interval(secs => :seconds))
    OR (state = 'checked' AND asked_at < now() - make_interval(secs => :seconds))
LIMIT :most
""")


_FORGET_CORRECTIONS = text("""
WITH RECURSIVE chain AS (
    SELECT import_id, corrects FROM import WHERE import_id = :import_id
    UNION
    SELECT i.import_id, i.corrects FROM import i JOIN chain c ON i.import_id = c.corrects
)
UPDATE correction SET sealed_old = NULL, sealed_new = NULL
WHERE import_id IN (SELECT import_id FROM chain)
""")
"""What cells were and became, of this import and of those that it goes on from."""


@dataclass(frozen=True, slots=True)
class Expired:
    """An import whose file is not needed any more, or that nobody has confirmed."""

    import_id: UUID
    site_id: UUID


def find_expired(session: Session, *, keep: timedelta) -> list[Expired]:
    """Imports of all sites that are due; needs the national reader's role."""
    rows = session.execute(_EXPIRED, {"seconds": keep.total_seconds(), "most": AT_ONCE})
    return [Expired(row.import_id, row.site_id) for row in rows]


def expire(session: Session, expired: Expired) -> None:
    """Deletes what is left of a file, cancelling its import if it still waits; does not commit."""
    row = lock_import(session, expired.import_id)
    if row.state == CHECKED:
        row.failure = FORGOTTEN
        move(session, row, CANCELLED, by=None)
        tell_records_to_drop(session, row, by=None)
    if is_live(row.state) or not row.file_kept:
        return
    drop_parts(session, row)
    if row.state == APPLIED:
        _forget_held_rows(session, row)
    session.execute(_FORGET_CORRECTIONS, {"import_id": row.import_id})
    note(session, row, "file_deleted", by=None)
    metrics.EXPIRED.inc()


def _forget_held_rows(session: Session, row: Import) -> None:
    """Has records delete the rows that nobody has decided about; the ledger still counts them."""
    record_event(
        session,
        events.IMPORT_EXPIRED,
        subject=row.import_id,
        data={"import_id": row.import_id},
        site_id=row.site_id,
    )
