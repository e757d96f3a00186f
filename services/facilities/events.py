"""The events that facilities publishes. None holds an answer or a person."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.shared.outbox import EventType

REMINDER_KINDS = ("opened", "28", "7", "1", "asked", "reopened", "extended")


class ReminderWantedData(Schema):
    """A site is to be written to about a round: why, and what its last day is."""

    round_id = fields.UUID(required=True)
    title = fields.String(required=True, metadata={"description": "Of the round, for people."})
    kind = fields.String(
        required=True,
        validate=validate.OneOf(REMINDER_KINDS),
        metadata={
            "description": "It has opened; days before its last day; a person asks; what changed."
        },
    )
    last_day = fields.Date(required=True, allow_none=True)
    is_begun = fields.Boolean(required=True, metadata={"description": "Something is answered."})


REMINDER_WANTED = EventType("facilities.reminder_wanted.v1", ReminderWantedData)

PUBLISHED: tuple[EventType, ...] = (REMINDER_WANTED,)
