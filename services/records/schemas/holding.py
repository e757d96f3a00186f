"""What an import would change, its held rows, and what people decide about them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.records.actions.holding import DECISIONS
from services.records.domain.columns import CLINICAL_KEYS
from services.records.domain.decisions import HELD_REASONS
from services.records.schemas.editing import LARGEST_VERSION

CHANGEABLE = (*CLINICAL_KEYS, "date_of_birth", "postcode", "local_id")


class HeldRowsQuery(Schema):
    """Which held rows."""

    after = fields.Integer(
        load_default=0,
        validate=validate.Range(0, LARGEST_VERSION),
        metadata={"description": "Rows after this one."},
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class ChangesQuery(HeldRowsQuery):
    """Rows that would change which field."""

    field = fields.String(required=True, validate=validate.OneOf(CHANGEABLE))


class RowChangeAnswer(Schema):
    """A row that would change an answer of a record; identifiers are not told, look there."""

    row = fields.Integer()
    record_id = fields.UUID()
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)


class ChangesAnswer(Schema):
    """Rows that would change a field, in the order of the file."""

    items = fields.List(fields.Nested(RowChangeAnswer))


class HeldReasonAnswer(Schema):
    """A row that waits for a decision."""

    row = fields.Integer()
    code = fields.String(metadata={"enum": sorted(HELD_REASONS)})
    reason = fields.String()


class HeldRowsAnswer(Schema):
    """Rows that wait for a decision; they can be decided once the import is `applied`."""

    state = fields.String()
    total = fields.Integer()
    items = fields.List(fields.Nested(HeldReasonAnswer))


class HeldChangeAnswer(Schema):
    """An answer of a record that the row would change."""

    field = fields.String()
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)


class CandidateAnswer(Schema):
    """A record that a held row may be about."""

    record_id = fields.UUID()
    version = fields.Integer()
    values = fields.Dict(keys=fields.String(), values=fields.Raw())
    changes = fields.List(fields.Nested(HeldChangeAnswer))


class HeldRowAnswer(HeldReasonAnswer):
    """A held row in the clear, with the records that it may be about."""

    values = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(),
        metadata={"description": "What the row says; empty if it can only be left out."},
    )
    may_add = fields.Boolean(metadata={"description": "It can become a record of its own."})
    candidates = fields.List(fields.Nested(CandidateAnswer))


class HeldDecisionBody(Schema):
    """A decision about a held row."""

    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    record_id = fields.UUID(
        load_default=None, metadata={"description": "Of the record to update, with `version`."}
    )
    version = fields.Integer(load_default=None, validate=validate.Range(1, LARGEST_VERSION))


class HeldDecisionAnswer(Schema):
    """What became of the row: new, changed, same, or rejected (left out)."""

    outcome = fields.String()


class HeldLeftAnswer(Schema):
    """How many rows were left out."""

    left = fields.Integer()
