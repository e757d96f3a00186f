"""Holds off whoever tries passwords, before anything is hashed; counts by account and by device.

An address that nobody has is counted like any other, so that the answer does not tell.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import case, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.registration import queries
from services.registration.domain.credentials import digest, new_device_string
from services.registration.domain.throttling import FORGOTTEN_AFTER, wait_after
from services.registration.tables import Account, KnownDevice, SignInFailure
from services.shared.errors import TooMany


def key_of(session: Session, *, email: str, device: str | None) -> bytes:
    """What a sign-in is counted under: the device if the account knows it, else the address."""
    if device is not None and queries.is_known_device(session, digest(device), email):
        return digest(f"device {device}")
    return digest(f"address {email.strip().lower()}")


def code_key_of(session: Session, *, account: Account, device: str | None) -> bytes:
    """What codes are counted under: the device if the account knows it, else the account."""
    if device is not None and queries.is_known_device(session, digest(device), account.email):
        return digest(f"code device {device}")
    return digest(f"code {account.account_id}")


def refuse_too_early(session: Session, key: bytes, *, what: str = "passwords") -> None:
    """Makes sure that the wait after the last wrong password or code is over.

    Raises:
        TooMany: It is not; it says how long it still takes.
    """
    failure = session.get(SignInFailure, key)
    if failure is None:
        return
    now = datetime.now(UTC)
    left = (failure.failed_at + wait_after(failure.failures) - now).total_seconds()
    if left > 0:
        seconds = math.ceil(left)
        also = ", or choose a new password" if what == "passwords" else ""
        raise TooMany(
            f"There were several wrong {what} for this address. "
            f"Try again in {_words(seconds)}{also}.",
            seconds,
        )


def note_failure(session: Session, key: bytes) -> None:
    """Counts a wrong password; does not commit."""
    now = datetime.now(UTC)
    row = SignInFailure.__table__.c
    first = insert(SignInFailure).values(counted_under=key, failures=1, failed_at=now)
    is_old = row.failed_at < now - FORGOTTEN_AFTER
    session.execute(
        first.on_conflict_do_update(
            index_elements=[row.counted_under],
            set_={"failures": case((is_old, 1), else_=row.failures + 1), "failed_at": now},
        )
    )


def forget_failures(session: Session, key: bytes) -> None:
    """Begins counting anew after a right password; does not commit."""
    session.execute(delete(SignInFailure).where(SignInFailure.counted_under == key))


def remember_device(session: Session, *, account_id: UUID) -> str:
    """Makes a string by which a browser is known to an account from now on; does not commit."""
    device = new_device_string()
    session.add(
        KnownDevice(
            secret_sha256=digest(device), account_id=account_id, created_at=datetime.now(UTC)
        )
    )
    return device


def _words(seconds: int) -> str:
    if seconds == 1:
        return "a second"
    return f"{seconds} seconds" if seconds < 90 else f"{math.ceil(seconds / 60)} minutes"
