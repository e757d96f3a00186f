"""Registration forms and the sites that come of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.registration.tables.foundation import Base, key_column


class Application(Base):
    """A registration form and what became of it."""

    __tablename__ = "application"

    application_id: Mapped[UUID] = key_column()
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
    answers: Mapped[dict[str, Any] | None]


class Registration(Base):
    """A registration form as its applicant sees it: begun, being filled in, or sent.

    `email` is the lead's; `confirmed_at`: a link that was mailed there has been opened.
    """

    __tablename__ = "registration"

    registration_id: Mapped[UUID] = key_column()
    email: Mapped[str]
    answers: Mapped[dict[str, Any]]
    application_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class RegistrationLink(Base):
    """A link to a registration form; each mail about it brings one."""

    __tablename__ = "registration_link"

    secret_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    registration_id: Mapped[UUID]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ApplicationMessage(Base):
    """A question of the audit team about a registration, or the applicant's answer."""

    __tablename__ = "application_message"

    message_id: Mapped[UUID] = key_column()
    application_id: Mapped[UUID]
    at: Mapped[datetime]
    is_from_team: Mapped[bool]
    actor_id: Mapped[UUID | None]
    words: Mapped[str]


class Site(Base):
    """An organisation that takes part. `version` grows with each change that others hear of."""

    __tablename__ = "site"

    site_id: Mapped[UUID] = key_column()
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

    organisation_code_id: Mapped[UUID] = key_column()
    site_id: Mapped[UUID]
    scheme: Mapped[str]
    code: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class ParticipationChange(Base):
    """From which day on a site has a fracture liaison service, or has none."""

    __tablename__ = "participation_change"

    participation_change_id: Mapped[UUID] = key_column()
    site_id: Mapped[UUID]
    has_fls: Mapped[bool]
    valid_from: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID]
