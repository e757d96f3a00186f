"""The events that records publishes: what became of an import. None carries an identifier."""

from __future__ import annotations

from marshmallow import Schema, fields

from services.records.domain.decisions import HELD_REASONS
from services.shared.outbox import EventType


class FindingData(Schema):
    """A finding about a row; its message never holds the value."""

    row = fields.Integer(required=True)
    field = fields.String(required=True, allow_none=True)
    code = fields.String(required=True)
    level = fields.String(required=True)
    message = fields.String(required=True)


class RowsStagedData(Schema):
    """One batch is stored; `rejected` rows of it are not, and their findings say why.

    `merged` has the rows about stored records of which more was found as records by themselves.
    """

    import_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    staged = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    findings = fields.List(fields.Nested(FindingData), required=True)
    merged = fields.List(fields.Integer())


class HeldRowData(Schema):
    """A row that a person has to decide about, with the reason in words for them."""

    row = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"enum": sorted(HELD_REASONS)})
    reason = fields.String(required=True)


class ChangedFieldData(Schema):
    """A field and how many rows would change its answer."""

    field = fields.String(required=True)
    rows = fields.Integer(required=True)


class ImportComparedData(Schema):
    """What the import would do. The five counts add up to the rows that were sent to records.

    `rejected` holds all that records refused: while merging, and by the mode (`passed_over`).
    `changed_fields`: those that a row would change, with the number of these rows.
    """

    import_id = fields.UUID(required=True)
    new = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    same = fields.Integer(required=True)
    held = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    held_rows = fields.List(fields.Nested(HeldRowData), required=True)
    passed_over = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    changed_fields = fields.List(fields.Nested(ChangedFieldData))


class SliceWantedData(Schema):
    """The next slice of an import is to be applied, or undone."""

    import_id = fields.UUID(required=True)
    number = fields.Integer(required=True)


class ApplyAdvancedData(Schema):
    """A slice has been applied."""

    import_id = fields.UUID(required=True)
    rows_done = fields.Integer(required=True)
    rows_total = fields.Integer(required=True)


class ImportAppliedData(Schema):
    """The ledger of the apply; it adds up to the same rows as the comparison did.

    `held_rows`: the first thousand, those that were held by the comparison among them.
    """

    import_id = fields.UUID(required=True)
    new = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    same = fields.Integer(required=True)
    held = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    held_rows = fields.List(fields.Nested(HeldRowData), required=True)


class ImportUndoneData(Schema):
    """What became of the records of an import that was undone; or why it was not.

    `kept_records`: the first thousand of those that were touched since, and stay as they are.
    `refused_years`: locked years; if there are any, nothing was undone.
    """

    import_id = fields.UUID(required=True)
    removed = fields.Integer(required=True)
    restored = fields.Integer(required=True)
    kept = fields.Integer(required=True)
    kept_records = fields.List(fields.UUID(), required=True)
    refused_years = fields.List(fields.Integer(), required=True)


class DecidedRowData(Schema):
    """A row that was held, and what became of it: new, changed, same, or rejected (left out)."""

    row = fields.Integer(required=True)
    outcome = fields.String(required=True)


class RowsDecidedData(Schema):
    """A person has decided about held rows; the counts are the ledger after that."""

    import_id = fields.UUID(required=True)
    new = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    same = fields.Integer(required=True)
    held = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    rows = fields.List(fields.Nested(DecidedRowData), required=True)
    by = fields.UUID(required=True)


class MonthCountsData(Schema):
    """How many records a site has of one month of diagnosis, and how many of them have what.

    Deleted records and the later ones of two of one day are not counted.
    """

    month = fields.String(required=True, metadata={"description": "YYYY-MM"})
    records = fields.Integer(required=True)
    hip = fields.Integer(required=True)
    spine = fields.Integer(required=True)
    dxa_done = fields.Integer(required=True, metadata={"description": "3.01 is 1 or 2"})
    falls_assessed = fields.Integer(required=True, metadata={"description": "5.01 is 1 or 2"})
    followed_up_16 = fields.Integer(required=True, metadata={"description": "6.01 is 1"})
    followed_up_52 = fields.Integer(required=True, metadata={"description": "7.01 is 1"})


class SiteCountsChangedData(Schema):
    """All that a site has recorded, by month; a site without a record has no month."""

    site_id = fields.UUID(required=True)
    months = fields.List(fields.Nested(MonthCountsData), required=True)


ROWS_STAGED = EventType("records.rows_staged.v1", RowsStagedData)
IMPORT_COMPARED = EventType("records.import_compared.v1", ImportComparedData)
SLICE_WANTED = EventType("records.slice_wanted.v1", SliceWantedData, "work")
APPLY_ADVANCED = EventType("records.apply_advanced.v1", ApplyAdvancedData)
IMPORT_APPLIED = EventType("records.import_applied.v1", ImportAppliedData)
FRESH_SLICE_WANTED = EventType("records.fresh_slice_wanted.v1", SliceWantedData, "work")
UNDO_SLICE_WANTED = EventType("records.undo_slice_wanted.v1", SliceWantedData, "work")
IMPORT_UNDONE = EventType("records.import_undone.v1", ImportUndoneData)
ROWS_DECIDED = EventType("records.rows_decided.v1", RowsDecidedData)
SITE_COUNTS_CHANGED = EventType("records.site_counts_changed.v1", SiteCountsChangedData)

PUBLISHED: tuple[EventType, ...] = (
    ROWS_STAGED,
    IMPORT_COMPARED,
    SLICE_WANTED,
    FRESH_SLICE_WANTED,
    APPLY_ADVANCED,
    IMPORT_APPLIED,
    UNDO_SLICE_WANTED,
    IMPORT_UNDONE,
    ROWS_DECIDED,
    SITE_COUNTS_CHANGED,
)
