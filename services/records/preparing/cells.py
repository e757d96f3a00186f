"""Cells of a prepared line, in the order in which they are copied."""

from __future__ import annotations

from collections.abc import Iterable

from dataset.values import Value
from services.records.domain.columns import CLINICAL
from services.records.domain.copying import NULL, escaped, optional_cell
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
