"""Tables of registration. Only queries and actions know them; migrations make them.

Passwords are argon2id hashes; sessions, tokens and one-time links are kept as SHA-256 alone.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UUID as SqlUuid
from sqlalchemy import BigInteger, DateTime, Identity, LargeBinary, MetaData, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.shared.db import NAMING


class Base(DeclarativeBase):
    """Base of registration's tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        str: Text,
        datetime: DateTime(timezone=True),
        UUID: SqlUuid(as_uuid=True),
        bytes: LargeBinary,
        list[str]: ARRAY(Text),
        dict[str, Any]: JSONB,
    }


def _key() -> Mapped[UUID]:
    # Version 7: keys arrive in order, so lists by key are lists by time.
    return mapped_column(primary_key=True, default=uuid7)


class Application(Base):
    """A registration form and what became of it."""

    __tablename__ = "application"

    application_id: Mapped[UUID] = _key()
    reference: Mapped[str]
    state: Mapped[str]
    organisation_name: Mapped[str]
    organisation_kind: Mapped[str]
    ods_code: Mapped[str]
    nation: Mapped[str]
    has_fls: Mapped[bool]
    fls_name: Mapped[str | None]
    lead_name: Mapped[str]
    lead_email: Mapped[str]
    lead_job: Mapped[str | None]
    lead_phone: Mapped[str | None]
    submitted_at: Mapped[datetime]
    statements_accepted_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    refusal_reason: Mapped[str | None]
    site_id: Mapped[UUID | None]


class Site(Base):
    """An organisation that takes part. `version` grows with each change that others hear of."""

    __tablename__ = "site"

    site_id: Mapped[UUID] = _key()
    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    nation: Mapped[str]
    state: Mapped[str]
    has_fls: Mapped[bool]
    fls_name: Mapped[str | None]
    patient_audit: Mapped[bool]
    facilities_audit: Mapped[bool]
    version: Mapped[int]
    approved_at: Mapped[datetime]


class OrganisationCode(Base):
    """A code by which the world knows a site, and from when to when."""

    __tablename__ = "organisation_code"

    organisation_code_id: Mapped[UUID] = _key()
    site_id: Mapped[UUID]
    scheme: Mapped[str]
    code: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Account(Base):
    """A person who may sign in. Without a password hash they have been invited and no more."""

    __tablename__ = "account"

    account_id: Mapped[UUID] = _key()
    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str | None]
    password_set_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    switched_off_at: Mapped[datetime | None]
    last_signed_in_at: Mapped[datetime | None]


class AccountRole(Base):
    """A role an account holds at a site, or nationally (no site), from its grant to its end.

    A change of role or grants ends one row and adds another, so that what was is kept.
    """

    __tablename__ = "account_role"

    account_role_id: Mapped[UUID] = _key()
    account_id: Mapped[UUID]
    role: Mapped[str]
    grants: Mapped[list[str]] = mapped_column(default=list)
    site_id: Mapped[UUID | None]
    granted_at: Mapped[datetime]
    granted_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]


class PasswordLink(Base):
    """A one-time link with which a person chooses a password."""

    __tablename__ = "password_link"

    password_link_id: Mapped[UUID] = _key()
    secret_sha256: Mapped[bytes]
    account_id: Mapped[UUID]
    purpose: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PasswordReset(Base):
    """A wish for a new password, for an address as typed; deleted once it is dealt with."""

    __tablename__ = "password_reset"

    password_reset_id: Mapped[UUID] = _key()
    email: Mapped[str]
    asked_at: Mapped[datetime]


class Visit(Base):
    """The audit team acting at a site for a while, and why. Only its end is ever changed.

    It ends at `ends_at` whatever happens; `ended_at` is set when it ended before.
    """

    __tablename__ = "visit"

    visit_id: Mapped[UUID] = _key()
    account_id: Mapped[UUID]
    site_id: Mapped[UUID]
    reason: Mapped[str]
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]


class SignIn(Base):
    """A session: a sign-in, or what replaced it when its owner went to another site.

    `site_id` is the site it acts for as one of its people, `visit_id` the visit of the audit team.
    `second_factor`: it was opened with one. `offered`: sealed, the secret of an authenticator app
    that is to take the place of the present one.
    """

    __tablename__ = "session"

    session_id: Mapped[UUID] = _key()
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

    waiting_sign_in_id: Mapped[UUID] = _key()
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


class ApiToken(Base):
    """An API token of a site, with the rights it was given. Row-level security by site."""

    __tablename__ = "api_token"

    api_token_id: Mapped[UUID] = _key()
    site_id: Mapped[UUID]
    account_id: Mapped[UUID]
    secret_sha256: Mapped[bytes]
    name: Mapped[str]
    rights: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Mail(Base):
    """A mail to send. Its body may carry a one-time link and is wiped once sent or given up."""

    __tablename__ = "mail"

    mail_id: Mapped[UUID] = _key()
    kind: Mapped[str]
    to_address: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str | None]
    message_id: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class AuditEntry(Base):
    """One line of the log: who did what, when. The service's role cannot change it."""

    __tablename__ = "audit_log"

    entry_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    credential_id: Mapped[str | None]
    site_id: Mapped[UUID | None]
    what: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]]
