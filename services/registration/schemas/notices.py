"""Notices: what comes in and what goes out."""

from __future__ import annotations

from marshmallow import Schema, fields

from services.registration.schemas.answers import Instant
from services.registration.schemas.bodies import PARAGRAPHS, Line, no_long_number


class PublishNoticeBody(Schema):
    """A notice, and from which day to which it is shown."""

    title = Line("Enter a title.", max_length=100, validate=[no_long_number])
    words = Line(
        "Enter what everybody is to know.",
        max_length=2000,
        characters=PARAGRAPHS,
        validate=[no_long_number],
    )
    shown_from = fields.Date(required=True, error_messages={"invalid": "Enter a day."})
    shown_until = fields.Date(required=True, error_messages={"invalid": "Enter a day."})


class NoticeAnswer(Schema):
    """A notice."""

    notice_id = fields.UUID()
    title = fields.String()
    words = fields.String()
    shown_from = fields.Date()
    shown_until = fields.Date()
    made_at = Instant()
    withdrawn_at = Instant(allow_none=True)


class CurrentNoticesAnswer(Schema):
    """The notices of today."""

    items = fields.List(fields.Nested(NoticeAnswer))
