"""Sites, patients and their keys, records, entries (typed, no record yet), history, read log."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    FetchedValue,
    Integer,
    Table,
    Text,
    Uuid,
)
from sqlalchemy import Column as SqlColumn
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.records.tables.foundation import (
    Base,
    clinical_columns,
    derived_columns,
    progress_columns,
)


class Site(Base):
    """What registration last said about a site. `version` is registration's."""

    __tablename__ = "site"

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    nation: Mapped[str]
    state: Mapped[str]
    has_fls: Mapped[bool]
    patient_audit: Mapped[bool]
    facilities_audit: Mapped[bool]
    organisation_codes: Mapped[list[dict[str, str]]]
    version: Mapped[int] = mapped_column(BigInteger)


class Patient(Base):
    """A person at a site: the NHS number, sealed and hashed, or why there is none."""

    __tablename__ = "patient"

    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    nhs_hash: Mapped[bytes | None]
    nhs_sealed: Mapped[bytes | None]
    nhs_absent: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class PatientKey(Base):
    """The key of one patient, wrapped by a master key; without it nothing of theirs opens."""

    __tablename__ = "patient_key"

    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    wrapped_key: Mapped[bytes]


class FlsRecord(Base):
    """One fracture episode: clinical answers and what follows from them, no identifier.

    `created_import_id` is the import that made it; None when it was typed in. `own_state` is what
    its own values say, `state` what counts (deleted, duplicate, then its own). `acknowledged` holds
    tokens of warnings, `unreadable` the keys of fields whose typed texts wait in `entry`.
    What follows the clinical columns PostgreSQL keeps by itself (`domain.completeness`).
    """

    __table__ = Table(
        "fls_record",
        Base.metadata,
        SqlColumn("record_id", Uuid, primary_key=True),
        SqlColumn("patient_id", Uuid, nullable=False),
        SqlColumn("site_id", Uuid, nullable=False),
        SqlColumn("version", Integer, nullable=False),
        SqlColumn("state", Text, nullable=False),
        SqlColumn("has_warnings", Boolean, nullable=False),
        *derived_columns(required=True),
        SqlColumn(
            "created_at", DateTime(timezone=True), nullable=False, server_default=FetchedValue()
        ),
        SqlColumn(
            "updated_at", DateTime(timezone=True), nullable=False, server_default=FetchedValue()
        ),
        SqlColumn("created_import_id", Uuid),
        SqlColumn("own_state", Text, nullable=False),
        SqlColumn("acknowledged", ARRAY(Text)),
        SqlColumn("unreadable", ARRAY(Text)),
        SqlColumn("elsewhere", Boolean, nullable=False, server_default=FetchedValue()),
        SqlColumn("opt_out_checked_on", Date),
        SqlColumn("deleted_reason", Text),
        *clinical_columns(),
        *progress_columns(),
    )


class RecordIdentity(Base):
    """The identifiers that belong to one record, sealed with its patient's key, and hashed."""

    __tablename__ = "record_identity"

    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    patient_id: Mapped[UUID]
    site_id: Mapped[UUID]
    birth_hash: Mapped[bytes | None]
    birth_sealed: Mapped[bytes | None]
    postcode_hash: Mapped[bytes | None]
    postcode_sealed: Mapped[bytes | None]
    local_id_hash: Mapped[bytes | None]
    local_id_sealed: Mapped[bytes | None]


class RecordChange(Base):
    """One change of a record, for ever: who, when, by which door.

    `changes` is {field key: [old, new]} of exactly what changed, in wire form, and under
    `acknowledged` the tokens before and after; a `created` row has none. Identifiers in it are the
    sealed bytes in base64: the old one under the key of `patient_id`, whose the record was before
    (None: the same as after), the new one under that of whose it was after. `waiting`: sealed, the
    texts that wait after it (None: as before). `visit_id`: the visit of the audit team.
    """

    __tablename__ = "record_change"

    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    actor_id: Mapped[UUID]
    door: Mapped[str]
    import_id: Mapped[UUID | None]
    kind: Mapped[str]
    changes: Mapped[dict[str, Any] | None]
    patient_id: Mapped[UUID | None]
    visit_id: Mapped[UUID | None]
    waiting: Mapped[bytes | None]


class ReadLog(Base):
    """One opening of a record with its identifiers: who, when, in which request."""

    __tablename__ = "read_log"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    site_id: Mapped[UUID]
    record_id: Mapped[UUID]
    actor_id: Mapped[UUID]
    request_id: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    visit_id: Mapped[UUID | None]


class Entry(Base):
    """What was typed and is no record yet, or could not be read; sealed as a whole.

    `sealed` is JSON, field key -> text as typed. `wrapped_key` is its own key until the record is
    stored, then None: the patient's key seals it, so that erasing the patient blinds it too.
    `earlier`: sealed likewise, how the texts came about (`domain.typed_log`); None once stored.
    """

    __tablename__ = "entry"

    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    version: Mapped[int]
    wrapped_key: Mapped[bytes | None]
    sealed: Mapped[bytes]
    keys: Mapped[list[str]]
    nhs_hash: Mapped[bytes | None]
    opt_out_checked_on: Mapped[date | None]
    started_by: Mapped[UUID]
    started_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    updated_by: Mapped[UUID]
    updated_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    earlier: Mapped[bytes | None]


class Draft(Base):
    """What somebody has typed into the form of a stored record and not saved.

    `version` is the oldest that any of the texts was typed on; the patient's key seals them.
    """

    __tablename__ = "draft"

    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    version: Mapped[int]
    sealed: Mapped[bytes]
    updated_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
