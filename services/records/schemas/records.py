"""Lists of records, single records, ledgers of imports."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.records.schemas.instant import Instant


class RecordsQuery(Schema):
    """`?page=1&page_size=25&sort=-diagnosed_on`."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))
    page_size = fields.Integer(load_default=25, validate=validate.Range(1, 100))
    sort = fields.String(
        load_default="-diagnosed_on",
        validate=validate.OneOf(("diagnosed_on", "-diagnosed_on", "updated_at", "-updated_at")),
        metadata={"description": "A leading minus puts the newest first."},
    )


class RecordListItem(Schema):
    """One record in a list; only the last three digits of the NHS number are shown."""

    record_id = fields.UUID()
    local_id = fields.String(allow_none=True)
    nhs_number_masked = fields.String(allow_none=True)
    diagnosed_on = fields.Date(allow_none=True)
    site_1 = fields.String(allow_none=True, metadata={"description": "Code of 1.11."})
    age_at_diagnosis = fields.Integer(allow_none=True, metadata={"description": "Years."})
    state = fields.String()
    updated_at = Instant()
    version = fields.Integer()


class RecordsAnswer(Schema):
    """One page of the records of a site."""

    items = fields.List(fields.Nested(RecordListItem))
    page = fields.Integer()
    page_size = fields.Integer()
    total = fields.Integer()


class FindingAnswer(Schema):
    """Something to mend (`error`) or to look at again (`warning`)."""

    code = fields.String()
    level = fields.String()
    field = fields.String(allow_none=True)
    message = fields.String()
    fields_ = fields.List(fields.String(), data_key="fields")


class HistoryItem(Schema):
    """One change of a record: who, when, by which door, and which fields."""

    version = fields.Integer()
    at = Instant()
    by = fields.UUID()
    door = fields.String()
    import_id = fields.UUID(allow_none=True)
    kind = fields.String()
    changed = fields.List(fields.String())


class RecordAnswer(Schema):
    """One record with its identifiers. Opening it is logged."""

    record_id = fields.UUID()
    version = fields.Integer()
    state = fields.String()
    dataset_version = fields.String()
    age_at_diagnosis = fields.Integer(allow_none=True)
    values = fields.Dict(
        keys=fields.String(), metadata={"description": "Field key -> value; blanks left out."}
    )
    findings = fields.List(fields.Nested(FindingAnswer))
    created_at = Instant()
    updated_at = Instant()
    history = fields.List(fields.Nested(HistoryItem), metadata={"description": "Newest first."})


class CountsAnswer(Schema):
    """Rows by outcome."""

    new = fields.Integer()
    changed = fields.Integer()
    same = fields.Integer()
    held = fields.Integer()
    rejected = fields.Integer()


class LedgerAnswer(Schema):
    """What an import would do (`compared`) and has done (`applied`) with the rows sent here."""

    import_id = fields.UUID()
    state = fields.String()
    mode = fields.String(allow_none=True)
    compared = fields.Nested(CountsAnswer, allow_none=True)
    applied = fields.Nested(CountsAnswer, allow_none=True)
    rows_total = fields.Integer(allow_none=True)
    rows_done = fields.Integer()
    ended_at = Instant(allow_none=True)
