"""Cells of a prepared line, in the order in which they are copied."""

from __future__ import annotations

from datetime import date

from dataset.derived import age_at, age_band, outward_postcode
from dataset.values import Value
from dataset.versions import version_for
from services.records.domain.columns import CLINICAL
from services.records.domain.copying import NULL, escaped, optional_cell

STAGED_COLUMNS: tuple[str, ...] = (
    "import_id",
    "row_number",
    "has_warnings",
    "cleared",
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


def derived_cells(born_on: Value, diagnosed_on: Value, postcode: str | None) -> tuple[str, ...]:
    """Dataset version, age, age band and outward postcode, as cells."""
    outward = outward_postcode(postcode)
    outward_cell = NULL if outward is None else escaped(outward)
    if not isinstance(diagnosed_on, date):
        return NULL, NULL, NULL, outward_cell
    version = version_for(diagnosed_on).name
    if not isinstance(born_on, date):
        return version, NULL, NULL, outward_cell
    age = age_at(born_on, diagnosed_on)
    return version, str(age), optional_cell(age_band(age)), outward_cell
