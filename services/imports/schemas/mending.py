"""What comes in and what goes out where cells are mended."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.imports.actions.mending import LONGEST_CELL
from services.imports.schemas.imports import Instant

MOST_CORRECTIONS = 1_000


class MendableCellAnswer(Schema):
    """A cell as it is written in the file: with an error, or compared with one that has one."""

    field = fields.String()
    heading = fields.String(metadata={"description": "The file's own heading."})
    value = fields.String(metadata={"description": "Identifiers too: who mends has to see them."})
    messages = fields.List(
        fields.String(), metadata={"description": "Empty for a cell that is only compared."}
    )


class MendableRowAnswer(Schema):
    """A row with its cells that have an error."""

    row = fields.Integer()
    cells = fields.List(fields.Nested(MendableCellAnswer))


class CellCorrectionBody(Schema):
    """What a cell shall be."""

    row = fields.Integer(required=True, validate=validate.Range(min=1))
    field = fields.String(required=True, validate=validate.Length(max=60))
    value = fields.String(required=True, validate=validate.Length(max=LONGEST_CELL))


class CorrectionsBody(Schema):
    """Cells to correct, all at once."""

    corrections = fields.List(
        fields.Nested(CellCorrectionBody),
        required=True,
        validate=validate.Length(1, MOST_CORRECTIONS),
    )


class CorrectionAnswer(Schema):
    """A cell that was corrected; identifiers are masked."""

    row = fields.Integer()
    field = fields.String()
    heading = fields.String()
    old = fields.String(allow_none=True)
    new = fields.String(allow_none=True)
    by = fields.UUID()
    at = Instant()


class CorrectionsAnswer(Schema):
    """What was corrected on the way to an import, the newest first."""

    items = fields.List(fields.Nested(CorrectionAnswer))
