"""Reads of entries and drafts: what was typed, still sealed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.records.tables import Draft, Entry


def find_entry(session: Session, record_id: UUID) -> Entry | None:
    """The entry under this id, whether it waits beside a record or is none yet."""
    query = select(Entry).where(Entry.record_id == record_id)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def list_unfinished(
    session: Session, *, site_id: UUID, nhs_hashes: Sequence[bytes]
) -> list[dict[str, object]]:
    """Entries about a patient that are no record yet, the newest first."""
    query = (
        select(Entry.record_id, Entry.updated_at)
        .where(
            Entry.site_id == site_id,
            Entry.nhs_hash.in_(nhs_hashes),
            Entry.wrapped_key.is_not(None),
        )
        .order_by(Entry.updated_at.desc())
    )
    return [dict(row._mapping) for row in session.execute(query)]


def find_draft(session: Session, *, record_id: UUID, account_id: UUID) -> Draft | None:
    """What this account has typed into the record's form and not saved."""
    query = select(Draft).where(Draft.record_id == record_id, Draft.account_id == account_id)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def list_drafts(session: Session, *, record_id: UUID) -> list[Draft]:
    """What anybody has typed into the record's form and not saved."""
    return list(session.scalars(select(Draft).where(Draft.record_id == record_id)))
