"""Mails, and the log."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, func
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.tables.foundation import Base, key_column


class Mail(Base):
    """A mail to send. Its body may carry a one-time link and is wiped once sent or given up."""

    __tablename__ = "mail"

    mail_id: Mapped[UUID] = key_column()
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


class AuditSeal(Base):
    """One link of the chain over the log: its digest covers its line and all before it."""

    __tablename__ = "audit_seal"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[bytes]
    sealed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AuditHead(Base):
    """The end of the chain on a day, signed; it was mailed to the audit team."""

    __tablename__ = "audit_head"

    day: Mapped[date] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[bytes]
    key_id: Mapped[str]
    signature: Mapped[bytes]
    signed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Notice(Base):
    """What the audit team tells everybody on the home page, from a day to a day."""

    __tablename__ = "notice"

    notice_id: Mapped[UUID] = key_column()
    title: Mapped[str]
    words: Mapped[str]
    shown_from: Mapped[date]
    shown_until: Mapped[date]
    made_at: Mapped[datetime]
    made_by: Mapped[UUID]
    withdrawn_at: Mapped[datetime | None]
