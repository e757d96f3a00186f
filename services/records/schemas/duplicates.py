"""Pairs of records that may be one fracture (V20)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.records.schemas.finding import RecordListItem
from services.records.schemas.instant import Instant
from services.records.schemas.records import RecordAnswer


class PairsQuery(Schema):
    """`?decided=false&page=1&page_size=25`."""

    decided = fields.Boolean(
        load_default=False, metadata={"description": "Those that somebody has decided about."}
    )
    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))
    page_size = fields.Integer(load_default=25, validate=validate.Range(1, 100))


class PairHead(Schema):
    """A pair, without its records."""

    pair_id = fields.UUID()
    kind = fields.String(metadata={"description": "same_day or near (within 28 days)."})
    found_at = Instant()
    decision = fields.String(allow_none=True)
    decided_by = fields.UUID(allow_none=True)
    decided_at = Instant(allow_none=True)


class PairListItem(PairHead):
    """A pair in a list; the first record was there first."""

    first = fields.Nested(RecordListItem)
    second = fields.Nested(RecordListItem)


class PairsAnswer(Schema):
    """One page of pairs, the oldest first."""

    items = fields.List(fields.Nested(PairListItem))
    page = fields.Integer()
    page_size = fields.Integer()
    total = fields.Integer()


class PairRecord(RecordAnswer):
    """A record of a pair, and who made it."""

    created_by = fields.UUID()


class PairAnswer(PairHead):
    """Both records with their identifiers. Opening them is logged."""

    first = fields.Nested(PairRecord)
    second = fields.Nested(PairRecord)


class DecidePairBody(Schema):
    """What somebody has found out about two records."""

    decision = fields.String(
        required=True,
        validate=validate.OneOf(("kept_first", "kept_second", "both_right")),
        metadata={
            "description": "Keeping one deletes the other softly and asks for records.delete; "
            "both_right lets both count and asks for records.acknowledge."
        },
    )
