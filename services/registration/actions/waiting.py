"""Sign-ins that wait for their second factor: the password was right, and no session exists yet.

Nothing that knows sessions has to know of a weak one: what waits opens nothing but the question
for the code (decision 0020).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.registration import queries
from services.registration.actions import second_factors, throttling
from services.registration.actions.mails import MailDesk
from services.registration.actions.second_factors import Offer
from services.registration.actions.sessions import OpenedSession, note_refusal, open_session
from services.registration.domain.credentials import (
    WAITING_LIFETIME,
    digest,
    new_waiting_string,
)
from services.registration.tables import Account, SecondFactor, WaitingSignIn
from services.shared.errors import Conflict, Unauthenticated
from services.shared.sealing import Keyring

CODES_TRIED = 5
"""Wrong codes after which the password is asked for again."""
OVER = "This sign-in has ended. Enter your e-mail address and password again."


@dataclass(frozen=True)
class Waiting:
    """A sign-in that waits; `secret` is its string, shown this once.

    Attributes:
        wants: `code`, or `enrolment` when no app is set up yet.
    """

    secret: str
    wants: str
    expires_at: datetime


def second_factor_wanted(session: Session, account: Account) -> str | None:
    """Returns what a sign-in has to wait for: `code`, `enrolment`, or nothing."""
    if session.get(SecondFactor, account.account_id) is not None:
        return "code"
    needed = queries.needs_second_factor(session, account.account_id)
    return "enrolment" if needed else None


def begin_waiting(session: Session, account: Account, *, wants: str) -> Waiting:
    """Writes down that somebody knew the password; does not commit."""
    assert account.password_hash is not None
    secret, now = new_waiting_string(), datetime.now(UTC)
    row = WaitingSignIn(
        waiting_sign_in_id=uuid7(),
        secret_sha256=digest(secret),
        account_id=account.account_id,
        password_sha256=digest(account.password_hash),
        failures=0,
        created_at=now,
        expires_at=now + WAITING_LIFETIME,
    )
    session.add(row)
    session.flush()
    return Waiting(secret, wants, row.expires_at)


def offer_app(session: Session, keys: Keyring, *, waiting: str) -> Offer:
    """Returns what to put into an authenticator app, the same for one sign-in; does not commit.

    Raises:
        Unauthenticated: The sign-in has ended.
        Conflict: The account has an app.
    """
    row, account = _take(session, waiting)
    if session.get(SecondFactor, account.account_id) is not None:
        raise Conflict("An authenticator app is set up already.", code="has_second_factor")
    row.offered, offer = second_factors.offer_for(keys, account, row.offered)
    return offer


def finish_waiting(
    session: Session,
    keys: Keyring,
    *,
    waiting: str,
    code: str,
    device: str | None,
    replaces: str | None,
    desk: MailDesk,
) -> tuple[OpenedSession | None, list[str] | None]:
    """Opens the session if the code is right; does not commit, and must be committed either way.

    Args:
        session: The transaction.
        keys: They open the secrets of apps.
        waiting: The string of the sign-in.
        code: Of the app, or a recovery code.
        device, replaces, desk: As `open_session`.

    Returns:
        The session, None for a wrong code; and the recovery codes of an app just set up.

    Raises:
        Unauthenticated: The sign-in has ended, or the account has changed meanwhile.
        TooMany: After several wrong codes.
    """
    row, account = _take(session, waiting)
    key = throttling.code_key_of(session, account=account, device=device)
    throttling.refuse_too_early(session, key, what="codes")
    factor = session.get(SecondFactor, account.account_id, with_for_update=True)
    recovery_codes: list[str] | None = None
    if factor is not None:
        is_right = second_factors.is_code_right(
            session, keys, factor, code, account=account, desk=desk
        )
    else:
        if row.offered is not None:
            recovery_codes = second_factors.set_up(
                session, keys, row.offered, code, account=account, desk=desk
            )
        is_right = recovery_codes is not None
    now = datetime.now(UTC)
    if not is_right:
        row.failures += 1
        if row.failures >= CODES_TRIED:
            row.ended_at = now
        throttling.note_failure(session, key)
        note_refusal(session, account_id=account.account_id)
        return None, None
    row.ended_at = now
    throttling.forget_failures(session, key)
    opened = open_session(
        session, account=account, second_factor=True, replaces=replaces, device=device, desk=desk
    )
    return opened, recovery_codes


def _take(session: Session, waiting: str) -> tuple[WaitingSignIn, Account]:
    """Returns a sign-in that still waits, held, and its account."""
    row = queries.find_waiting(session, digest(waiting), lock=True)
    if row is None or row.ended_at is not None or row.expires_at <= datetime.now(UTC):
        raise Unauthenticated(OVER)
    account = queries.get_account(session, row.account_id, lock=True)
    stored = account.password_hash
    if account.switched_off_at is not None or not stored or digest(stored) != row.password_sha256:
        raise Unauthenticated(OVER)
    return row, account
