"""The terms of use: what comes in and what goes out."""

from __future__ import annotations

from marshmallow import Schema, fields

from services.registration.schemas.bodies import Line


class TermsAnswer(Schema):
    """The terms of use."""

    version = fields.String()
    terms = fields.List(fields.String())


class OwnTermsAnswer(Schema):
    """Whether the caller has accepted the present terms."""

    version = fields.String()
    is_due = fields.Boolean()


class AcceptTermsBody(Schema):
    """The version that was shown."""

    version = Line("Say which version.", max_length=40)
