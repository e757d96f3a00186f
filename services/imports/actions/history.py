"""Writes down what happened to an import, when and by whom; and moves it from state to state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.imports import metrics
from services.imports.domain.states import ENDED, can_become
from services.imports.tables import Import, ImportEvent
from services.shared.errors import Conflict


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
