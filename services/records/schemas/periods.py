"""Audit periods: deadlines of a year of diagnosis, extensions, unlock requests."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.records.domain.periods import EXTENSION_REASONS
from services.records.schemas.instant import Instant
from services.records.schemas.withdrawal import plain_reason

STATES = ("asked", "granted", "refused")


class PeriodItem(Schema):
    """A year of diagnosis, as it holds for the caller's site (for the audit team: for all)."""

    year = fields.Integer()
    status = fields.String(metadata={"description": "open, grace or locked."})
    entry_deadline = fields.Date(allow_none=True)
    locks_on = fields.Date(
        allow_none=True, metadata={"description": "The first locked day, extensions counted."}
    )
    unlocked_until = fields.Date(allow_none=True)
    extended_until = fields.Date(allow_none=True)
    version = fields.Integer(metadata={"description": "0 for a year that has no deadline."})


class PeriodsAnswer(Schema):
    """All years, the newest first."""

    items = fields.List(fields.Nested(PeriodItem))


class SetPeriodBody(Schema):
    """Deadlines of a year."""

    entry_deadline = fields.Date(required=True)
    locks_on = fields.Date(required=True)
    version = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**31 - 1))


class ExtensionBody(Schema):
    """More time for one site."""

    site_id = fields.UUID(required=True)
    year = fields.Integer(required=True, validate=validate.Range(2016, 2200))
    until_on = fields.Date(required=True)
    reason_code = fields.String(required=True, validate=validate.OneOf(tuple(EXTENSION_REASONS)))
    reason = plain_reason(required=True)


class ExtensionAnswer(Schema):
    """An extension that was granted."""

    extension_id = fields.UUID()
    site_id = fields.UUID()
    year = fields.Integer()
    until_on = fields.Date()
    reason_code = fields.String()
    reason = fields.String()
    granted_by = fields.UUID()
    granted_at = Instant()


class ExtensionsAnswer(Schema):
    """All extensions, the newest first."""

    items = fields.List(fields.Nested(ExtensionAnswer))


class UnlockBody(Schema):
    """What shall be unlocked, and why."""

    record_id = fields.UUID(load_default=None, allow_none=True)
    year = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(2016, 2200))
    reason = plain_reason(required=True)


class UnlockAnswer(Schema):
    """An unlock request and what became of it."""

    request_id = fields.UUID()
    site_id = fields.UUID()
    record_id = fields.UUID(allow_none=True)
    year = fields.Integer()
    reason = fields.String()
    asked_by = fields.UUID()
    asked_at = Instant()
    state = fields.String()
    decided_by = fields.UUID(allow_none=True)
    decided_at = Instant(allow_none=True)
    decision_reason = fields.String(allow_none=True)
    until_on = fields.Date(allow_none=True)


class UnlockQuery(Schema):
    """`?state=asked`."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


class UnlocksAnswer(Schema):
    """Unlock requests, the newest first."""

    items = fields.List(fields.Nested(UnlockAnswer))


class DecideUnlockBody(Schema):
    """Granted until a day, or refused with a reason."""

    granted = fields.Boolean(required=True)
    until_on = fields.Date(load_default=None, allow_none=True)
    reason = plain_reason(load_default=None, allow_none=True)
