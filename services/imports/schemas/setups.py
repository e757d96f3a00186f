"""What comes in and what goes out where it is set up how a site's files are read."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.imports.domain.setup import BLANKS
from services.imports.domain.setup_report import KINDS
from services.imports.domain.uploads import DATE_ORDERS
from services.imports.schemas.imports import Instant, said


class SetupChangeAnswer(Schema):
    """Something about the dataset that is not as it was when a set-up was saved."""

    kind = fields.String(validate=validate.OneOf(KINDS))
    field = fields.String()
    codes = fields.List(fields.String())


class ProfileAnswer(Schema):
    """A set-up of a site's files with certain headings."""

    profile_id = fields.UUID()
    version = fields.Integer()
    name = fields.String()
    date_order = fields.String(allow_none=True)
    blank = fields.String()
    dataset_version = fields.String(**said("The newest version of the dataset when it was saved."))
    changes = fields.List(
        fields.Nested(SetupChangeAnswer),
        **said("What has changed about the dataset since, as far as it matters for the set-up."),
    )
    saved_at = Instant()
    saved_by = fields.UUID()


class ProfilesAnswer(Schema):
    """The set-ups of a site."""

    items = fields.List(fields.Nested(ProfileAnswer))


class ShownColumnAnswer(Schema):
    """A column of a file beside what it could mean."""

    position = fields.Integer(**said("From 0."))
    heading = fields.String()
    key = fields.String(allow_none=True, **said("The field it is taken for."))
    proposed = fields.String(allow_none=True, **said("What it might be, if taken for none."))
    values = fields.List(fields.String(), **said("Different cells, the most frequent first."))
    not_known = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        **said("Cells that are no answer of the field's list, with a code they might mean."),
    )


class SetupAnswer(Schema):
    """A file beside the dataset, and the set-up by which it is read."""

    profile = fields.Nested(ProfileAnswer, allow_none=True)
    columns = fields.List(fields.Nested(ShownColumnAnswer))


class SetupBody(Schema):
    """How files with the headings of an uploaded one are to be read."""

    name = fields.String(required=True, validate=validate.Length(1, 80))
    columns = fields.Dict(
        keys=fields.Integer(),
        values=fields.String(validate=validate.Length(max=60)),
        load_default=dict,
        **said("Place of a column -> key of a field, or empty to pass it over."),
    )
    values = fields.Dict(
        keys=fields.String(validate=validate.Length(max=60)),
        values=fields.Dict(
            keys=fields.String(validate=validate.Length(1, 200)),
            values=fields.String(validate=validate.Length(1, 20)),
        ),
        load_default=dict,
        **said("Key of a field -> cell as written -> code."),
    )
    date_order = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(DATE_ORDERS)
    )
    blank = fields.String(
        load_default="leave",
        validate=validate.OneOf(BLANKS),
        **said("What an empty cell means: leave what is stored, or clear it."),
    )
