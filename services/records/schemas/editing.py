"""Typing and sending records: bodies of forms and of the API, look-up, acknowledgement."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate

from dataset.fields import FIELD_BY_KEY
from services.records.domain.saying import FORM_KEYS
from services.records.schemas.instant import Instant
from services.records.schemas.records import FindingAnswer

LONGEST_TEXT: Final = 2_000
LARGEST_VERSION: Final = 2**31 - 1
MOST_TOKENS: Final = 200


def _form_key(key: str) -> None:
    if key not in FORM_KEYS:
        raise ValidationError("This is no field that can be typed.")


def _field_key(key: str) -> None:
    if key not in FIELD_BY_KEY:
        raise ValidationError("This is no field of the dataset.")


def _texts() -> fields.Dict:
    return fields.Dict(
        keys=fields.String(validate=_form_key),
        values=fields.String(validate=validate.Length(max=LONGEST_TEXT)),
        required=True,
        metadata={
            "description": "Field key -> text as typed: dates as day/month/year, several codes "
            'joined by ";". A blank text empties the field; one that is not named stays.',
            "example": {"nhs_number": "999 000 0018", "date_of_birth": "1/3/1950"},
        },
    )


def _wire_values() -> fields.Dict:
    return fields.Dict(
        keys=fields.String(validate=_field_key),
        values=fields.Raw(allow_none=True),
        required=True,
        metadata={
            "description": 'Field key -> value: dates "2024-01-31", numbers and codes as text, '
            "several codes as a list, null for a blank (JSON Schema: page Downloads).",
            "example": {"nhs_number": "9990000018", "therapy_recommended": ["1"]},
        },
    )


def _version(words: str) -> fields.Integer:
    return fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, LARGEST_VERSION),
        metadata={"description": words},
    )


def _checked_on() -> fields.Date:
    return fields.Date(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "The day on which the patient's national data opt-out was looked up. "
            "Sites in England have to say it for a new record."
        },
    )


def _tokens(**given: Any) -> fields.List[Any]:
    return fields.List(
        fields.String(validate=validate.Length(1, 100)),
        validate=validate.Length(max=MOST_TOKENS),
        **given,
    )


class LookupBody(Schema):
    """An NHS number as typed."""

    nhs_number = fields.String(required=True, validate=validate.Length(max=LONGEST_TEXT))


class LookupRecord(Schema):
    """A record of this patient at your site."""

    record_id = fields.UUID()
    diagnosed_on = fields.Date()
    site_1 = fields.String(metadata={"description": "Code of 1.11."})
    state = fields.String()


class LookupEntry(Schema):
    """An unfinished entry about this patient."""

    record_id = fields.UUID()
    updated_at = Instant()


class LookupAnswer(Schema):
    """What is known about an NHS number at your site."""

    nhs_number = fields.String(
        allow_none=True,
        metadata={"description": "In its canonical form; null if it cannot be one."},
    )
    findings = fields.List(fields.Nested(FindingAnswer))
    records = fields.List(fields.Nested(LookupRecord))
    entries = fields.List(fields.Nested(LookupEntry))


class StartFormBody(Schema):
    """The first texts of a new record. Its id is made by the caller, so sending twice is safe."""

    record_id = fields.UUID(required=True)
    texts = _texts()
    opt_out_checked_on = _checked_on()


class SaveFormBody(Schema):
    """Texts of a form; fields that are not named stay."""

    version = _version("`form_version` of the record as the form was opened.")
    texts = _texts()
    opt_out_checked_on = _checked_on()
    autosave = fields.Boolean(
        load_default=False,
        metadata={
            "description": "Keep what is typed and do nothing else: a stored record stays as it "
            "is, and the texts come back to their author alone."
        },
    )


class CreateRecordBody(Schema):
    """A record as a program sends it."""

    values = _wire_values()
    acknowledged = _tokens(
        load_default=[],
        metadata={"description": "Tokens of warnings to acknowledge; asks for that right."},
    )
    opt_out_checked_on = _checked_on()


class ChangeRecordBody(Schema):
    """Answers to change; null empties, fields that are not named stay."""

    version = _version("The version that the changes are made on.")
    values = _wire_values()
    acknowledged = _tokens(
        load_default=[],
        metadata={"description": "Tokens of warnings to acknowledge; asks for that right."},
    )


class AcknowledgeBody(Schema):
    """Warnings that somebody has looked at and found right."""

    version = _version("The version on which they were looked at.")
    tokens = _tokens(required=True)
