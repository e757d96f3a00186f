"""Lists of records with filters, search, work-lists, national counts."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from dataset.fields import FIELD_BY_KEY, SECTIONS
from services.records.domain.lists import BY_URGENCY, SORTS, WORKLISTS
from services.records.schemas.instant import Instant

SECTION_STATES = ("complete", "incomplete", "not_due")


class RecordFilters(Schema):
    """What a list is narrowed to."""

    state = fields.String(validate=validate.OneOf(BY_URGENCY))
    diagnosed_from = fields.Date(metadata={"description": "First day of 1.09."})
    diagnosed_to = fields.Date(metadata={"description": "Last day of 1.09."})
    site_of_fracture = fields.String(
        validate=validate.OneOf([option.code for option in FIELD_BY_KEY["site_1"].options]),
        metadata={"description": "Code of 1.11."},
    )
    section = fields.Integer(validate=validate.OneOf([n for n in SECTIONS if n > 0]))
    section_state = fields.String(validate=validate.OneOf(SECTION_STATES))

    @validates_schema
    def _both_or_none(self, data: dict[str, Any], **_: Any) -> None:
        for given, other in (("section", "section_state"), ("section_state", "section")):
            if given in data and other not in data:
                raise ValidationError(f"Give {given} and {other} together.", other)


class RecordsQuery(RecordFilters):
    """`?page=1&page_size=25&sort=-diagnosed_on&state=invalid`."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))
    page_size = fields.Integer(load_default=25, validate=validate.Range(1, 100))
    sort = fields.String(
        load_default="-diagnosed_on",
        validate=validate.OneOf([sign + name for name in SORTS for sign in ("", "-")]),
        metadata={
            "description": "A leading minus turns the order round. By `state`: what needs a person "
            "most comes first."
        },
    )


class FollowUpStates(Schema):
    """`not_due`, `due`, `overdue`, `done` or `not_needed`."""

    first = fields.String(metadata={"description": "12 to 16 weeks after 1.09."})
    second = fields.String(metadata={"description": "48 to 56 weeks after 1.09."})


class RecordListItem(Schema):
    """One record in a list; only the last three digits of the NHS number are shown."""

    record_id = fields.UUID()
    local_id = fields.String(allow_none=True)
    nhs_number_masked = fields.String(allow_none=True)
    diagnosed_on = fields.Date(allow_none=True)
    site_1 = fields.String(allow_none=True, metadata={"description": "Code of 1.11."})
    age_at_diagnosis = fields.Integer(allow_none=True, metadata={"description": "Years."})
    state = fields.String()
    sections = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "Section (1 to 7) -> complete, incomplete or not_due."},
    )
    follow_up = fields.Nested(FollowUpStates)
    updated_at = Instant()
    version = fields.Integer()


class RecordsAnswer(Schema):
    """One page of the records of a site, with the filters that were asked for."""

    items = fields.List(fields.Nested(RecordListItem))
    page = fields.Integer()
    page_size = fields.Integer()
    sort = fields.String()
    filters = fields.Nested(RecordFilters)
    total = fields.Integer()


class SearchBody(Schema):
    """An NHS number or a local identifier, as somebody typed it."""

    query = fields.String(required=True, validate=validate.Length(1, 200))


class EntryListItem(Schema):
    """Something typed that is no record yet."""

    record_id = fields.UUID()
    version = fields.Integer()
    answered = fields.Integer(metadata={"description": "How many fields hold a text."})
    started_by = fields.UUID()
    started_at = Instant()
    updated_by = fields.UUID()
    updated_at = Instant()


class SearchAnswer(Schema):
    """The records and the unfinished entries with exactly this identifier."""

    items = fields.List(fields.Nested(RecordListItem))
    entries = fields.List(fields.Nested(EntryListItem))


class WorklistCount(Schema):
    """A work-list and how much is in it."""

    name = fields.String(validate=validate.OneOf(WORKLISTS))
    count = fields.Integer()


class WorklistsAnswer(Schema):
    """All work-lists, in the order in which they are shown."""

    items = fields.List(fields.Nested(WorklistCount))


def _cursor(**options: Any) -> fields.String:
    return fields.String(
        validate=validate.Length(1, 64),
        metadata={"description": "The `cursor` of a thing: go on behind it."},
        **options,
    )


class WorklistQuery(Schema):
    """`?after=<cursor>&limit=25`."""

    after = _cursor(load_default=None)
    limit = fields.Integer(load_default=25, validate=validate.Range(1, 100))


class NextQuery(Schema):
    """`?after=<cursor>`."""

    after = _cursor(load_default=None)


class PairItem(Schema):
    """Two records that may be one; `record_id` beside it is the second."""

    pair_id = fields.UUID()
    kind = fields.String(metadata={"description": "`same_day` or `near`."})
    first_record_id = fields.UUID()
    second_record_id = fields.UUID()
    found_at = Instant()


class WorkItem(Schema):
    """One thing to do: a record, in `unfinished` an entry, in `duplicates` a pair beside it."""

    cursor = fields.String()
    record_id = fields.UUID()
    due_on = fields.Date(allow_none=True, metadata={"description": "Of a follow-up: first day."})
    until = fields.Date(allow_none=True, metadata={"description": "Of a follow-up: last day."})
    record = fields.Nested(RecordListItem, allow_none=True)
    entry = fields.Nested(EntryListItem, allow_none=True)
    pair = fields.Nested(PairItem, allow_none=True)


class WorklistAnswer(Schema):
    """Some things of a work-list, the oldest first."""

    name = fields.String()
    total = fields.Integer()
    position = fields.Integer(metadata={"description": "Of the first item here, from 1."})
    items = fields.List(fields.Nested(WorkItem))
    next = fields.String(
        allow_none=True, metadata={"description": "The `after` of what follows; null at the end."}
    )


class NextAnswer(Schema):
    """The next thing of a work-list; null when none follows."""

    name = fields.String()
    total = fields.Integer()
    position = fields.Integer(metadata={"description": "Of the item in the whole list, from 1."})
    item = fields.Nested(WorkItem, allow_none=True)


class NationalQuery(Schema):
    """`?year=2026`; without it the present year."""

    year = fields.Integer(load_default=None, validate=validate.Range(2016, 2100))


class NationalCount(Schema):
    """How many records a site has with a diagnosis in a month, in one state."""

    site_code = fields.String()
    month = fields.String(metadata={"description": "YYYY-MM of 1.09."})
    state = fields.String()
    records = fields.Integer()


class NationalAnswer(Schema):
    """Counts over all sites for a year of diagnosis; deleted records are not counted."""

    year = fields.Integer()
    items = fields.List(fields.Nested(NationalCount))
