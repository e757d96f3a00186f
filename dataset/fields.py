"""Every question of the patient dataset, in the order of the template.

Source: domain notes 1.3 to 1.8 and 5.2 (columns). Public names: `FIELDS`, `FIELD_BY_KEY`,
`FIELD_BY_HEADING`, `HEADINGS`, `KEY_FIELDS`, `SECTIONS`, `fields_of_section`; `ACKNOWLEDGED`,
`COMPANIONS` and `COLUMN_BY_KEY` for columns that are no questions; and `Field` and `Option` passed
on from `dataset.field`.
"""

from __future__ import annotations

from dataset.field import Field, Option
from dataset.sections import assessment, falls, follow_up, patient

__all__ = [
    "ACKNOWLEDGED",
    "COLUMN_BY_KEY",
    "COMPANIONS",
    "FIELDS",
    "FIELD_BY_HEADING",
    "FIELD_BY_KEY",
    "HEADINGS",
    "KEY_FIELDS",
    "SECTIONS",
    "Field",
    "Option",
    "fields_of_section",
]

FIELDS: tuple[Field, ...] = (
    *patient.RECORD,
    *patient.PATIENT,
    *assessment.RISK,
    *assessment.BONE,
    *assessment.RECOMMENDATION,
    *falls.FALLS,
    *follow_up.FIRST,
    *follow_up.SECOND,
    *follow_up.REFRACTURES,
    *patient.DEATH,
)
FIELD_BY_KEY: dict[str, Field] = {field.key: field for field in FIELDS}
FIELD_BY_HEADING: dict[str, Field] = {field.heading: field for field in FIELDS}
HEADINGS: tuple[str, ...] = tuple(field.heading for field in FIELDS)

ACKNOWLEDGED = "acknowledged"
COMPANIONS: tuple[Field, ...] = (
    Field(
        "",
        ACKNOWLEDGED,
        "Acknowledged",
        "Acknowledged warnings",
        "Written by an export: the warnings of the record that a person has confirmed. Read back "
        "from whoever may confirm warnings; leave it as it is, or leave it out.",
        "tokens",
        section=0,
        required="o",
    ),
)
"""Columns beside the questions, which exports write and imports read back. Not in `FIELDS`."""
COLUMN_BY_KEY: dict[str, Field] = {field.key: field for field in (*FIELDS, *COMPANIONS)}
"""Every column that a file may have: questions and companions."""

KEY_FIELDS: tuple[Field, ...] = tuple(
    FIELD_BY_KEY[key]
    for key in ("nhs_number", "date_of_birth", "gender", "date_index_diagnosed", "site_1")
)
"""What a record cannot be saved without. The service code follows from the sign-in."""

SECTIONS: dict[int, str] = {
    0: "Service and record",
    1: "Patient and index fracture",
    2: "Risk factors",
    3: "Bone assessment",
    4: "Recommendation",
    5: "Falls",
    6: "Follow-up at 12 to 16 weeks",
    7: "Follow-up at 48 to 56 weeks",
}


def fields_of_section(section: int) -> tuple[Field, ...]:
    """The questions of one section (0 to 7), in template order."""
    return tuple(field for field in FIELDS if field.section == section)
