"""Reads of mails."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registration.queries.paging import Page, page_of
from services.registration.tables import Mail


def find_mail(session: Session, mail_id: UUID) -> Mail | None:
    """Returns a mail."""
    return session.get(Mail, mail_id)


def list_mails(
    session: Session, *, page: int, page_size: int, state: str | None = None
) -> Page[Mail]:
    """Returns mails, newest first."""
    query = select(Mail).order_by(Mail.created_at.desc(), Mail.mail_id)
    if state is not None:
        query = query.where(Mail.state == state)
    return page_of(session, query, page, page_size)
