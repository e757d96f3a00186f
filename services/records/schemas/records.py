"""Lists of records, single records, ledgers of imports."""

from __future__ import annotations

from marshmallow import Schema, fields

from services.records.schemas.history import HistoryItem
from services.records.schemas.instant import Instant


class FindingAnswer(Schema):
    """Something to mend (`error`) or to look at again (`warning`)."""

    code = fields.String()
    level = fields.String()
    field = fields.String(allow_none=True)
    message = fields.String()
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields")


class AcknowledgedAnswer(Schema):
    """Who has acknowledged a warning, and when."""

    by = fields.UUID()
    at = Instant()


class RecordFinding(FindingAnswer):
    """A finding about a record."""

    token = fields.String(
        allow_none=True, metadata={"description": "By which a warning is acknowledged."}
    )
    acknowledged = fields.Nested(AcknowledgedAnswer, allow_none=True)


class SectionAnswer(Schema):
    """How far a section (1 to 7) is."""

    section = fields.Integer()
    state = fields.String(metadata={"description": "not_due, incomplete or complete."})
    missing = fields.List(fields.String(), metadata={"description": "Keys, in order."})


class ProgressAnswer(Schema):
    """How many of the questions that are needed by now have an answer."""

    answered = fields.Integer()
    needed = fields.Integer()


class FollowUpAnswer(Schema):
    """Where a follow-up stands."""

    state = fields.String(
        metadata={"description": "not_due, due, overdue, done or not_needed (the patient died)."}
    )
    due_on = fields.Date(allow_none=True)
    until = fields.Date(allow_none=True, metadata={"description": "Overdue from the next day on."})


class FollowUpsAnswer(Schema):
    """The follow-ups at 12 to 16 and at 48 to 56 weeks."""

    first = fields.Nested(FollowUpAnswer)
    second = fields.Nested(FollowUpAnswer)


class PeriodOfRecord(Schema):
    """The record's year of diagnosis at your site. A locked record cannot be changed."""

    year = fields.Integer()
    status = fields.String(metadata={"description": "open, grace or locked."})
    entry_deadline = fields.Date(allow_none=True)
    locks_on = fields.Date(allow_none=True)
    unlocked_until = fields.Date(allow_none=True)


class PairOfRecord(Schema):
    """Another record of this patient that may be the same fracture (V20)."""

    pair_id = fields.UUID()
    record_id = fields.UUID(metadata={"description": "The other record."})
    kind = fields.String(metadata={"description": "same_day or near."})
    decision = fields.String(allow_none=True)


class RecordAnswer(Schema):
    """One record with its identifiers, or what is no record yet. Opening it is logged."""

    record_id = fields.UUID()
    version = fields.Integer(metadata={"description": "0 while it is no record yet."})
    entry_version = fields.Integer(
        allow_none=True,
        metadata={"description": "Of the texts that wait; null if none do."},
    )
    form_version = fields.Integer(
        metadata={
            "description": "The version to name when a form is saved that was filled from `values` "
            "and `texts`: older than `version` if your unsaved texts were typed on an older one."
        }
    )
    stored = fields.Boolean(metadata={"description": "false: what was typed is no record yet."})
    identifiers_erased = fields.Boolean(
        metadata={"description": "What identified the patient is gone; it cannot be changed."}
    )
    state = fields.String(
        metadata={
            "description": "draft, to_confirm, valid, invalid, duplicate, or unfinished (no record "
            "yet)."
        }
    )
    dataset_version = fields.String(allow_none=True)
    age_at_diagnosis = fields.Integer(allow_none=True)
    values = fields.Dict(
        keys=fields.String(), metadata={"description": "Field key -> value; blanks left out."}
    )
    texts = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={
            "description": "Field key -> text as typed that waits: it cannot be read, must not "
            "take the place of a key, or was not saved yet by you."
        },
    )
    findings = fields.List(fields.Nested(RecordFinding))
    sections = fields.List(fields.Nested(SectionAnswer))
    progress = fields.Nested(ProgressAnswer)
    follow_up = fields.Nested(FollowUpsAnswer, allow_none=True)
    period = fields.Nested(PeriodOfRecord, allow_none=True)
    pairs = fields.List(fields.Nested(PairOfRecord))
    recorded_elsewhere = fields.Boolean(
        metadata={
            "description": "Another site has recorded this fracture too; nothing more is told."
        }
    )
    opt_out_checked_on = fields.Date(allow_none=True)
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


class UndoPreviewAnswer(Schema):
    """What undoing an import would do."""

    removed = fields.Integer(metadata={"description": "Records it made, which go."})
    restored = fields.Integer(metadata={"description": "Records it changed, which go back."})
    kept = fields.Integer(metadata={"description": "Touched since, so they stay as they are."})
    locked_years = fields.List(
        fields.Integer(), metadata={"description": "If there are any, it cannot be undone."}
    )


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
