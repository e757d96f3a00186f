"""People, what they may do, and the one-time links with which they choose a password."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.registration.tables.foundation import Base, key_column


class Account(Base):
    """A person who may sign in. Without a password hash they have been invited and no more."""

    __tablename__ = "account"

    account_id: Mapped[UUID] = key_column()
    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str | None]
    password_set_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    switched_off_at: Mapped[datetime | None]
    last_signed_in_at: Mapped[datetime | None]
    switched_on_at: Mapped[datetime | None]
    unused_warned_at: Mapped[datetime | None]


class AccountRole(Base):
    """A role an account holds at a site, or nationally (no site), from its grant to its end.

    A change of role or grants ends one row and adds another, so that what was is kept.
    """

    __tablename__ = "account_role"

    account_role_id: Mapped[UUID] = key_column()
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

    password_link_id: Mapped[UUID] = key_column()
    secret_sha256: Mapped[bytes]
    account_id: Mapped[UUID]
    purpose: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PasswordReset(Base):
    """A wish for a new password, for an address as typed; deleted once it is dealt with."""

    __tablename__ = "password_reset"

    password_reset_id: Mapped[UUID] = key_column()
    email: Mapped[str]
    asked_at: Mapped[datetime]


class Visit(Base):
    """The audit team acting at a site for a while, and why. Only its end is ever changed.

    It ends at `ends_at` whatever happens; `ended_at` is set when it ended before.
    """

    __tablename__ = "visit"

    visit_id: Mapped[UUID] = key_column()
    account_id: Mapped[UUID]
    site_id: Mapped[UUID]
    reason: Mapped[str]
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]


class ApiToken(Base):
    """An API token of a site, with the rights it was given. Row-level security by site."""

    __tablename__ = "api_token"

    api_token_id: Mapped[UUID] = key_column()
    site_id: Mapped[UUID]
    account_id: Mapped[UUID]
    secret_sha256: Mapped[bytes]
    name: Mapped[str]
    rights: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    replaced_by: Mapped[UUID | None]


class PeopleConfirmation(Base):
    """A lead has looked through who is at the site, and has said that it is so."""

    __tablename__ = "people_confirmation"

    people_confirmation_id: Mapped[UUID] = key_column()
    site_id: Mapped[UUID]
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[UUID]
    people: Mapped[int]


class TermsAcceptance(Base):
    """Somebody has accepted a version of the terms of use."""

    __tablename__ = "terms_acceptance"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    accepted_at: Mapped[datetime]
