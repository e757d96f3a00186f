"""Has an applied import undone, and takes note of what became of its records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.imports import events
from services.imports.actions.history import move
from services.imports.actions.receipts import issue_receipt
from services.imports.actions.sites import require_participation
from services.imports.domain.receipts import Signer
from services.imports.domain.states import APPLIED, UNDOING, UNDONE, decide_undo
from services.imports.queries.working import lock_import
from services.shared.identity import Actor
from services.shared.outbox import record_event


def undo_import(
    session: Session, import_id: UUID, *, by: Actor, site_id: UUID, undo_days: int
) -> None:
    """Asks records to undo an import; harmless when repeated; does not commit.

    Raises:
        NotFound: no such import of the site.
        Forbidden: the site no longer takes part.
        Conflict: it was not stored, or too long ago.
    """
    row = lock_import(session, import_id)
    if not decide_undo(row.state, row.ended_at, now=datetime.now(UTC), days=undo_days):
        return
    require_participation(session, site_id)
    row.undone = None
    move(session, row, UNDOING, by=by.account_id)
    record_event(
        session,
        events.UNDO_WANTED,
        subject=row.import_id,
        data={"import_id": row.import_id, "by": by.account_id},
        site_id=row.site_id,
        actor_id=by.account_id,
    )


def take_undone(
    session: Session, import_id: UUID, undone: Mapping[str, Any], *, signer: Signer
) -> None:
    """Ends the undoing: the import is undone, or as it was where a locked year refused it.

    Args:
        undone: `removed`, `restored`, `kept`, `kept_records`, `refused_years`.
    """
    row = lock_import(session, import_id)
    if row.state != UNDOING:
        return
    row.undone = dict(undone)
    if undone["refused_years"]:
        move(session, row, APPLIED, by=None)
        return
    counts = {name: undone[name] for name in ("removed", "restored", "kept")}
    move(session, row, UNDONE, by=None, counts=counts)
    issue_receipt(session, row, signer)
