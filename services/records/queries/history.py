"""Reads of a record's history, newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.records.domain.history import Step
from services.records.tables import ReadLog, RecordChange


def list_steps(session: Session, record_id: UUID) -> list[Step]:
    """Every change of a record, newest first, identifiers still sealed."""
    query = (
        select(RecordChange)
        .where(RecordChange.record_id == record_id)
        .order_by(RecordChange.version.desc())
    )
    return [
        Step(
            version=change.version,
            at=change.at,
            by=change.actor_id,
            door=change.door,
            import_id=change.import_id,
            kind=change.kind,
            changes=change.changes or {},
            patient_id=change.patient_id,
            visit_id=change.visit_id,
            waiting=change.waiting,
        )
        for change in session.scalars(query)
    ]


def list_reads(
    session: Session, *, site_id: UUID, record_id: UUID, page: int, page_size: int
) -> tuple[list[dict[str, Any]], int]:
    """Who opened a record and when, newest first; and how often it was opened in all."""
    ours = (ReadLog.site_id == site_id, ReadLog.record_id == record_id)
    query = (
        select(ReadLog.at, ReadLog.actor_id.label("by"), ReadLog.visit_id)
        .where(*ours)
        .order_by(ReadLog.at.desc(), ReadLog.position.desc())
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    total = session.scalars(select(func.count()).select_from(ReadLog).where(*ours)).one()
    return [dict(row._mapping) for row in session.execute(query)], total


def last_read_at(session: Session, *, record_id: UUID, by: UUID) -> datetime | None:
    """When this account last opened a record."""
    query = select(func.max(ReadLog.at)).where(
        ReadLog.record_id == record_id, ReadLog.actor_id == by
    )
    return session.scalars(query).one()
