"""What the steps of an import need to know: rows, locks, sealed parts, sums over chunks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from services.imports.domain.ledger import Own
from services.imports.tables import (
    Chunk,
    ConvertedPart,
    FindingRow,
    Import,
    ImportEvent,
    Site,
    UploadPart,
)
from services.shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Progress:
    """What the chunks of an import add up to."""

    rows_checked: int = 0
    rows_staged: int = 0
    rows_sent: int = 0
    rows_same: int = 0
    rows_rejected: int = 0
    rows_warned: int = 0


def find_site(session: Session, site_id: UUID) -> Site | None:
    """What imports knows of a site."""
    return session.get(Site, site_id)


def find_import(session: Session, import_id: UUID) -> Import | None:
    """An import of the transaction's site."""
    return session.get(Import, import_id)


def lock_import(session: Session, import_id: UUID) -> Import:
    """An import, kept from changes by others until the transaction ends.

    Raises:
        NotFound: no such import of the transaction's site.
    """
    # NO KEY UPDATE: rows that point to the import may still be added meanwhile.
    statement = (
        select(Import)
        .where(Import.import_id == import_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    row = session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound()
    return row


def find_same_bytes(
    session: Session, site_id: UUID, sha256: bytes, states: Sequence[str]
) -> Import | None:
    """The newest import of the same bytes that is in one of the states."""
    statement = (
        select(Import)
        .where(Import.site_id == site_id, Import.sha256 == sha256, Import.state.in_(states))
        .order_by(Import.created_at.desc())
        .limit(1)
    )
    return session.scalars(statement).one_or_none()


def sealed_part(
    session: Session, import_id: UUID, number: int, *, converted: bool = False
) -> bytes | None:
    """The sealed bytes of a part of a file, or of its converted form; None if there is none."""
    table = ConvertedPart if converted else UploadPart
    query = f"SELECT sealed FROM {table.__tablename__} WHERE import_id = %s AND number = %s"
    driver = session.connection().connection.driver_connection
    assert driver is not None
    # In binary: as text, a megabyte is made twice as long and taken apart again by both sides.
    row = driver.execute(query, (import_id, number), binary=True).fetchone()
    return None if row is None else bytes(row[0])


def get_progress(session: Session, import_ids: Iterable[UUID]) -> dict[UUID, Progress]:
    """What the chunks of each import add up to."""
    done = Chunk.state.in_(("checked", "staged"))
    sums: list[ColumnElement[Any]] = [
        func.sum(Chunk.row_count).filter(done),
        func.sum(Chunk.row_count).filter(Chunk.state == "staged"),
        func.sum(Chunk.rows_sent),
        func.sum(Chunk.rows_same),
        func.sum(Chunk.rows_rejected),
        func.sum(Chunk.rows_warned),
    ]
    statement = (
        select(Chunk.import_id, *(func.coalesce(column, 0) for column in sums))
        .where(Chunk.import_id.in_(list(import_ids)))
        .group_by(Chunk.import_id)
    )
    return {row[0]: Progress(*row[1:]) for row in session.execute(statement)}


def own_counts(row: Import, progress: Progress) -> Own:
    """What imports itself counted of an import."""
    return Own(
        received=row.rows_total,
        same=progress.rows_same,
        rejected=progress.rows_rejected,
        sent=progress.rows_sent,
        with_warnings=progress.rows_warned,
    )


def rows_with(session: Session, import_id: UUID, code: str) -> set[int]:
    """The row numbers that have a finding of this code."""
    statement = select(FindingRow.row_number).where(
        FindingRow.import_id == import_id, FindingRow.code == code
    )
    return set(session.scalars(statement))


def chunks_for_asking(session: Session, import_id: UUID, window: int) -> list[Chunk]:
    """The next chunks to ask a worker for, so that at most `window` are under way; locked."""
    under_way = session.scalar(
        select(func.count())
        .select_from(Chunk)
        .where(Chunk.import_id == import_id, Chunk.state.in_(("wanted", "checked")))
    )
    free = window - (under_way or 0)
    if free <= 0:
        return []
    statement = (
        select(Chunk)
        .where(Chunk.import_id == import_id, Chunk.state == "waiting")
        .order_by(Chunk.number)
        .limit(free)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(statement))


def list_chunks(session: Session, import_id: UUID) -> list[Chunk]:
    """The chunks of an import in their order."""
    statement = select(Chunk).where(Chunk.import_id == import_id).order_by(Chunk.number)
    return list(session.scalars(statement))


def lock_chunk(
    session: Session, import_id: UUID, number: int, *, wait: bool = True
) -> Chunk | None:
    """A chunk, kept from changes by others; None if there is none, or if others hold it."""
    statement = (
        select(Chunk)
        .where(Chunk.import_id == import_id, Chunk.number == number)
        .with_for_update(skip_locked=not wait)
        .execution_options(populate_existing=True)
    )
    return session.scalars(statement).one_or_none()


def was_noted(session: Session, import_id: UUID, kind: str, *, by: UUID, since: datetime) -> bool:
    """Whether something of this kind stands in an import's history, by somebody, since a moment."""
    statement = (
        select(ImportEvent.event_id)
        .where(
            ImportEvent.import_id == import_id,
            ImportEvent.kind == kind,
            ImportEvent.by == by,
            ImportEvent.at >= since,
        )
        .limit(1)
    )
    return session.scalar(statement) is not None
