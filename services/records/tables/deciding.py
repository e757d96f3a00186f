"""What people decide about records: duplicates, opt-outs, periods; and who took records out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    FetchedValue,
    SmallInteger,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.records.tables.foundation import Base


class DuplicatePair(Base):
    """Two records of one patient here: diagnosed the same day, or near it (rule V20).

    The first was there first. `decision` is None as long as nobody has decided; `apart` when the
    records have stopped being near each other.
    """

    __tablename__ = "duplicate_pair"

    pair_id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    first_record_id: Mapped[UUID]
    second_record_id: Mapped[UUID]
    kind: Mapped[str]
    found_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    decision: Mapped[str | None]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]


class OptOut(Base):
    """A person who has opted out: a keyed hash and nothing else. It holds at every site.

    Under several hash keys there is a row for each, recorded at the same moment.
    """

    __tablename__ = "opt_out"

    nhs_hash: Mapped[bytes] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class AuditPeriod(Base):
    """A year of diagnosis: open to the entry deadline, grace to the day it locks, then locked."""

    __tablename__ = "audit_period"

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    entry_deadline: Mapped[date]
    locks_on: Mapped[date]
    version: Mapped[int]
    updated_by: Mapped[UUID]
    updated_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class PeriodExtension(Base):
    """A later day of locking for one site and year, with the reason."""

    __tablename__ = "period_extension"

    extension_id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    year: Mapped[int] = mapped_column(SmallInteger)
    until_on: Mapped[date]
    reason_code: Mapped[str]
    reason: Mapped[str]
    granted_by: Mapped[UUID]
    granted_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class UnlockRequest(Base):
    """A site's request to change a locked record, or a whole locked year (no record)."""

    __tablename__ = "unlock_request"

    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    record_id: Mapped[UUID | None]
    year: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str]
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    state: Mapped[str]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    until_on: Mapped[date | None]


class ExportLog(Base):
    """One download of records: a site's export, or the national extract (no site)."""

    __tablename__ = "export_log"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    site_id: Mapped[UUID | None]
    kind: Mapped[str]
    filters: Mapped[dict[str, Any]]
    actor_id: Mapped[UUID]
    visit_id: Mapped[UUID | None]
    request_id: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
