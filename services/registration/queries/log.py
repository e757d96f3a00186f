"""Reads of the log: what happened to one thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registration.tables import Account, AuditEntry


@dataclass(frozen=True)
class LogLine:
    """One line of the log, with the name of who did it; None for a visitor or an operator."""

    at: datetime
    what: str
    actor_kind: str
    actor_name: str | None
    details: dict[str, Any]


def list_about(session: Session, subject_kind: str, subject_id: UUID) -> list[LogLine]:
    """Returns what was done to one thing, the oldest first."""
    query = (
        select(AuditEntry, Account.name)
        .outerjoin(Account, Account.account_id == AuditEntry.actor_id)
        .where(AuditEntry.subject_kind == subject_kind, AuditEntry.subject_id == subject_id)
        .order_by(AuditEntry.entry_id)
    )
    return [
        LogLine(line.at, line.what, line.actor_kind, name, line.details)
        for line, name in session.execute(query)
    ]
