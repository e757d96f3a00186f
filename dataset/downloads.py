"""What people and programs can download about the dataset: template, code book, JSON Schema.

All of it is made from the data in `dataset.fields`, so it cannot differ from what is checked.
Texts only; whoever serves them decides on file names and encoding (a BOM helps spreadsheets).

Source: domain notes 5.2 (template, code book) and 5.3.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from dataset.fields import FIELDS, HEADINGS, KEY_FIELDS, SECTIONS, Field
from dataset.versions import VERSIONS
from dataset.writing import safe_for_spreadsheet

CODE_BOOK_COLUMNS = (
    "Heading",
    "Number",
    "Key",
    "Section",
    "Question",
    "Help",
    "Type",
    "Answers",
    "Answers that stand alone",
    "Needed",
    "Asked when",
    "Unit",
    "Smallest",
    "Largest",
    "Longest text",
    "Versions",
    "Other headings read",
)

_NEEDED = {
    "K": "always, to save a record",
    "C": "for a complete section",
    "c": "when asked",
    "o": "optional",
}
_TYPE_WORDS = {
    "service_code": "service code",
    "text": "text",
    "nhs_number": "NHS number: 10 digits, or NOT_UK or UNTRACED",
    "date": "date: dd/mm/yyyy or yyyy-mm-dd, the same way in the whole column",
    "postcode": "UK postcode",
    "single": "one answer: code or label",
    "multi": 'any number of answers: codes or labels with ";" between them',
    "decimal": "number",
    "integer": "whole number 0 to 9, or U",
}


def template_csv() -> str:
    """The blank template: one line of headings, in the order of the dataset."""
    return _csv([HEADINGS])


def code_book_csv() -> str:
    """One line per column of the template, with everything a person has to know to fill it."""
    return _csv([CODE_BOOK_COLUMNS, *map(_code_book_row, FIELDS)])


def versions_csv() -> str:
    """The versions of the dataset and the days of diagnosis they hold for."""
    rows = [
        (v.name, v.valid_from.isoformat(), v.valid_to.isoformat() if v.valid_to else "")
        for v in VERSIONS
    ]
    return _csv([("Version", "Diagnosed from", "Diagnosed to"), *rows])


def record_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one record in the form of `dataset.wire`.

    It says which forms values have. What a record may say as a whole is said by the rules.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Record of one fracture episode",
        "type": "object",
        "additionalProperties": False,
        "required": [field.key for field in KEY_FIELDS],
        "properties": {field.key: _property(field) for field in FIELDS},
    }


def _csv(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([safe_for_spreadsheet(cell) for cell in row])
    return out.getvalue()


def _code_book_row(field: Field) -> list[str]:
    return [
        field.heading,
        field.no,
        field.key,
        f"{field.section} {SECTIONS[field.section]}",
        field.label,
        field.help,
        _TYPE_WORDS[field.kind],
        "; ".join(map(_option_words, field.options)) if field.kind != "integer" else "",
        "; ".join(field.exclusive),
        _NEEDED[field.required],
        field.asked_when or "",
        field.unit or "",
        str(field.minimum) if field.minimum is not None else "",
        str(field.maximum) if field.maximum is not None else "",
        str(field.max_length) if field.max_length else "",
        " ".join(field.versions),
        "; ".join(field.aliases),
    ]


def _option_words(option: Any) -> str:
    words = f"{option.code} = {option.label}"
    if len(option.versions) < len(VERSIONS):
        words += f" ({' '.join(option.versions)} only)"
    return words


def _property(field: Field) -> dict[str, Any]:
    """The schema of one value; one that may be blank may also be null."""
    schema: dict[str, Any] = {"title": f"{field.no} {field.label}", "description": field.help}
    required = field in KEY_FIELDS
    codes: list[str | None] = [option.code for option in field.options]
    if field.kind == "multi":
        items = {"type": "string", "enum": codes}
        schema |= {"type": "array", "items": items, "uniqueItems": True, "minItems": 1}
    elif codes:
        schema |= {"type": "string", "enum": codes if required else [*codes, None]}
    else:
        schema |= {"type": "string"} | _form(field)
    if not required:
        schema["type"] = [schema["type"], "null"]
    return schema


def _form(field: Field) -> dict[str, Any]:
    """What a text without a list of answers has to look like."""
    if field.kind == "date":
        return {"format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
    if field.kind == "decimal":
        digits = f"^-?[0-9]+\\.[0-9]{{{field.decimals}}}$"
        return {"pattern": digits, "examples": ["-2.5" if field.key == "t_score" else "165.0"]}
    if field.kind == "nhs_number":
        return {"pattern": "^([0-9]{10}|NOT_UK|UNTRACED)$"}
    return {"minLength": 1, "maxLength": field.max_length}
