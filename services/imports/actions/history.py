"""Writes down what happened to an import, when and by whom; and moves it from state to state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.imports import events, metrics
from services.imports.domain.states import ENDED, can_become, wants_person
from services.imports.tables import Import, ImportEvent
from services.shared.errors import Conflict
from services.shared.outbox import record_event


def move(
    session: Session,
    row: Import,
    state: str,
    *,
    by: UUID | None,
    counts: Mapping[str, int] | None = None,
) -> None:
    """Brings an import that this transaction has locked into another state, and writes it down.

    Args:
        by: the account; None for the system itself.

    Raises:
        Conflict: there is no way from its state to this one.
    """
    if not can_become(row.state, state):
        raise Conflict(f"An import cannot go from {row.state} to {state}.", code="wrong_state")
    row.state = state
    row.version += 1
    if state in ENDED:
        # What was stored keeps that moment when it is undone, or could not be.
        row.ended_at = row.ended_at or datetime.now(UTC)
        metrics.ENDED.labels(state).inc()
    note(session, row, state, by=by, counts=counts)
    _write_to_person(session, row)


def note(
    session: Session,
    row: Import,
    kind: str,
    *,
    by: UUID | None,
    counts: Mapping[str, int] | None = None,
) -> None:
    """Adds a line to the history of an import."""
    session.add(
        ImportEvent(
            import_id=row.import_id,
            site_id=row.site_id,
            by=by,
            kind=kind,
            counts=None if counts is None else dict(counts),
        )
    )


def _write_to_person(session: Session, row: Import) -> None:
    """Has registration write to whoever sent the file, if it waits for them or ended unseen."""
    now = datetime.now(UTC)
    since = row.created_at or now
    if row.confirm == "person" and row.confirmed_at is not None:
        since = row.confirmed_at
    if not wants_person(row.state, confirm=row.confirm, waited=now - since):
        return
    record_event(
        session,
        events.PERSON_WANTED,
        subject=row.import_id,
        data={
            "import_id": row.import_id,
            "account_id": row.created_by,
            "state": row.state,
            "uploaded_at": row.created_at or now,
        },
        site_id=row.site_id,
    )
