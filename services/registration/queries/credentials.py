"""Reads of one-time links and API tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.registration.domain.terms import VERSION
from services.registration.queries.accounts import needs_second_factor
from services.registration.queries.paging import Page, page_of
from services.registration.tables import (
    Account,
    ApiToken,
    PasswordLink,
    RecoveryCode,
    SecondFactor,
    TermsAcceptance,
    WaitingSignIn,
)
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


def find_waiting(session: Session, digest: bytes, *, lock: bool = False) -> WaitingSignIn | None:
    """Returns a sign-in that waits for its second factor, or did."""
    query = select(WaitingSignIn).where(WaitingSignIn.secret_sha256 == digest)
    return session.scalar(query.with_for_update() if lock else query)


def are_terms_due(session: Session, account_id: UUID) -> bool:
    """Says whether somebody has yet to accept the present terms of use."""
    return session.get(TermsAcceptance, (account_id, VERSION)) is None


@dataclass(frozen=True)
class OwnSecondFactor:
    """How the second factor of an account stands; `set_up_at` is None without an app."""

    is_needed: bool
    set_up_at: datetime | None
    recovery_codes_left: int


def get_second_factor(session: Session, account_id: UUID) -> OwnSecondFactor:
    """Returns how the second factor of an account stands."""
    factor = session.get(SecondFactor, account_id)
    return OwnSecondFactor(
        is_needed=needs_second_factor(session, account_id),
        set_up_at=factor.set_up_at if factor else None,
        recovery_codes_left=count_recovery_codes(session, account_id),
    )


def find_offered(session: Session, account_id: UUID) -> bytes | None:
    """Returns the secret, sealed, that was offered last to a sign-in that still waits."""
    query = (
        select(WaitingSignIn.offered)
        .where(
            WaitingSignIn.account_id == account_id,
            WaitingSignIn.offered.is_not(None),
            WaitingSignIn.ended_at.is_(None),
            WaitingSignIn.expires_at > func.now(),
        )
        .order_by(WaitingSignIn.created_at.desc())
    )
    return session.scalar(query.limit(1))


def count_recovery_codes(session: Session, account_id: UUID) -> int:
    """Returns how many recovery codes of an account can still be used."""
    query = (
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    )
    return session.scalar(query) or 0


def list_tokens(session: Session, *, page: int, page_size: int) -> Page[ApiToken]:
    """Returns the API tokens of the transaction's site, newest first."""
    query = select(ApiToken).order_by(ApiToken.created_at.desc(), ApiToken.api_token_id)
    return page_of(session, query, page, page_size)


def get_token(session: Session, token_id: UUID, *, lock: bool = False) -> ApiToken:
    """Returns an API token of the transaction's site."""
    found = session.get(ApiToken, token_id, with_for_update=lock or None)
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
