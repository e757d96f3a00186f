"""Between the texts of a record and the fields of a form.

A question's field has its key as name, with these exceptions: a date has three boxes,
`<key>-day`, `-month` and `-year`; the NHS number has a second field, `nhs_number-none`, for the
reason why there is none. Texts come back as they were typed, whatever they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from dataset import wire
from dataset.fields import FIELD_BY_KEY, Field, fields_of_section
from dataset.nhs_number import REASONS_FOR_NONE
from dataset.reading import read_cell
from dataset.writing import write_cell

SHOWN = "shown"
"""Name of the hidden fields that say which questions were on the page."""
NO_NUMBER = "nhs_number-none"
DATE_PARTS = ("day", "month", "year")
_THREE_PARTS = re.compile(r"([^/]*)/([^/]*)/([^/]*)")


def fields_of_page(section: int) -> tuple[Field, ...]:
    """The questions of a section's page.

    The local identifier has its place beside the NHS number; the service code follows from the
    sign-in and is not asked.
    """
    fields = fields_of_section(section)
    if section != 1:
        return fields
    return (fields[0], FIELD_BY_KEY["local_id"], *fields[1:])


def texts_from(form: MultiDict[str, str], fields: Iterable[Field]) -> dict[str, str]:
    """What was typed: field key -> text, "" for nothing.

    Only questions that were on the page are named, so that a save never takes back what it did
    not show.
    """
    shown = set(form.getlist(SHOWN))
    return {field.key: _text(field, form) for field in fields if field.key in shown}


def _text(field: Field, form: MultiDict[str, str]) -> str:
    if field.kind == "date":
        return _joined([form.get(f"{field.key}-{part}", "") for part in DATE_PARTS])
    if field.kind == "multi":
        return ";".join(form.getlist(field.key))
    text = form.get(field.key, "").strip()
    if field.kind == "nhs_number" and not text:
        return form.get(NO_NUMBER, "").strip()
    return text


def _joined(boxes: list[str]) -> str:
    day, month, year = (box.strip() for box in boxes)
    # A whole date pasted into the first box is read as it stands.
    return f"{day}/{month}/{year}" if month or year else day


def date_text(form: Mapping[str, str], name: str) -> str:
    """The text of the three boxes of a date that is no question of the dataset."""
    return _joined([form.get(f"{name}-{part}", "") for part in DATE_PARTS])


def values_from(texts: Mapping[str, str], fields: Iterable[Field]) -> dict[str, Any]:
    """The fields of a form that show these texts; the reverse of `texts_from`."""
    values: dict[str, Any] = {}
    for field in fields:
        values |= _values(field, texts.get(field.key, ""))
    return values


def _values(field: Field, text: str) -> dict[str, Any]:
    key = field.key
    if field.kind == "date":
        return date_boxes(key, text)
    if field.kind == "nhs_number":
        reason = text if text in REASONS_FOR_NONE else ""
        return {key: "" if reason else _spaced(text), NO_NUMBER: reason}
    if field.kind == "single":
        return {key: _as_code(field, text)}
    if field.kind == "multi":
        return {key: [part for part in _as_code(field, text).split(";") if part.strip()]}
    return {key: text}


def date_boxes(name: str, text: str) -> dict[str, str]:
    """The three boxes of a date; a text of another form stands in the first."""
    parts = _THREE_PARTS.fullmatch(text)
    boxes = parts.groups() if parts else (text, "", "")
    return {f"{name}-{part}": box for part, box in zip(DATE_PARTS, boxes, strict=True)}


def _as_code(field: Field, text: str) -> str:
    """The code of an answer, however it is spelt; what is no answer stays as it is."""
    value, _ = read_cell(field, text)
    return text if value is None else write_cell(field, value)


def _spaced(number: str) -> str:
    """An NHS number as people read it, in groups of three, three and four."""
    if len(number) != 10 or not number.isdigit():
        return number
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def first_id(field: Field) -> str:
    """The id of the field that a link to a question leads to."""
    return f"{field.key}-day" if field.kind == "date" else field.key


def texts_of(answer: Mapping[str, Any]) -> dict[str, str]:
    """All texts of a record as the service answered it: what waits, else what is stored."""
    stored = stored_texts(answer)
    return stored | dict(answer.get("texts") or {})


def stored_texts(answer: Mapping[str, Any]) -> dict[str, str]:
    """The stored values of a record as texts; dates without leading zeros, as people type them."""
    values = answer["values"]
    return {key: _stored_text(key, value) for key, value in values.items() if key in FIELD_BY_KEY}


def _stored_text(key: str, wired: object) -> str:
    try:
        value = wire.value_from_wire(key, wired)
    except ValueError:
        return str(wired)  # shown as it is rather than not at all
    if isinstance(value, date):
        return f"{value.day}/{value.month}/{value.year}"
    return write_cell(FIELD_BY_KEY[key], value)


def whole_number(form: Mapping[str, str], name: str) -> int:
    """A whole number of a hidden field; 0 if there is none."""
    text = form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
