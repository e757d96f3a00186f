"""Opens and ends sessions."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.registration import queries
from services.registration.actions.log import write_log
from services.registration.domain.credentials import (
    SESSION_LIFETIME,
    digest,
    new_session_string,
)
from services.registration.queries import AccountView
from services.registration.tables import SignIn
from services.shared.errors import Unauthenticated
from services.shared.identity import Actor

SIGN_IN_REFUSED = "The e-mail address or the password is not right."
"""One answer for an unknown address, a wrong or missing password and a switched-off account."""


@dataclass(frozen=True)
class OpenedSession:
    """A session just opened; `secret` is the string, shown this once."""

    secret: str
    expires_at: datetime
    view: AccountView


def open_session(
    session: Session,
    *,
    account_id: UUID,
    checked_hash: str,
    new_hash: str | None = None,
    replaces: str | None = None,
) -> OpenedSession:
    """Opens a session for an account whose password was just found right; does not commit.

    Args:
        session: The transaction.
        account_id: Whose.
        checked_hash: The hash the password was compared with. It was read in an earlier
            transaction, so that no connection waits for the hashing; what changed since is looked
            at here.
        new_hash: The same password hashed with today's parameters, when the stored one is outdated.
        replaces: Id of the session that the browser had until now; it ends.

    Raises:
        Unauthenticated: The password was changed or the account switched off meanwhile.
    """
    account = queries.get_account(session, account_id, lock=True)
    if account.password_hash != checked_hash or account.switched_off_at is not None:
        raise Unauthenticated(SIGN_IN_REFUSED)
    if new_hash is not None:
        account.password_hash = new_hash
    if replaces is not None:
        _end(session, SignIn.session_id == _as_uuid(replaces), "signed in again")
    now = datetime.now(UTC)
    account.last_signed_in_at = now
    secret = new_session_string()
    opened = SignIn(
        session_id=uuid7(),
        secret_sha256=digest(secret),
        account_id=account_id,
        site_id=queries.home_site_id(session, account_id),
        csrf=secrets.token_urlsafe(32),
        created_at=now,
        expires_at=now + SESSION_LIFETIME,
    )
    session.add(opened)
    view = queries.get_account_view(session, account_id, site_id=opened.site_id)
    by = Actor(account_id, opened.site_id, view.rights, str(opened.session_id), opened.csrf)
    _log(session, by, "signed_in", opened.session_id)
    return OpenedSession(secret, opened.expires_at, view)


def end_session(session: Session, *, by: Actor) -> None:
    """Ends the caller's session; does not commit. A caller with an API token has none to end."""
    session_id = _as_uuid(by.session_id)
    if _end(session, SignIn.session_id == session_id, "signed out"):
        _log(session, by, "signed_out", session_id)


def end_all_sessions(session: Session, *, account_id: UUID, reason: str) -> None:
    """Ends every session of an account; does not commit."""
    _end(session, SignIn.account_id == account_id, reason)


def _end(session: Session, which: object, reason: str) -> bool:
    done = session.execute(
        update(SignIn)
        .where(which, SignIn.ended_at.is_(None))  # type: ignore[arg-type]
        .values(ended_at=datetime.now(UTC), end_reason=reason)
        .returning(SignIn.session_id)
    )
    return done.first() is not None


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _log(session: Session, by: Actor, what: str, session_id: UUID | None) -> None:
    write_log(
        session,
        by=by,
        what=what,
        subject_kind="session",
        subject_id=session_id,
        site_id=by.site_id,
    )
