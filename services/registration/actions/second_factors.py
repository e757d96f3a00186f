"""Sets up, compares, changes and takes away the second factor of an account.

Whoever compares a code holds the factor's row until their transaction ends, so that one code is
never good twice.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from services.registration import queries
from services.registration.actions.log import Outsider, write_log
from services.registration.actions.mails import MailDesk, queue_mail
from services.registration.actions.sessions import end_all_sessions, end_other_sessions
from services.registration.domain import security_mails
from services.registration.domain.credentials import digest
from services.registration.domain.second_factor import (
    app_address,
    matching_step,
    new_recovery_codes,
    new_secret,
    normal_recovery_code,
    shown_secret,
)
from services.registration.tables import Account, RecoveryCode, SecondFactor, SignIn
from services.shared.errors import Conflict, InvalidInput
from services.shared.identity import Actor
from services.shared.sealing import Keyring

WRONG_CODE = (
    "This code is not right. Enter the six digits that the app shows now; each code works once, so "
    "wait for the next if you have just used it."
)


@dataclass(frozen=True)
class Offer:
    """What somebody puts into their authenticator app: the secret as text, and as an address."""

    secret: str
    address: str


def offer_for(keys: Keyring, account: Account, sealed: bytes | None) -> tuple[bytes, Offer]:
    """Returns an offer and its sealed form, the one that was made before if there is one.

    The same again: a page that is loaded twice must not spoil what was scanned from the first.
    """
    if sealed is None:
        secret = new_secret()
        sealed = keys.seal(secret, _belongs_to(account.account_id))
    else:
        secret = secret_of(keys, account, sealed)
    return sealed, Offer(shown_secret(secret), app_address(secret, email=account.email))


def secret_of(keys: Keyring, account: Account, sealed: bytes) -> bytes:
    """Opens the secret of an account's app."""
    return keys.open(sealed, _belongs_to(account.account_id))


def is_code_right(
    session: Session,
    keys: Keyring,
    factor: SecondFactor,
    code: str,
    *,
    account: Account,
    desk: MailDesk,
) -> bool:
    """Compares a code of the app, or a recovery code, and uses it up; does not commit.

    Args:
        session: The transaction.
        keys: They open the app's secret.
        factor: Locked.
        code: As typed.
        account: Whose.
        desk: Writes the mail about a used recovery code.
    """
    secret = secret_of(keys, account, factor.sealed)
    step = matching_step(secret, code, now=time.time(), after=factor.last_step)
    if step is not None:
        factor.last_step = step
        return True
    recovery = normal_recovery_code(code)
    if recovery is None:
        return False
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.code_sha256 == digest(recovery),
            RecoveryCode.account_id == account.account_id,
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=datetime.now(UTC))
        .returning(RecoveryCode.account_id)
    ).first()
    if used is None:
        return False
    left = queries.count_recovery_codes(session, account.account_id)
    words = security_mails.recovery_code_used(
        name=account.name, left=left, link=desk.account_page()
    )
    queue_mail(session, to_address=account.email, words=words, desk=desk)
    _log(session, _self(account), "recovery_code_used", account, {"left": left})
    return True


def set_up(
    session: Session, keys: Keyring, sealed: bytes, code: str, *, account: Account, desk: MailDesk
) -> list[str] | None:
    """Makes an offer the account's second factor if the code is right; does not commit.

    Returns:
        Ten recovery codes, to be shown this once; None when the code is wrong.
    """
    secret = secret_of(keys, account, sealed)
    step = matching_step(secret, code, now=time.time(), after=0)
    if step is None:
        return None
    before = session.get(SecondFactor, account.account_id, with_for_update=True)
    now = datetime.now(UTC)
    if before is None:
        session.add(
            SecondFactor(
                account_id=account.account_id, sealed=sealed, last_step=step, set_up_at=now
            )
        )
    else:
        before.sealed, before.last_step, before.set_up_at = sealed, step, now
    codes = _replace_recovery_codes(session, account.account_id)
    what = "second_factor_set_up" if before is None else "second_factor_changed"
    words = security_mails.second_factor_set_up(
        name=account.name, is_new=before is None, link=desk.forgotten_page()
    )
    queue_mail(session, to_address=account.email, words=words, desk=desk)
    _log(session, _self(account), what, account, {})
    return codes


def offer_another(session: Session, keys: Keyring, *, by: Actor) -> Offer:
    """Offers the caller another app to use; the present one goes on until that is confirmed.

    Does not commit. The offer is kept with the session, and the same again until then.
    """
    row, account = _own_session(session, by)
    row.offered, offer = offer_for(keys, account, row.offered)
    return offer


def confirm_another(
    session: Session, keys: Keyring, code: str, *, by: Actor, desk: MailDesk
) -> list[str]:
    """Uses the app that was offered from now on, and ends the caller's other sessions; no commit.

    Returns:
        Ten recovery codes, to be shown this once. The earlier ones are worthless.

    Raises:
        Conflict: Nothing was offered in this session.
        InvalidInput: The code is wrong.
    """
    row, account = _own_session(session, by)
    if row.offered is None:
        raise Conflict("Begin again: ask for a new QR code first.", code="nothing_offered")
    codes = set_up(session, keys, row.offered, code, account=account, desk=desk)
    if codes is None:
        raise InvalidInput({"code": [WRONG_CODE]})
    row.offered, row.second_factor = None, True
    end_other_sessions(session, by=by, reason="second factor changed")
    return codes


def renew_recovery_codes(session: Session, *, by: Actor) -> list[str]:
    """Replaces the caller's recovery codes; does not commit.

    Raises:
        Conflict: They have no second factor.
    """
    if session.get(SecondFactor, by.account_id) is None:
        raise Conflict("Set up an authenticator app first.", code="no_second_factor")
    codes = _replace_recovery_codes(session, by.account_id)
    account = queries.get_account(session, by.account_id)
    _log(session, by, "recovery_codes_made", account, {})
    return codes


def take_away(
    session: Session,
    *,
    account_id: UUID,
    by: Actor | Outsider,
    desk: MailDesk,
    site_id: UUID | None = None,
) -> None:
    """Takes somebody's second factor away, who has lost it: they set another up; no commit.

    Their sessions end. Harmless when they have none.

    Raises:
        NotFound: There is no such account.
        Conflict: It is the caller's own, who can change it.
    """
    if isinstance(by, Actor) and account_id == by.account_id:
        raise Conflict(
            "Use another app on the page “Your account”, instead of taking your own away.",
            code="own_account",
        )
    account = queries.get_account(session, account_id, lock=True)
    gone = session.execute(
        delete(SecondFactor)
        .where(SecondFactor.account_id == account_id)
        .returning(SecondFactor.account_id)
    ).first()
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    if gone is None:
        return
    end_all_sessions(session, account_id=account_id, reason="second factor taken away")
    words = security_mails.second_factor_taken_away(name=account.name, link=desk.sign_in_page())
    queue_mail(session, to_address=account.email, words=words, desk=desk)
    _log(session, by, "second_factor_taken_away", account, {}, site_id=site_id)


def _replace_recovery_codes(session: Session, account_id: UUID) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes, now = new_recovery_codes(), datetime.now(UTC)
    session.add_all(
        RecoveryCode(code_sha256=digest(code), account_id=account_id, created_at=now)
        for code in codes
    )
    return codes


def _own_session(session: Session, by: Actor) -> tuple[SignIn, Account]:
    account = queries.get_account(session, by.account_id, lock=True)
    row = queries.find_sign_in(session, UUID(by.session_id))
    if row is None or row.ended_at is not None:
        raise Conflict("Your session has changed. Load the page again.", code="session_changed")
    return row, account


def _belongs_to(account_id: UUID) -> bytes:
    return f"second factor {account_id}".encode()


def _self(account: Account) -> Actor:
    return Actor(account.account_id, None, frozenset(), "sign-in", "")


def _log(
    session: Session,
    by: Actor | Outsider,
    what: str,
    account: Account,
    details: dict[str, int],
    *,
    site_id: UUID | None = None,
) -> None:
    write_log(
        session,
        by=by,
        what=what,
        subject_kind="account",
        subject_id=account.account_id,
        site_id=site_id,
        details=details,
    )
