"""Cells of a prepared line, in the order in which they are copied."""

from __future__ import annotations

from collections.abc import Sequence

from dataset.values import Value
from services.records.domain.batches import Batch
from services.records.domain.columns import CLINICAL, Column
from services.records.domain.following import derived_from
from services.records.preparing.copying import (
    NULL,
    line_start,
    list_column,
    small_cell,
    text_cell,
    typed_column,
)

STAGED_COLUMNS: tuple[str, ...] = (
    "import_id",
    "row_number",
    "has_warnings",
    "cleared",
    "acknowledged",
    "next_state",
    "checked_record_id",
    "checked_version",
    "record_id",
    "patient_id",
    "wrapped_key",
    "nhs_hash",
    "nhs_absent",
    "nhs_sealed",
    "birth_hash",
    "birth_sealed",
    "postcode_hash",
    "postcode_sealed",
    "local_id_hash",
    "local_id_sealed",
    "dataset_version",
    "age_at_diagnosis",
    "age_band",
    "outward_postcode",
    *(column.key for column in CLINICAL),
)
"""The order of the cells of a prepared line."""

LINE_START = line_start(len(STAGED_COLUMNS))


def clinical_lines(batch: Batch) -> list[bytes]:
    """The clinical cells of each row, as they end its line; made by the column.

    Raises:
        TypeError, ValueError, decimal.InvalidOperation: a value is not of its column's type.
    """
    if not batch.row_numbers:
        return []
    columns = [_clinical_cells(batch, column) for column in CLINICAL]
    return list(map(b"".join, zip(*columns, strict=True)))


def _clinical_cells(batch: Batch, column: Column) -> Sequence[bytes]:
    if column.key in batch.columns.texts and column.sql_type != "text[]":
        return typed_column(column.sql_type, batch.columns.lines(column.key))
    values = batch.columns.get(column.key)
    if values is None:
        return [NULL] * len(batch.row_numbers)
    if column.sql_type == "text[]":
        return list_column(values)
    return typed_column(column.sql_type, values)


def derived_cells(born_on: Value, diagnosed_on: Value, postcode: str | None) -> tuple[bytes, ...]:
    """Dataset version, age, age band and outward postcode, as cells."""
    derived = derived_from(born_on, diagnosed_on, postcode)
    return (
        text_cell(derived.dataset_version),
        small_cell(derived.age_at_diagnosis),
        text_cell(derived.age_band),
        text_cell(derived.outward_postcode),
    )
