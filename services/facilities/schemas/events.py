"""The events that facilities hears, in its own reading: what it does not know it passes over."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields


class OrganisationCode(Schema):
    """A code of an organisation in a scheme, such as `ods`."""

    class Meta:
        """Registration may say more than we need."""

        unknown = EXCLUDE

    scheme = fields.String(required=True)
    code = fields.String(required=True)


class SiteChanged(Schema):
    """What facilities reads in `registration.site_changed.v1`."""

    class Meta:
        """Registration may say more than we need."""

        unknown = EXCLUDE

    site_id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    nation = fields.String(required=True)
    state = fields.String(required=True)
    has_fls = fields.Boolean(required=True)
    patient_audit = fields.Boolean(required=True)
    facilities_audit = fields.Boolean(required=True)
    organisation_codes = fields.List(fields.Nested(OrganisationCode), required=True)
    region = fields.String(load_default="")


class MonthCounts(Schema):
    """What records counted for one month of diagnosis."""

    class Meta:
        """Records may count more than we need."""

        unknown = EXCLUDE

    month = fields.String(required=True)
    records = fields.Integer(required=True)
    hip = fields.Integer(load_default=0)
    spine = fields.Integer(load_default=0)
    dxa_done = fields.Integer(load_default=0)
    falls_assessed = fields.Integer(load_default=0)
    followed_up_16 = fields.Integer(load_default=0)
    followed_up_52 = fields.Integer(load_default=0)


class SiteCountsChanged(Schema):
    """What facilities reads in `records.site_counts_changed.v1`."""

    class Meta:
        """Records may say more than we need."""

        unknown = EXCLUDE

    site_id = fields.UUID(required=True)
    months = fields.List(fields.Nested(MonthCounts), required=True)
