"""Reads of notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registration.queries.paging import Page, page_of
from services.registration.tables import Notice
from services.shared.errors import NotFound


def list_notices(session: Session, *, page: int, page_size: int) -> Page[Notice]:
    """Returns all notices, the newest first."""
    query = select(Notice).order_by(Notice.made_at.desc(), Notice.notice_id)
    return page_of(session, query, page, page_size)


def list_current_notices(session: Session, today: date) -> Sequence[Notice]:
    """Returns the notices that are shown on a day, the newest first."""
    query = select(Notice).where(
        Notice.withdrawn_at.is_(None), Notice.shown_from <= today, Notice.shown_until >= today
    )
    return session.scalars(query.order_by(Notice.made_at.desc())).all()


def get_notice(session: Session, notice_id: UUID) -> Notice:
    """Returns a notice."""
    found = session.get(Notice, notice_id, with_for_update=True)
    if found is None:
        raise NotFound("There is no such notice.")
    return found
