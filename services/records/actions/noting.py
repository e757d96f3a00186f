"""Adds a step to the history of a record: who, when, by which door, what."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from services.records.domain.authors import Author
from services.records.tables import RecordChange


def note_change(
    session: Session,
    *,
    site_id: UUID,
    record_id: UUID,
    version: int,
    kind: str,
    changes: dict[str, Any] | None,
    by: Author,
    patient_id: UUID | None = None,
    waiting: bytes | None = None,
) -> None:
    """Adds a step.

    Args:
        version: the record's after it.
        changes: {key: [old, new]}; keys are fields, or `domain.history.BESIDE_FIELDS`.
        patient_id: whose the record was before it; None: the same as after it.
        waiting: sealed, the texts that wait after it; None if it did not change them.
    """
    session.execute(
        insert(RecordChange).values(
            record_id=record_id,
            version=version,
            site_id=site_id,
            actor_id=by.account_id,
            door=by.door,
            import_id=by.import_id,
            kind=kind,
            changes=changes,
            patient_id=patient_id,
            visit_id=by.visit_id,
            waiting=waiting,
        )
    )
