"""The tables of the records service. Their making, rights and row policies: `migrations/`.

All of them belong to a site: a transaction sees the rows of its own site only. `record_change`,
`read_log` and `import_effect` can be added to and read, never changed. Rows are staged with COPY,
which row-level security does not allow, so `staged_row` can only be added to and is read through
the view `own_staged_row`.

The clinical columns come from the dataset (`domain.columns`), one typed column for each field.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    FetchedValue,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy import Column as SqlColumn
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.records.domain.columns import CLINICAL
from services.shared.db import NAMING


class Base(DeclarativeBase):
    """All tables of this service."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        str: Text(),
        datetime: DateTime(timezone=True),
        bytes: LargeBinary(),
        dict[str, Any]: JSONB(none_as_null=True),
        list[dict[str, str]]: JSONB(none_as_null=True),
    }


def _type(sql_type: str) -> Any:
    if sql_type.startswith("numeric"):
        precision, scale = sql_type.removeprefix("numeric(").removesuffix(")").split(",")
        return Numeric(int(precision), int(scale))
    return {"date": Date(), "text": Text(), "text[]": ARRAY(Text())}[sql_type]


def _clinical() -> list[SqlColumn[Any]]:
    """New column objects for every clinical field, in template order."""
    return [SqlColumn(column.key, _type(column.sql_type)) for column in CLINICAL]


def _derived(*, required: bool) -> list[SqlColumn[Any]]:
    """What follows from the answers: dataset version, age in years, age band, outward postcode."""
    return [
        SqlColumn("dataset_version", Text, nullable=not required),
        SqlColumn("age_at_diagnosis", SmallInteger),
        SqlColumn("age_band", Text),
        SqlColumn("outward_postcode", Text),
    ]


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

    `created_import_id` is the import that made it; None when it was typed in.
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
        *_derived(required=True),
        SqlColumn(
            "created_at", DateTime(timezone=True), nullable=False, server_default=FetchedValue()
        ),
        SqlColumn(
            "updated_at", DateTime(timezone=True), nullable=False, server_default=FetchedValue()
        ),
        SqlColumn("created_import_id", Uuid),
        *_clinical(),
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

    `changes` is {field key: [old, new]} of exactly what changed, in wire form; identifiers in it
    are the sealed bytes in base64. A `created` row has none.
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


class ReadLog(Base):
    """One opening of a record with its identifiers: who, when, in which request."""

    __tablename__ = "read_log"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    site_id: Mapped[UUID]
    record_id: Mapped[UUID]
    actor_id: Mapped[UUID]
    request_id: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


class StagedImport(Base):
    """How far an import has come here; stays as ledger, or as tombstone of a cancelled one.

    `compared` and `applied` count rows by outcome (`domain.ledger`).
    """

    __tablename__ = "staged_import"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    state: Mapped[str]
    batches_announced: Mapped[int | None]
    mode: Mapped[str | None]
    overwrite_unknown: Mapped[bool | None]
    confirm: Mapped[str | None]
    apply_asked_by: Mapped[UUID | None]
    compared: Mapped[dict[str, Any] | None]
    applied: Mapped[dict[str, Any] | None]
    next_slice: Mapped[int | None]
    applied_to_row: Mapped[int] = mapped_column(server_default=FetchedValue())
    rows_total: Mapped[int | None]
    rows_done: Mapped[int] = mapped_column(server_default=FetchedValue())
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    ended_at: Mapped[datetime | None]


class StagedBatch(Base):
    """One batch that has arrived; `answer` is what was told to imports about it."""

    __tablename__ = "staged_batch"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    waiting: Mapped[bytes | None]
    answer: Mapped[dict[str, Any] | None]
    passed_over: Mapped[dict[str, Any] | None]


class StagedRow(Base):
    """One row of an import, typed and sealed as a record is.

    A row that brings its own key (`wrapped_key`) is sealed with it; one without is sealed with the
    key of the stored patient `patient_id`. `checked_*`: the record it was checked together with.
    """

    __table__ = Table(
        "staged_row",
        Base.metadata,
        SqlColumn("import_id", Uuid, primary_key=True),
        SqlColumn("row_number", Integer, primary_key=True),
        SqlColumn("site_id", Uuid, nullable=False, server_default=FetchedValue()),
        SqlColumn("has_warnings", Boolean, nullable=False),
        SqlColumn("cleared", ARRAY(Text)),
        SqlColumn("checked_record_id", Uuid),
        SqlColumn("checked_version", Integer),
        SqlColumn("record_id", Uuid, nullable=False),
        SqlColumn("patient_id", Uuid, nullable=False),
        SqlColumn("wrapped_key", LargeBinary),
        SqlColumn("nhs_hash", LargeBinary),
        SqlColumn("nhs_absent", Text),
        SqlColumn("nhs_sealed", LargeBinary),
        SqlColumn("birth_hash", LargeBinary),
        SqlColumn("birth_sealed", LargeBinary),
        SqlColumn("postcode_hash", LargeBinary),
        SqlColumn("postcode_sealed", LargeBinary),
        SqlColumn("local_id_hash", LargeBinary),
        SqlColumn("local_id_sealed", LargeBinary),
        *_derived(required=False),
        *_clinical(),
    )


class StagedDecision(Base):
    """A row that the comparison held or rejected, and why."""

    __tablename__ = "staged_decision"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    outcome: Mapped[str]
    reason: Mapped[str]


class ImportEffect(Base):
    """What an import did to a record: new, changed, or same (it confirmed what was there)."""

    __tablename__ = "import_effect"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    outcome: Mapped[str]
    version_before: Mapped[int | None]
    version_after: Mapped[int]
