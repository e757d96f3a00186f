"""The tables of imports' database. Only queries and actions know them.

All but `site` belong to a site and are under row-level security, `site` too: a transaction sees the
site it names and no other. `migrations/` makes them; this file and the migrations are held together
by a test.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, MetaData, false, func, true
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.shared.db import NAMING


class Base(DeclarativeBase):
    """Base of the tables below."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        datetime: TIMESTAMP(timezone=True),
        dict[str, Any]: JSONB,
    }


class Site(Base):
    """A copy of what registration says about a site, as much as imports needs."""

    __tablename__ = "site"

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    code: Mapped[str]
    name: Mapped[str]
    state: Mapped[str]
    patient_audit: Mapped[bool]


class Import(Base):
    """One uploaded file's life.

    Attributes:
        file_name: sanitised; may hold a person's name, so only its site is shown it.
        wrapped_key: the data key of this import, wrapped by the master key.
        may_acknowledge: whether the uploader might confirm warnings at that time.
        plan: columns, date orders and width (`domain.plans.Plan`); None until read.
        corrects: the import whose cells were corrected to make this one.
        profile_id, profile_version: the set-up by which it was read, if there was one.
        file_kept: whether its bytes are still there.
        outcome: what records counted (`domain.ledger.Outcome`), at the check and then at the apply.
        undone: what became of its records (`removed`, `restored`, `kept`, `kept_records`), or the
            locked years (`refused_years`) that kept it from being undone.
        passed_over: rows that the mode passes over, by code (M01, M02), of those rejected.
        changed_fields: field key -> rows that would change its answer; None while not known.
        asked_at, asks: when and how often a worker was asked to read the file.
    """

    __tablename__ = "import"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str]
    file_name: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes]
    wrapped_key: Mapped[bytes]
    mode: Mapped[str]
    date_order: Mapped[str | None]
    confirm: Mapped[str]
    overwrite_unknown: Mapped[bool] = mapped_column(server_default=false())
    all_or_nothing: Mapped[bool] = mapped_column(server_default=false())
    may_acknowledge: Mapped[bool] = mapped_column(server_default=false())
    plan: Mapped[dict[str, Any] | None]
    rows_total: Mapped[int | None]
    rows_applied: Mapped[int] = mapped_column(default=0)
    corrects: Mapped[UUID | None]
    profile_id: Mapped[UUID | None]
    profile_version: Mapped[int | None]
    file_kept: Mapped[bool] = mapped_column(server_default=true())
    outcome: Mapped[dict[str, Any] | None]
    passed_over: Mapped[dict[str, Any] | None]
    changed_fields: Mapped[dict[str, Any] | None]
    failure: Mapped[str | None]
    undone: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_by: Mapped[UUID]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    asks: Mapped[int] = mapped_column(default=1)


class ImportEvent(Base):
    """What happened to an import, when and by whom; never changed, never deleted."""

    __tablename__ = "import_event"

    event_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    import_id: Mapped[UUID]
    site_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    by: Mapped[UUID | None]
    kind: Mapped[str]
    counts: Mapped[dict[str, Any] | None]


class UploadPart(Base):
    """About 1 MiB of an uploaded file, sealed with the import's data key."""

    __tablename__ = "upload_part"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("import.import_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    sealed: Mapped[bytes]


class ConvertedPart(Base):
    """About 1 MiB of the converted form of a file that is no UTF-8 text, sealed likewise."""

    __tablename__ = "converted_part"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("import.import_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    sealed: Mapped[bytes]


class FileFindingRow(Base):
    """A finding about the file as a whole; quotes no cell."""

    __tablename__ = "file_finding"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("import.import_id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    code: Mapped[str]
    level: Mapped[str]
    field: Mapped[str | None]
    message: Mapped[str]


class Chunk(Base):
    """About 5,000 rows of a file, checked by one message.

    Attributes:
        repeats: rows that are "same" or R03 (`Cut.repeats_within`).
        state: waiting (not asked for), wanted, checked (its batch is on the way), staged.
        rows_sent, rows_same, rows_rejected: of `row_count`, once checked.
        rows_warned: of the rows sent those with a warning, the warnings of records included.
    """

    __tablename__ = "chunk"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("import.import_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    first_row: Mapped[int]
    last_row: Mapped[int]
    row_count: Mapped[int]
    byte_start: Mapped[int] = mapped_column(BigInteger)
    byte_end: Mapped[int] = mapped_column(BigInteger)
    repeats: Mapped[dict[str, Any]]
    state: Mapped[str]
    asked_at: Mapped[datetime | None]
    asks: Mapped[int] = mapped_column(default=0)
    rows_sent: Mapped[int] = mapped_column(default=0)
    rows_same: Mapped[int] = mapped_column(default=0)
    rows_rejected: Mapped[int] = mapped_column(default=0)
    rows_warned: Mapped[int] = mapped_column(default=0)


class FindingRow(Base):
    """One finding about a row or a cell of it.

    Attributes:
        heading: the file's own heading of the column.
        sealed_value: the cell as written, sealed with the import's data key.
        source: "file" if found by checking the file alone, "records" if by what is stored.
        if_new: it holds only if the row is about a new record; it falls when it was merged.
    """

    __tablename__ = "finding"

    finding_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    import_id: Mapped[UUID] = mapped_column(ForeignKey("import.import_id"))
    site_id: Mapped[UUID]
    row_number: Mapped[int]
    heading: Mapped[str | None]
    field: Mapped[str | None]
    code: Mapped[str]
    level: Mapped[str]
    message: Mapped[str]
    sealed_value: Mapped[bytes | None]
    source: Mapped[str]
    if_new: Mapped[bool] = mapped_column(server_default=false())


class Correction(Base):
    """A cell that somebody has corrected on the page, before and after, sealed."""

    __tablename__ = "correction"

    correction_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    import_id: Mapped[UUID] = mapped_column(ForeignKey("import.import_id"))
    site_id: Mapped[UUID]
    row_number: Mapped[int]
    field: Mapped[str]
    heading: Mapped[str]
    sealed_old: Mapped[bytes | None]
    sealed_new: Mapped[bytes | None]
    by: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class Profile(Base):
    """One version of how a site's files with certain headings are read (`domain.setup.Setup`)."""

    __tablename__ = "profile"

    profile_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    name: Mapped[str]
    fingerprint: Mapped[bytes]
    setup: Mapped[dict[str, Any]]
    dataset_version: Mapped[str]
    saved_at: Mapped[datetime] = mapped_column(server_default=func.now())
    saved_by: Mapped[UUID]


class Receipt(Base):
    """A signed receipt of an import; the newest number holds. Never changed, never deleted."""

    __tablename__ = "receipt"

    receipt_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(ForeignKey("import.import_id"))
    number: Mapped[int]
    site_id: Mapped[UUID]
    issued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    document: Mapped[dict[str, Any]]
    key_id: Mapped[str]
    signature: Mapped[bytes]
