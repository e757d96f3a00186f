"""Answers of the dataset in words, for every page that shows some."""

from __future__ import annotations

from typing import Any

from dataset.fields import Field
from gateway import wording


def answer_of(field: Field, value: Any) -> str:
    """An answer in words: labels for codes, dates and numbers as people write them."""
    if value is None or value == "" or value == []:
        return ""
    if field.kind == "date":
        return wording.day(str(value))
    if field.kind == "nhs_number" and len(str(value)) == 10:
        text = str(value)
        return f"{text[:3]} {text[3:6]} {text[6:]}"
    if field.options:
        codes = value if isinstance(value, list) else [value]
        return ", ".join(field.label_of(str(code)) for code in codes)
    return f"{value} {field.unit}" if field.unit else str(value)
