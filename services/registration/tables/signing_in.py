"""Sessions, what leads to one, and what holds others off. Secrets are kept as SHA-256 or sealed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, func
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.tables.foundation import Base, key_column


class SignIn(Base):
    """A session: a sign-in, or what replaced it when its owner went to another site.

    `site_id` is the site it acts for as one of its people, `visit_id` the visit of the audit team.
    `second_factor`: it was opened with one. `offered`: sealed, the secret of an authenticator app
    that is to take the place of the present one.
    """

    __tablename__ = "session"

    session_id: Mapped[UUID] = key_column()
    secret_sha256: Mapped[bytes]
    account_id: Mapped[UUID]
    site_id: Mapped[UUID | None]
    visit_id: Mapped[UUID | None]
    csrf: Mapped[str]
    second_factor: Mapped[bool]
    offered: Mapped[bytes | None]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    replaced_by: Mapped[UUID | None]


class SecondFactor(Base):
    """The authenticator app of an account: its secret, sealed, and the last half minute used."""

    __tablename__ = "second_factor"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]
    last_step: Mapped[int] = mapped_column(BigInteger)
    set_up_at: Mapped[datetime]


class RecoveryCode(Base):
    """A code that stands in for the app once."""

    __tablename__ = "recovery_code"

    code_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WaitingSignIn(Base):
    """A sign-in whose password was right and that waits for the second factor.

    `password_sha256` is of the stored hash, so that it is worth nothing once that changes.
    `offered`: sealed, the secret of the app that is being set up.
    """

    __tablename__ = "waiting_sign_in"

    waiting_sign_in_id: Mapped[UUID] = key_column()
    secret_sha256: Mapped[bytes]
    account_id: Mapped[UUID]
    password_sha256: Mapped[bytes]
    offered: Mapped[bytes | None]
    failures: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInFailure(Base):
    """Wrong passwords in a row; `counted_under` is a digest of an address or of a device."""

    __tablename__ = "sign_in_failure"

    counted_under: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    failed_at: Mapped[datetime]


class KnownDevice(Base):
    """A browser that has signed in with an account, by the digest of what it carries."""

    __tablename__ = "known_device"

    secret_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    created_at: Mapped[datetime]
