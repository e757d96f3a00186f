"""What all tables of this service have in common, and the columns that follow from the dataset."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Date,
    DateTime,
    FetchedValue,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Text,
)
from sqlalchemy import Column as SqlColumn
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase

from services.records.domain.columns import CLINICAL
from services.records.domain.completeness import PROGRESS_COLUMNS
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
        list[str]: ARRAY(Text),
    }


def _type(sql_type: str) -> Any:
    if sql_type.startswith("numeric"):
        precision, scale = sql_type.removeprefix("numeric(").removesuffix(")").split(",")
        return Numeric(int(precision), int(scale))
    return {"date": Date(), "text": Text(), "text[]": ARRAY(Text())}[sql_type]


def clinical_columns() -> list[SqlColumn[Any]]:
    """New column objects for every clinical field, in template order."""
    return [SqlColumn(column.key, _type(column.sql_type)) for column in CLINICAL]


def derived_columns(*, required: bool) -> list[SqlColumn[Any]]:
    """What follows from the answers: dataset version, age in years, age band, outward postcode."""
    return [
        SqlColumn("dataset_version", Text, nullable=not required),
        SqlColumn("age_at_diagnosis", SmallInteger),
        SqlColumn("age_band", Text),
        SqlColumn("outward_postcode", Text),
    ]


def progress_columns() -> list[SqlColumn[Any]]:
    """What a record still lacks; PostgreSQL keeps these columns by itself."""
    return [
        SqlColumn(name, Boolean, nullable=False, server_default=FetchedValue())
        for name in PROGRESS_COLUMNS
    ]
