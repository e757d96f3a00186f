"""Between the questionnaire's answers and the fields of its form.

A question's field has its id as name; a month has two boxes, `<id>-month` and `<id>-year`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

Question = dict[str, Any]


def questions_of(questionnaire: Mapping[str, Any]) -> list[Question]:
    """All questions in order."""
    return [q for section in questionnaire["sections"] for q in section["questions"]]


def answers_from(questions: list[Question], form: MultiDict[str, str]) -> dict[str, Any]:
    """What was answered: question id -> text, list of codes, or None for nothing.

    Only questions whose field was on the page are named, so that a save never takes back what it
    did not show. Reading and checking is the service's: what cannot be read is kept as typed.
    """
    shown = set(form.getlist("shown"))
    return {q["id"]: _answer(q, form) for q in questions if q["id"] in shown}


def _answer(question: Question, form: MultiDict[str, str]) -> Any:
    name = question["id"]
    if question["kind"] == "multi":
        return form.getlist(name) or None
    if question["kind"] == "month":
        month, year = (form.get(f"{name}-{part}", "").strip() for part in ("month", "year"))
        return f"{month} {year}".strip() or None
    return form.get(name, "").strip() or None


def values_from(
    questions: list[Question], answers: Mapping[str, Any], suggestions: Mapping[str, Any]
) -> dict[str, Any]:
    """The fields of the form; a question without an answer shows what is suggested for it."""
    values: dict[str, Any] = {}
    for question in questions:
        name = question["id"]
        value = answers.get(name, suggestions.get(name))
        if question["kind"] == "month":
            values[f"{name}-month"], values[f"{name}-year"] = _month_boxes(value)
        values[name] = [] if value is None and question["kind"] == "multi" else value
        if values[name] is None:
            values[name] = ""
    return values


def _month_boxes(value: Any) -> tuple[str, str]:
    text = str(value or "")
    if match := re.fullmatch(r"(\d{4})-(\d{2})", text):
        return str(int(match[2])), match[1]
    # What could not be read comes back as it was typed.
    first, _, rest = text.partition(" ")
    return first, rest


def first_field(question: Question) -> str:
    """The id of the field that an error summary leads to."""
    name: str = question["id"]
    return f"{name}-month" if question["kind"] == "month" else name


def answer_text(question: Question, value: Any) -> str:
    """An answer in words, for the page after submitting."""
    if value is None or value == "" or value == []:
        return ""
    labels = {option["code"]: option["label"] for option in question.get("options") or []}
    if question["kind"] in ("single", "multi"):
        codes = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(str(code), str(code)) for code in codes)
    if question["kind"] == "integer" and isinstance(value, int):
        return f"{value:,} {question.get('unit') or ''}".strip()
    if question["kind"] == "month" and re.fullmatch(r"\d{4}-\d{2}", str(value)):
        return f"{date.fromisoformat(f'{value}-01'):%B %Y}"
    return str(value)
