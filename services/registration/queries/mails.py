"""Reads of mails."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.registration.queries.paging import Page, page_of
from services.registration.tables import Mail


def find_mail(session: Session, mail_id: UUID) -> Mail | None:
    """Returns a mail."""
    return session.get(Mail, mail_id)


def has_mail_since(session: Session, address: str, kind: str, since: datetime) -> bool:
    """Says whether a mail of a kind was written to an address since a moment."""
    query = select(Mail.mail_id).where(
        func.lower(Mail.to_address) == address.lower(), Mail.kind == kind, Mail.created_at >= since
    )
    return session.scalar(query.limit(1)) is not None


def list_mails(
    session: Session, *, page: int, page_size: int, state: str | None = None
) -> Page[Mail]:
    """Returns mails, newest first."""
    query = select(Mail).order_by(Mail.created_at.desc(), Mail.mail_id)
    if state is not None:
        query = query.where(Mail.state == state)
    return page_of(session, query, page, page_size)
