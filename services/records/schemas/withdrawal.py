"""Deleting and restoring records, opt-outs, erasing what identifies a patient."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.records.schemas.finding import RecordListItem
from services.records.schemas.instant import Instant

REASONS = ("entered_in_error", "not_eligible", "duplicate", "other", "opt_out")
_LARGEST_VERSION = 2**31 - 1
_LONG_NUMBER = re.compile(r"(?:[0-9][ -]?){9}")


def without_numbers(text: str) -> None:
    """Refuses a text that may hold an NHS number: it is kept in the clear."""
    if _LONG_NUMBER.search(text):
        raise ValidationError("Leave numbers of patients out: this text is kept as it is.")


def plain_reason(**more: Any) -> fields.String:
    """A reason in words, of 3 to 500 characters, without a patient's number."""
    return fields.String(validate=[validate.Length(3, 500), without_numbers], **more)


class VersionBody(Schema):
    """Which version the caller has seen."""

    version = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, _LARGEST_VERSION)
    )


class DeleteRecordBody(VersionBody):
    """Why a record goes."""

    reason = fields.String(
        required=True,
        validate=validate.OneOf(REASONS),
        metadata={
            "description": "opt_out withdraws all records of the patient at the site, erases what "
            "identifies them, and keeps them out; it cannot be undone."
        },
    )


class EraseBody(VersionBody):
    """Who asked for it and why, without naming the patient."""

    reason = plain_reason(required=True)


class DeletedQuery(Schema):
    """`?page=1&page_size=25`."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))
    page_size = fields.Integer(load_default=25, validate=validate.Range(1, 100))


class DeletedItem(RecordListItem):
    """A deleted record."""

    reason = fields.String()
    deleted_at = Instant(allow_none=True)
    deleted_by = fields.UUID(allow_none=True)


class DeletedAnswer(Schema):
    """One page of deleted records, the newest first."""

    items = fields.List(fields.Nested(DeletedItem))
    page = fields.Integer()
    page_size = fields.Integer()
    total = fields.Integer()


class OptOutBody(Schema):
    """A patient who has opted out. Only a keyed hash of the number is kept."""

    nhs_number = fields.String(required=True, validate=validate.Length(max=50))


class OptOutCount(Schema):
    """How many opt-outs your site has recorded."""

    count = fields.Integer()
