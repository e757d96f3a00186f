"""JSON Schema of a record, for programs that send records."""

from __future__ import annotations

from typing import Any

from dataset.fields import FIELDS, KEY_FIELDS, Field


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
