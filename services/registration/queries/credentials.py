"""Reads of one-time links and API tokens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.registration.queries.paging import Page, page_of
from services.registration.tables import Account, ApiToken, PasswordLink
from services.shared.errors import NotFound


def find_password_link(
    session: Session, digest: bytes, *, lock: bool = False
) -> tuple[PasswordLink, Account] | None:
    """Returns a one-time link and the account it is for; None too when that is switched off."""
    query = (
        select(PasswordLink, Account)
        .join(Account, Account.account_id == PasswordLink.account_id)
        .where(PasswordLink.secret_sha256 == digest, Account.switched_off_at.is_(None))
    )
    found = session.execute(query.with_for_update() if lock else query).first()
    return None if found is None else (found[0], found[1])


def list_tokens(session: Session, *, page: int, page_size: int) -> Page[ApiToken]:
    """Returns the API tokens of the transaction's site, newest first."""
    query = select(ApiToken).order_by(ApiToken.created_at.desc(), ApiToken.api_token_id)
    return page_of(session, query, page, page_size)


def get_token(session: Session, token_id: UUID) -> ApiToken:
    """Returns an API token of the transaction's site."""
    found = session.get(ApiToken, token_id)
    if found is None:
        raise NotFound("There is no such token.")
    return found


def count_links_since(session: Session, account_id: UUID, since: datetime) -> int:
    """Returns how many one-time links were made for an account since a moment."""
    query = (
        select(func.count())
        .select_from(PasswordLink)
        .where(PasswordLink.account_id == account_id, PasswordLink.created_at >= since)
    )
    return session.scalar(query) or 0
