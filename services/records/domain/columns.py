"""Which columns a record has, generated from the dataset: the only list of them in this service.

Identifiers (`IDENTIFIERS`) are stored sealed and hashed; the service code follows from the site and
is not stored; every other field is one typed column with the field's key as its name.
"""

from __future__ import annotations

from dataclasses import dataclass

from dataset.fields import FIELDS, Field

IDENTIFIERS = ("nhs_number", "date_of_birth", "postcode", "local_id")
"""Fields that point at a person."""
NOT_STORED = ("service_code",)

_TYPES = {"date": "date", "single": "text", "integer": "text", "multi": "text[]"}


@dataclass(frozen=True, slots=True)
class Column:
    """One clinical field as a column.

    Attributes:
        key: the field's key and the column's name.
        sql_type: `date`, `text`, `text[]` or `numeric(6,n)`.
        has_unknown: "U" is among its answers, which never takes the place of a known one.
    """

    key: str
    sql_type: str
    has_unknown: bool


def _column(field: Field) -> Column:
    sql_type = _TYPES.get(field.kind) or f"numeric(6,{field.decimals})"
    return Column(field.key, sql_type, any(option.code == "U" for option in field.options))


CLINICAL: tuple[Column, ...] = tuple(
    _column(field) for field in FIELDS if field.key not in (*IDENTIFIERS, *NOT_STORED)
)
CLINICAL_KEYS: tuple[str, ...] = tuple(column.key for column in CLINICAL)
