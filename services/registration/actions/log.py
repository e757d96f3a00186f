"""Writes the log: one line for each thing done, in the transaction that does it."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.tables import AuditEntry
from services.shared.identity import Actor


class Outsider(StrEnum):
    """Who acts when no account does."""

    VISITOR = "visitor"
    OPERATOR = "operator"
    SYSTEM = "system"


def write_log(
    session: Session,
    *,
    by: Actor | Outsider,
    what: str,
    subject_kind: str,
    subject_id: UUID | None,
    site_id: UUID | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Adds a line to the log; does not commit.

    Args:
        what: A verb in the past with its noun, such as `application_approved`.
        site_id: The site it concerns, so that its lead can be shown it.
        details: Ids and plain facts; never a secret.
    """
    account = by if isinstance(by, Actor) else None
    session.add(
        AuditEntry(
            at=datetime.now(UTC),
            actor_kind="account" if account else str(by),
            actor_id=account.account_id if account else None,
            credential_id=account.session_id if account else None,
            site_id=site_id,
            what=what,
            subject_kind=subject_kind,
            subject_id=subject_id,
            details=details or {},
        )
    )
