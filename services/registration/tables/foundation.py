"""What all tables of registration share."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UUID as SqlUuid
from sqlalchemy import DateTime, LargeBinary, MetaData, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.shared.db import NAMING


class Base(DeclarativeBase):
    """Base of registration's tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        str: Text,
        datetime: DateTime(timezone=True),
        UUID: SqlUuid(as_uuid=True),
        bytes: LargeBinary,
        list[str]: ARRAY(Text),
        dict[str, Any]: JSONB,
    }


def key_column() -> Mapped[UUID]:
    """The column of a key that is made here."""
    # Version 7: keys arrive in order, so lists by key are lists by time.
    return mapped_column(primary_key=True, default=uuid7)
