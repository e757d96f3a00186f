"""Applies an import that is to be stored whole or not at all: all its slices in one transaction.

If a row has become held since the check, nothing is stored: the import is compared again, and goes
back to the person with the new counts.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.records.actions.applying import apply_slice
from services.records.actions.comparing import compare_import
from services.records.actions.guarding import lock_site
from services.records.actions.importing import open_import
from services.records.domain.decisions import HELD, REJECTED, ledger
from services.records.keys import Keys
from services.records.queries import staging as queries
from services.records.tables import StagedDecision, StagedImport
from services.shared import logs


def apply_next(
    session: Session, keys: Keys, *, site_id: UUID, import_id: UUID, number: int
) -> None:
    """Applies the next slice of an import, or all of them at once if it was so chosen."""
    staged = open_import(session, site_id=site_id, import_id=import_id)
    if not staged.all_or_nothing:
        apply_slice(session, keys, site_id=site_id, import_id=import_id, number=number)
        return
    if staged.state != "applying" or staged.next_slice != number:
        return
    lock_site(session, site_id)
    whole = session.begin_nested()
    while staged.state == "applying":
        next_slice = staged.next_slice or number
        apply_slice(session, keys, site_id=site_id, import_id=import_id, number=next_slice)
        session.flush()
        counts = ledger(staged.applied or {})
        if counts[HELD] or counts[REJECTED]:
            whole.rollback()
            session.expire_all()
            _compare_again(session, open_import(session, site_id=site_id, import_id=import_id))
            return
    whole.commit()


def _compare_again(session: Session, staged: StagedImport) -> None:
    logs.get_logger().info("not_stored_whole", import_id=staged.import_id)
    staged.apply_asked_by = staged.applied = staged.next_slice = None
    session.execute(delete(StagedDecision).where(StagedDecision.import_id == staged.import_id))
    compare_import(session, staged, queries.staged_batches(session, staged.import_id))
