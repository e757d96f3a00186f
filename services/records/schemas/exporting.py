"""Which records leave as a file, and in which form."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.records.domain.exporting import STATES, Filters


def _said(text: str) -> dict[str, str]:
    return {"description": text}


class ExtractQuery(Schema):
    """`?diagnosed_from=2024-01-01&diagnosed_to=2024-12-31`."""

    diagnosed_from = fields.Date(
        load_default=None, metadata=_said("First day of diagnosis; left out: from the first on.")
    )
    diagnosed_to = fields.Date(
        load_default=None, metadata=_said("Last day of diagnosis; left out: to the last.")
    )

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_: Any) -> None:
        first, last = data.get("diagnosed_from"), data.get("diagnosed_to")
        if first and last and first > last:
            raise ValidationError("This day is before the first day.", "diagnosed_to")

    @post_load
    def _filters(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        names = ("diagnosed_from", "diagnosed_to", "state")
        filters = Filters(**{name: data.pop(name, None) for name in names})
        return {**data, "filters": filters}


class ExportQuery(ExtractQuery):
    """`?format=csv&answers=codes&diagnosed_from=&diagnosed_to=&state=`."""

    format = fields.String(
        load_default="csv",
        validate=validate.OneOf(("csv", "xlsx")),
        metadata=_said("CSV, or an Excel workbook."),
    )
    answers = fields.String(
        load_default="codes",
        validate=validate.OneOf(("codes", "labels")),
        metadata=_said("Answers of lists as codes or as labels; both can be imported again."),
    )
    state = fields.String(
        load_default=None,
        validate=validate.OneOf(STATES),
        metadata=_said("Only records of this state; left out: all but deleted ones."),
    )
