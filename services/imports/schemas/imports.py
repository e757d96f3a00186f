"""What comes in and what goes out where files are uploaded and followed."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.imports.domain.states import STATES
from services.imports.domain.uploads import CONFIRMERS, DATE_ORDERS, MODES, Choices

MAX_PAGE_SIZE = 500


class Instant(fields.AwareDateTime):
    """A moment in UTC, written with a Z."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        if value is None:
            return None
        return str(value.astimezone(UTC).isoformat().replace("+00:00", "Z"))


def said(text: str, **more: Any) -> dict[str, Any]:
    """The arguments of a field that is described with a text."""
    return {"metadata": {"description": text}, **more}


class UploadQuery(Schema):
    """How an upload is to be taken."""

    file_name = fields.String(load_default=None, **said("Shown with the import; any path is cut."))
    mode = fields.String(
        load_default="add_and_update",
        validate=validate.OneOf(MODES),
        **said("What may happen to records: add new ones, update known ones, or both."),
    )
    date_order = fields.String(
        load_default="",
        validate=validate.OneOf(("", "auto", *DATE_ORDERS)),
        **said("Order of day and month where the columns leave it open; auto or empty: not said."),
    )
    confirm = fields.String(
        load_default="person",
        validate=validate.OneOf(CONFIRMERS),
        **said("Whether a person confirms, or all good rows are stored once checked."),
    )
    again = fields.Boolean(
        load_default=False, **said("Take the bytes again although they were stored before.")
    )
    overwrite_unknown = fields.Boolean(
        load_default=False, **said("May an answer Don't know take the place of a known one.")
    )
    all_or_nothing = fields.Boolean(
        load_default=False, **said("Store every row, or none while one is rejected or held.")
    )

    @post_load
    def _choices(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        order = data["date_order"]
        return {
            "file_name": data["file_name"],
            "choices": Choices(
                mode=data["mode"],
                date_order=order if order in DATE_ORDERS else None,
                confirm=data["confirm"],
                again=data["again"],
                overwrite_unknown=data["overwrite_unknown"],
                all_or_nothing=data["all_or_nothing"],
            ),
        }


class PageQuery(Schema):
    """Which page of a list."""

    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1_000_000))
    page_size = fields.Integer(load_default=25, validate=validate.Range(min=1, max=MAX_PAGE_SIZE))


class FindingsQuery(PageQuery):
    """Which findings."""

    code = fields.String(load_default=None, **said("Only this code, such as T01."))
    level = fields.String(load_default=None, validate=validate.OneOf(("error", "warning")))

    @post_load
    def _no_blank(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "code": data["code"] or None}


class CopyQuery(Schema):
    """Which copy of a file."""

    rows = fields.String(
        load_default="all",
        validate=validate.OneOf(("all", "rejected")),
        **said("All rows, or those with an error alone."),
    )
    format = fields.String(load_default="csv", validate=validate.OneOf(("csv", "xlsx")))


class CountsAnswer(Schema):
    """The ledger: received = new + changed + same + rejected + held; null while not known."""

    received = fields.Integer(allow_none=True, **said("Rows of the file, blank ones left out."))
    new = fields.Integer(allow_none=True)
    changed = fields.Integer(allow_none=True)
    same = fields.Integer(allow_none=True, **said("Rows that change nothing, or repeat another."))
    held = fields.Integer(allow_none=True, **said("Set aside for a person to decide."))
    rejected = fields.Integer(**said("So far, while rows are being checked."))
    with_warnings = fields.Integer(**said("Of the rows not rejected."))


class ChangedFieldAnswer(Schema):
    """A field whose stored answer would change, and in how many rows."""

    field = fields.String()
    rows = fields.Integer()


class QueueAnswer(Schema):
    """How many imports, of all sites, wait before this one, and are worked on beside it."""

    ahead = fields.Integer()
    beside = fields.Integer()


class FileFindingAnswer(Schema):
    """Something said about the file as a whole."""

    code = fields.String()
    level = fields.String(validate=validate.OneOf(("error", "warning")))
    field = fields.String(allow_none=True)
    message = fields.String()


class HistoryAnswer(Schema):
    """Something that happened to an import."""

    at = Instant()
    by = fields.UUID(allow_none=True, **said("Account; null for the system itself."))
    kind = fields.String()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), allow_none=True)


class SignedReceiptAnswer(Schema):
    """A receipt with its signature (Ed25519) over its canonical JSON: keys in order, no blanks."""

    receipt = fields.Dict(keys=fields.String())
    key_id = fields.String()
    signature = fields.String(**said("Base64."))


class ReceiptKeysAnswer(Schema):
    """Key id -> public key (Ed25519, base64 of 32 bytes)."""

    keys = fields.Dict(keys=fields.String(), values=fields.String())


class DateReadAnswer(Schema):
    """How the dates of a column were read."""

    field = fields.String()
    heading = fields.String()
    order = fields.String(**said("dmy, mdy or iso: the order of day, month and year."))
    settled_by = fields.String(
        **said("cells: its own dates; file: those of other columns; you: the choice made.")
    )
    row = fields.Integer(**said("A row that shows it."))


class UndoneAnswer(Schema):
    """What became of the records of an import that was undone, or why it was not."""

    removed = fields.Integer()
    restored = fields.Integer()
    kept = fields.Integer(**said("Touched since; they stay as they are."))
    kept_records = fields.List(fields.UUID(), **said("The first thousand of them."))
    refused_years = fields.List(fields.Integer(), **said("Locked: then nothing was undone."))


class ImportAnswer(Schema):
    """One uploaded file's life."""

    import_id = fields.UUID()
    file_name = fields.String()
    size_bytes = fields.Integer()
    sha256 = fields.String(**said("Of the bytes received, hexadecimal."))
    state = fields.String(validate=validate.OneOf(STATES))
    stage = fields.String(**said("What is going on, in one word."))
    mode = fields.String()
    date_order = fields.String(allow_none=True)
    confirm = fields.String()
    overwrite_unknown = fields.Boolean()
    all_or_nothing = fields.Boolean()
    corrects = fields.UUID(
        allow_none=True, **said("The import whose cells were corrected to make this one.")
    )
    profile_id = fields.UUID(allow_none=True, **said("The set-up by which it was read."))
    profile_version = fields.Integer(allow_none=True)
    file_kept = fields.Boolean(**said("Whether its bytes are still there."))
    dates = fields.List(fields.Nested(DateReadAnswer), **said("How date columns were read."))
    rows_total = fields.Integer(allow_none=True, **said("Null until the file was read once."))
    rows_checked = fields.Integer()
    rows_staged = fields.Integer()
    rows_applied = fields.Integer()
    counts = fields.Nested(CountsAnswer)
    passed_over = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        **said("Rows that the mode passes over, by code (M01, M02); they are among the rejected."),
    )
    changed_fields = fields.List(
        fields.Nested(ChangedFieldAnswer),
        **said("Answers that would change, those of most rows first; known once it is checked."),
    )
    file_findings = fields.List(fields.Nested(FileFindingAnswer))
    failure = fields.String(allow_none=True, **said("What went wrong, if the import failed."))
    undone = fields.Nested(UndoneAnswer, allow_none=True)
    created_at = Instant()
    created_by = fields.UUID()
    confirmed_at = Instant(allow_none=True)
    confirmed_by = fields.UUID(allow_none=True)
    ended_at = Instant(allow_none=True)
    undo_until = Instant(
        allow_none=True, **said("Until then it can be undone; null if it cannot be.")
    )
    live = fields.Boolean(**said("Whether the same bytes sent again are this import."))
    version = fields.Integer()


class OneImportAnswer(ImportAnswer):
    """One import with its history and its place among the others."""

    history = fields.List(fields.Nested(HistoryAnswer))
    queue = fields.Nested(
        QueueAnswer, allow_none=True, **said("While it is worked on; null at other times.")
    )


class FindingAnswer(Schema):
    """A finding about a row or a cell."""

    row = fields.Integer(**said("As a spreadsheet shows it; the headings are row 1."))
    column = fields.String(allow_none=True, **said("The file's own heading."))
    field = fields.String(allow_none=True)
    code = fields.String()
    level = fields.String()
    message = fields.String()
    value_masked = fields.String(
        allow_none=True, **said("The cell; of an identifier the last three characters.")
    )
    source = fields.String(**said("file, or records if it follows from what is stored."))


class FindingGroupAnswer(Schema):
    """Findings of one kind in one column."""

    code = fields.String()
    level = fields.String()
    field = fields.String(allow_none=True)
    heading = fields.String(allow_none=True)
    title = fields.String()
    mend = fields.String(**said("What to do about it."))
    count = fields.Integer()
    first_rows = fields.List(fields.Integer(), **said("At most five row numbers."))


class FindingGroupsAnswer(Schema):
    """All groups of an import."""

    items = fields.List(fields.Nested(FindingGroupAnswer))


def page_of(schema: type[Schema]) -> type[Schema]:
    """The schema of a page of such items."""
    return Schema.from_dict(
        {
            "items": fields.List(fields.Nested(schema)),
            "page": fields.Integer(),
            "page_size": fields.Integer(),
            "total": fields.Integer(),
        },
        name=f"{schema.__name__.removesuffix('Answer')}Page",
    )
