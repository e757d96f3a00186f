"""Reads of the log's chain. Lines come as the columns of `audit_log` by name."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from services.registration.tables import AuditEntry, AuditHead, AuditSeal

_FAR_BACK = 100_000
"""Lines before the last sealed one among which late ones are looked for; older are sealed."""
_LINE = AuditEntry.__table__.c


def find_last_seal(session: Session) -> AuditSeal | None:
    """Returns the end of the chain."""
    return session.scalars(select(AuditSeal).order_by(AuditSeal.position.desc()).limit(1)).first()


def list_unsealed(session: Session, *, limit: int) -> list[dict[str, Any]]:
    """Returns new lines that are not in the chain yet, in their order."""
    newest = select(func.coalesce(func.max(AuditSeal.entry_id), 0)).scalar_subquery()
    query = _unsealed().where(_LINE.entry_id > newest - _FAR_BACK).limit(limit)
    return [dict(row) for row in session.execute(query).mappings()]


def find_left_out(session: Session, *, older_than: timedelta) -> dict[str, Any] | None:
    """Returns the first line of the whole log that the chain ought to have, and has not."""
    query = _unsealed().where(_LINE.at < func.now() - older_than).limit(1)
    found = session.execute(query).mappings().first()
    return None if found is None else dict(found)


def _unsealed() -> Select[Any]:
    sealed = select(AuditSeal.entry_id).where(AuditSeal.entry_id == _LINE.entry_id)
    return select(*_LINE).where(~sealed.exists()).order_by(_LINE.entry_id)


def list_heads(session: Session) -> Sequence[AuditHead]:
    """Returns the signed heads, the oldest first."""
    return session.scalars(select(AuditHead).order_by(AuditHead.day)).all()


def iterate_chain(session: Session) -> Generator[tuple[AuditSeal, dict[str, Any] | None]]:
    """Yields the chain in its order, each seal with its line; None where that is gone."""
    query = (
        select(AuditSeal, *_LINE)
        .outerjoin(AuditEntry, AuditEntry.entry_id == AuditSeal.entry_id)
        .order_by(AuditSeal.position)
        .execution_options(yield_per=2_000)
    )
    # Whoever finds a fault stops in the middle: the cursor is closed with the generator.
    with session.execute(query) as rows:
        for row in rows:
            line = dict(zip(_LINE.keys(), row[1:], strict=True))
            yield row[0], line if line["entry_id"] is not None else None
