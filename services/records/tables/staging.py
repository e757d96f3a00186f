"""An import on its way, and what it did to records."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    FetchedValue,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)
from sqlalchemy import Column as SqlColumn
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.records.tables.foundation import Base, clinical_columns, derived_columns


class StagedImport(Base):
    """How far an import has come here; stays as ledger, or as tombstone of a cancelled one.

    `compared` and `applied` count rows by outcome (`domain.ledger`); `undone` counts records, up to
    the record `undone_to`. `compared_at`: `guarding.changes_of` when it was compared, and after
    each slice; None once somebody else has changed records of the site. `fresh_slices`: how many
    slices of fresh rows there are, while they are applied. `other_rows`: those to apply that are
    not fresh; None where slices are ranges of row numbers. It may be long and is loaded in parts.
    `last_row`: the last row that the comparison saw. `second_rows`: of the other rows, those that
    are the second new one of their patient.
    """

    __tablename__ = "staged_import"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    state: Mapped[str]
    batches_announced: Mapped[int | None]
    mode: Mapped[str | None]
    overwrite_unknown: Mapped[bool | None]
    confirm: Mapped[str | None]
    all_or_nothing: Mapped[bool] = mapped_column(server_default=FetchedValue())
    apply_asked_by: Mapped[UUID | None]
    compared: Mapped[dict[str, Any] | None]
    applied: Mapped[dict[str, Any] | None]
    next_slice: Mapped[int | None]
    applied_to_row: Mapped[int] = mapped_column(server_default=FetchedValue())
    rows_total: Mapped[int | None]
    rows_done: Mapped[int] = mapped_column(server_default=FetchedValue())
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    ended_at: Mapped[datetime | None]
    undo_asked_by: Mapped[UUID | None]
    undone_to: Mapped[UUID | None]
    undone: Mapped[dict[str, Any] | None]
    compared_at: Mapped[int | None] = mapped_column(BigInteger)
    fresh_slices: Mapped[int | None]
    other_rows: Mapped[list[int] | None] = mapped_column(ARRAY(Integer), deferred=True)
    last_row: Mapped[int | None]
    second_rows: Mapped[list[int] | None] = mapped_column(ARRAY(Integer), deferred=True)


class AppliedSlice(Base):
    """A slice of fresh rows that is applied; `counts` by outcome. Kept until all of them are.

    Its import's own row is not touched: two slices would wait for each other there.
    """

    __tablename__ = "applied_slice"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    rows: Mapped[int] = mapped_column(server_default=FetchedValue())
    counts: Mapped[dict[str, Any]] = mapped_column(server_default=FetchedValue())


class StagedBatch(Base):
    """One batch that has arrived; `answer` is what was told to imports about it.

    `looked_at`: `guarding.changes_of` when its rows were looked up; `unclear_rows`: those of which
    it was not clear which record they are about.
    """

    __tablename__ = "staged_batch"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    waiting: Mapped[bytes | None]
    answer: Mapped[dict[str, Any] | None]
    passed_over: Mapped[dict[str, Any] | None]
    looked_at: Mapped[int | None] = mapped_column(BigInteger)
    unclear_rows: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=FetchedValue())


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
        SqlColumn("acknowledged", ARRAY(Text)),
        SqlColumn("next_state", Text),
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
        *derived_columns(required=False),
        *clinical_columns(),
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
    """What an import did to a record: changed, or same (it confirmed what was there).

    A record that it made has its `created` step, and an effect (`new`) only if something else was
    done to it, or an earlier release made it. `before`, of a changed one: what its columns held
    that follow from its answers, and its hashes;
    the answers themselves are in the history.
    """

    __tablename__ = "import_effect"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    outcome: Mapped[str]
    version_before: Mapped[int | None]
    version_after: Mapped[int]
    before: Mapped[dict[str, Any] | None]
