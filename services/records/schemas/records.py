"""Lists of records, single records, ledgers of imports."""

from __future__ import annotations

from marshmallow import Schema, fields

from services.records.schemas.instant import Instant


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
