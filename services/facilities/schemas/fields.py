"""What several schemas need: instants, paging, reasons."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.facilities.domain.privacy import TAKE_IT_OUT, holds_nhs_number

ONE_LINE = validate.Regexp(r"\A[^\x00-\x1f\x7f]*\Z", error="Write it on one line.")


class Instant(fields.DateTime):
    """A point in time, written in UTC with a Z."""

    def _serialize(
        self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any
    ) -> str | None:
        if value is None:
            return None
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class PageQuery(Schema):
    """`?page=1&page_size=25`."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))
    page_size = fields.Integer(load_default=25, validate=validate.Range(1, 200))


def without_patient(text: str) -> None:
    """Refuses a text that holds an NHS number: it is kept as it is, and shown."""
    if holds_nhs_number(text):
        raise ValidationError(TAKE_IT_OUT)


def reason_field() -> fields.String:
    """Return a field for why something is done: one line, 1 to 300 characters, kept."""
    return fields.String(
        required=True,
        validate=[
            validate.Length(min=1, max=300, error="Give the reason, in at most 300 characters."),
            validate.Regexp(r"\A[^\x00-\x1f\x7f]*\Z", error="Write the reason on one line."),
            without_patient,
        ],
        error_messages={"required": "Give the reason.", "null": "Give the reason."},
    )
