"""The events that imports publishes. None of them holds a cell of a file but the sealed batch."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.imports.domain.uploads import CONFIRMERS, MODES
from services.shared.outbox import EventType


class ImportSchema(Schema):
    """An import, by its id."""

    import_id = fields.UUID(required=True)


class ChunkSchema(ImportSchema):
    """A chunk of an import."""

    number = fields.Integer(required=True, metadata={"description": "From 1."})


class RowsCompleteSchema(ImportSchema):
    """How many batches an import has; each chunk sends exactly one."""

    batches = fields.Integer(required=True)
    mode = fields.String(required=True, validate=validate.OneOf(MODES))
    overwrite_unknown = fields.Boolean(
        required=True, metadata={"description": "May an answer Don't know replace a known one."}
    )
    confirm = fields.String(required=True, validate=validate.OneOf(CONFIRMERS))
    all_or_nothing = fields.Boolean(
        metadata={"description": "Stored whole, in one transaction, or not at all. Missing: no."}
    )


class ApplyWantedSchema(ImportSchema):
    """An import that may be stored, and the account that confirmed it."""

    by = fields.UUID(required=True)


class UndoWantedSchema(ImportSchema):
    """An applied import that is to be undone, and the account that asked for it."""

    by = fields.UUID(required=True)


class PersonWantedSchema(ImportSchema):
    """An import that waits for the person who sent it, or has ended while they were away."""

    account_id = fields.UUID(required=True)
    state = fields.String(
        required=True, validate=validate.OneOf(("checked", "refused", "failed", "applied"))
    )
    uploaded_at = fields.AwareDateTime(required=True)


UPLOAD_RECEIVED = EventType("imports.upload_received.v1", ImportSchema, "work")
CHUNK_WANTED = EventType("imports.chunk_wanted.v1", ChunkSchema, "work")
ROWS_CHECKED = EventType("imports.rows_checked.v1", None, "batch")
ROWS_COMPLETE = EventType("imports.rows_complete.v1", RowsCompleteSchema)
APPLY_WANTED = EventType("imports.apply_wanted.v1", ApplyWantedSchema)
CANCEL_WANTED = EventType("imports.cancel_wanted.v1", ImportSchema)
UNDO_WANTED = EventType("imports.undo_wanted.v1", UndoWantedSchema)
PERSON_WANTED = EventType("imports.person_wanted.v1", PersonWantedSchema)
IMPORT_EXPIRED = EventType("imports.import_expired.v1", ImportSchema)

PUBLISHED: tuple[EventType, ...] = (
    UPLOAD_RECEIVED,
    CHUNK_WANTED,
    ROWS_CHECKED,
    ROWS_COMPLETE,
    APPLY_WANTED,
    CANCEL_WANTED,
    UNDO_WANTED,
    PERSON_WANTED,
    IMPORT_EXPIRED,
)
