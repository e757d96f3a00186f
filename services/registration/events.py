"""Events that registration publishes, with their shapes. None holds a person's name or address."""

from __future__ import annotations

from marshmallow import Schema, fields

from services.shared.outbox import EventType


class OrganisationCodeData(Schema):
    """A code by which the world knows a site."""

    scheme = fields.String(required=True)
    code = fields.String(required=True)


class SiteChangedData(Schema):
    """A site's full state."""

    site_id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    nation = fields.String(required=True)
    state = fields.String(required=True)
    has_fls = fields.Boolean(required=True)
    patient_audit = fields.Boolean(required=True)
    facilities_audit = fields.Boolean(required=True)
    organisation_codes = fields.List(fields.Nested(OrganisationCodeData), required=True)
    region = fields.String(
        metadata={"description": "Integrated care board or health board, as registered; or blank"}
    )


class MailWantedData(Schema):
    """A mail to send: its id and nothing else."""

    mail_id = fields.UUID(required=True)


class ResetWantedData(Schema):
    """A wish for a new password: its id and nothing else."""

    password_reset_id = fields.UUID(required=True)


SITE_CHANGED = EventType("registration.site_changed.v1", SiteChangedData, "fact")
MAIL_WANTED = EventType("registration.mail_wanted.v1", MailWantedData, "fact")
RESET_WANTED = EventType("registration.reset_wanted.v1", ResetWantedData, "fact")

PUBLISHED: tuple[EventType, ...] = (SITE_CHANGED, MAIL_WANTED, RESET_WANTED)
