"""What has become of a record: changes, earlier states, openings."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.records.schemas.instant import Instant


class HistoryItem(Schema):
    """One change of a record: who, when, by which door, and which fields."""

    version = fields.Integer()
    at = Instant()
    by = fields.UUID()
    door = fields.String(metadata={"description": "page, api or import."})
    import_id = fields.UUID(allow_none=True)
    kind = fields.String()
    changed = fields.List(fields.String())
    acknowledged = fields.List(
        fields.String(), metadata={"description": "Tokens of warnings acknowledged with it."}
    )
    reason = fields.String(
        allow_none=True,
        metadata={"description": "Why it was deleted or erased, or what was decided of a pair."},
    )
    visit_id = fields.UUID(
        allow_none=True, metadata={"description": "The visit of the audit team that did it."}
    )


class ValueChange(Schema):
    """One field, before and after; null is a blank, or an identifier that was erased."""

    key = fields.String()
    old = fields.Raw(allow_none=True)
    new = fields.Raw(allow_none=True)


class FullHistoryItem(HistoryItem):
    """One change with its values."""

    changes = fields.List(fields.Nested(ValueChange))


class VersionAnswer(Schema):
    """A record as it was."""

    version = fields.Integer()
    at = Instant()
    by = fields.UUID()
    door = fields.String()
    kind = fields.String()
    values = fields.Dict(keys=fields.String())
    texts = fields.Dict(
        keys=fields.String(), metadata={"description": "Texts that waited beside the answers."}
    )


class ReadsQuery(Schema):
    """`?page=1&page_size=25`."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))
    page_size = fields.Integer(load_default=25, validate=validate.Range(1, 100))


class ReadItem(Schema):
    """One opening of a record."""

    at = Instant()
    by = fields.UUID()
    visit_id = fields.UUID(allow_none=True)


class ReadsAnswer(Schema):
    """Who opened a record, newest first."""

    items = fields.List(fields.Nested(ReadItem))
    page = fields.Integer()
    page_size = fields.Integer()
    total = fields.Integer()
