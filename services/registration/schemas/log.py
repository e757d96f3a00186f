"""The log as it is asked for and told."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from marshmallow import Schema, fields, validate

from services.registration.schemas.bodies import PageQuery
from services.registration.schemas.registrations import LogLineAnswer

_DAY: dict[str, Any] = {"invalid": "Enter a day such as 2026-04-01."}


class LineQuery(Schema):
    """Which lines of the log."""

    site_id = fields.UUID(load_default=None, metadata={"description": "For the audit team"})
    since = fields.Date(load_default=None, error_messages=_DAY)
    until = fields.Date(load_default=None, error_messages=_DAY)
    what = fields.String(load_default=None, validate=validate.Length(max=60))


class LogQuery(LineQuery, PageQuery):
    """Which page of which lines of the log."""


class ListedLineAnswer(LogLineAnswer):
    """One line of the log among those of a site or of all."""

    entry_id = fields.Integer()
    site_name = fields.String(allow_none=True)
    subject_kind = fields.String()
    subject_name = fields.String(allow_none=True)


def cells_of(line: Any) -> list[str]:
    """Returns a line as the cells of a table; no cell can be taken for a formula."""
    details = json.dumps(line.details, sort_keys=True, ensure_ascii=False) if line.details else ""
    cells = [
        str(line.entry_id),
        line.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        line.actor_name or line.actor_kind,
        line.what,
        line.subject_name or line.subject_kind,
        line.site_name or "",
        details,
    ]
    return [f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell for cell in cells]
