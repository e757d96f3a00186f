"""The events that records hears, as it reads them."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate


class OrganisationCode(Schema):
    """A code of an organisation in a scheme, such as `ods`."""

    class Meta:
        """Registration may say more than we need."""

        unknown = EXCLUDE

    scheme = fields.String(required=True)
    code = fields.String(required=True)


class SiteChanged(Schema):
    """What records reads in `registration.site_changed.v1`."""

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


class RowsComplete(Schema):
    """What records reads in `imports.rows_complete.v1`."""

    import_id = fields.UUID(required=True)
    batches = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    mode = fields.String(
        required=True, validate=validate.OneOf(("add_and_update", "add_only", "update_only"))
    )
    overwrite_unknown = fields.Boolean(required=True)
    all_or_nothing = fields.Boolean(load_default=False)
    confirm = fields.String(required=True)


class ApplyWanted(Schema):
    """What records reads in `imports.apply_wanted.v1`."""

    import_id = fields.UUID(required=True)
    by = fields.UUID(required=True)


class UndoWanted(Schema):
    """What records reads in `imports.undo_wanted.v1`."""

    import_id = fields.UUID(required=True)
    by = fields.UUID(required=True)


class CancelWanted(Schema):
    """What records reads in `imports.cancel_wanted.v1`."""

    import_id = fields.UUID(required=True)


class SliceWanted(Schema):
    """What records reads in its own `records.slice_wanted.v1`."""

    import_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
