"""Cells of a prepared line, in the order in which they are copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dataset.values import Value
from services.records.domain.batches import Batch
from services.records.domain.columns import CLINICAL, Column
from services.records.domain.copying import (
    NULL,
    escaped,
    line_cells,
    list_column,
    optional_cell,
    text_column,
)
from services.records.domain.following import derived_from

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


def clinical_lines(batch: Batch) -> list[str]:
    """The clinical cells of each row, as they end its line; made by the column."""
    if not batch.row_numbers:
        return []
    columns = [_clinical_cells(batch, column) for column in CLINICAL]
    return list(map("\t".join, zip(*columns, strict=True)))


def _clinical_cells(batch: Batch, column: Column) -> Sequence[str]:
    lines = batch.columns.texts.get(column.key)
    if lines is not None and column.sql_type != "text[]":
        return line_cells(lines)
    values = batch.columns.get(column.key)
    if values is None:
        return [NULL] * len(batch.row_numbers)
    return list_column(values) if column.sql_type == "text[]" else text_column(values)


def words_cell(words: Iterable[str]) -> str:
    """Field keys or tokens, none of which needs quotes, as a cell of a `text[]` column."""
    joined = ",".join(sorted(words))
    return f"{{{joined}}}" if joined else NULL


def derived_cells(born_on: Value, diagnosed_on: Value, postcode: str | None) -> tuple[str, ...]:
    """Dataset version, age, age band and outward postcode, as cells."""
    derived = derived_from(born_on, diagnosed_on, postcode)
    outward = derived.outward_postcode
    return (
        optional_cell(derived.dataset_version),
        optional_cell(derived.age_at_diagnosis),
        optional_cell(derived.age_band),
        NULL if outward is None else escaped(outward),
    )
