"""A person's decisions about an import: confirm, cancel. Also the confirmation by rule."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.imports import events
from services.imports.actions.files import drop_parts
from services.imports.actions.history import move
from services.imports.actions.sites import require_participation
from services.imports.domain.ledger import Outcome, counts_of
from services.imports.domain.states import (
    APPLYING,
    CANCELLED,
    decide_cancellation,
    decide_confirmation,
)
from services.imports.queries.working import Progress, get_progress, lock_import, own_counts
from services.imports.tables import Import
from services.shared.errors import Conflict
from services.shared.identity import Actor
from services.shared.outbox import record_event


def confirm_import(session: Session, import_id: UUID, *, by: Actor, site_id: UUID) -> None:
    """Has a checked import stored; harmless when repeated; does not commit.

    Raises:
        NotFound: no such import of the site.
        Forbidden: the site no longer takes part.
        Conflict: it is not in a state to be confirmed, or not every row of it can be stored and
            that was asked for (`all_or_nothing`).
    """
    row = lock_import(session, import_id)
    if decide_confirmation(row.state):
        require_participation(session, site_id)
        if not may_apply(session, row):
            raise Conflict(
                "This import is to be stored whole or not at all, and some of its rows are "
                "rejected or held. Mend them and upload the file again.",
                code="all_or_nothing",
            )
        start_applying(session, row, by=by.account_id)


def may_apply(session: Session, row: Import) -> bool:
    """Whether the rows of a checked import may be stored: all of them, if it was so chosen."""
    if not row.all_or_nothing or row.outcome is None:
        return True
    progress = get_progress(session, [row.import_id]).get(row.import_id, Progress())
    counts = counts_of(own_counts(row, progress), Outcome(**row.outcome))
    return not counts.rejected and not counts.held


def start_applying(session: Session, row: Import, *, by: UUID) -> None:
    """Asks records to store a checked import that this transaction has locked.

    Args:
        by: the account that confirmed; for an automatic import the one that uploaded.
    """
    row.confirmed_at = datetime.now(UTC)
    row.confirmed_by = by
    move(session, row, APPLYING, by=by)
    record_event(
        session,
        events.APPLY_WANTED,
        subject=row.import_id,
        data={"import_id": row.import_id, "by": by},
        site_id=row.site_id,
        actor_id=by,
    )


def cancel_import(session: Session, import_id: UUID, *, by: Actor) -> None:
    """Ends an import before it is stored and deletes its file; harmless when repeated.

    Raises:
        NotFound: no such import of the site.
        Conflict: it can no longer be cancelled.
    """
    row = lock_import(session, import_id)
    if decide_cancellation(row.state):
        move(session, row, CANCELLED, by=by.account_id)
        drop_parts(session, row)
        tell_records_to_drop(session, row, by=by.account_id)


def tell_records_to_drop(session: Session, row: Import, *, by: UUID | None) -> None:
    """Has records forget the rows it was sent; late batches are dropped too."""
    record_event(
        session,
        events.CANCEL_WANTED,
        subject=row.import_id,
        data={"import_id": row.import_id},
        site_id=row.site_id,
        actor_id=by,
    )
