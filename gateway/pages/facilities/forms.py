"""Between the answers of a questionnaire and the fields of its forms.

A field has the key of its answer as name: the question's id, or a grid's cell (`B2.nurse.6`); a
month has two boxes, `<id>-month` and `<id>-year`. Beside a proposed answer lies what was shown, in
`was.<key>`: left as it is and not ticked in `still_right`, it stays a proposal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

Question = dict[str, Any]
EXPLANATION = "why."
_LONGEST_SEEN = 20_000
_LARGEST = 2**31 - 1


def questions_of(questionnaire: Mapping[str, Any]) -> list[Question]:
    """All questions in order."""
    return [q for section in questionnaire["sections"] for q in section["questions"]]


def answers_from(
    questions: Sequence[Question], form: MultiDict[str, str], *, all_right: bool = False
) -> dict[str, Any]:
    """What was answered: key -> text, list of codes, or None for nothing.

    Only questions whose field was on the page are named, so that a save never takes back what it
    did not show; and of proposals those that were changed, or ticked as still right. Reading and
    checking is the service's: what cannot be read is kept as typed.

    Args:
        all_right: every proposal on the page is still right.
    """
    shown = set(form.getlist("shown"))
    right = set(form.getlist("still_right"))
    answers: dict[str, Any] = {}
    for question in questions:
        if question["id"] not in shown:
            continue
        for key in question["keys"]:
            typed = _typed(question, key, form)
            was = form.get(f"was.{key}")
            is_left = was is not None and was == text_of(typed)
            if not is_left or all_right or question["id"] in right:
                answers[key] = typed
    for name in form:
        if name.startswith(EXPLANATION):
            answers[name] = form[name].strip() or None
    return answers


def _typed(question: Question, key: str, form: MultiDict[str, str]) -> Any:
    if question["kind"] == "multi":
        return form.getlist(key) or None
    if question["kind"] == "month":
        month, year = (form.get(f"{key}-{part}", "").strip() for part in ("month", "year"))
        return f"{month} {year}".strip() or None
    return form.get(key, "").strip() or None


def text_of(typed: Any) -> str:
    """A typed answer as one text, to see whether it is as it was."""
    if typed is None:
        return ""
    return ";".join(typed) if isinstance(typed, list) else str(typed).replace("\r\n", "\n")


def shown_text(question: Question, value: Any) -> str:
    """The text that the field of an untouched answer will send, as `text_of` has it."""
    if question["kind"] == "month":
        return " ".join(part for part in _month_boxes(value) if part)
    if isinstance(value, list):
        return ";".join(str(code) for code in value)
    return _number_text(value)


def values_from(
    questions: Iterable[Question], answers: Mapping[str, Any], proposals: Mapping[str, Any]
) -> dict[str, Any]:
    """The fields of the form; an answer that is only proposed is filled in like one."""
    values: dict[str, Any] = {}
    for question in questions:
        for key in question["keys"]:
            value = answers.get(key)
            if value is None and key in proposals:
                value = proposals[key]["value"]
            if question["kind"] == "month":
                values[f"{key}-month"], values[f"{key}-year"] = _month_boxes(value)
            elif question["kind"] == "multi":
                values[key] = value if isinstance(value, list) else [value] if value else []
            else:
                values[key] = _number_text(value)
    return values


def _number_text(value: Any) -> str:
    """Numbers as people write them: 1.0 is 1.

    >>> _number_text(1.0), _number_text(0.6), _number_text(None), _number_text("x")
    ('1', '0.6', '', 'x')
    """
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _month_boxes(value: Any) -> tuple[str, str]:
    text = str(value or "")
    if match := re.fullmatch(r"(\d{4})-(\d{2})", text):
        return str(int(match[2])), match[1]
    # What could not be read comes back as it was typed.
    first, _, rest = text.partition(" ")
    return first, rest


def first_field(question: Question, key: str | None = None) -> str:
    """The id of the field that an error summary leads to: of the question, or of one answer."""
    name = str(key or question["keys"][0])
    return f"{name}-month" if question["kind"] == "month" else name


def seen_in(form: Mapping[str, str]) -> tuple[int, dict[str, int]]:
    """Which version of the answers the page showed, and of which it has saved later ones."""
    version = form.get("version", "")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    return number, _seen(form.get("seen", ""))


def _seen(text: str) -> dict[str, int]:
    if not text or len(text) > _LONGEST_SEEN:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        key: version
        for key, version in found.items()
        if isinstance(version, int) and not isinstance(version, bool) and 0 <= version <= _LARGEST
    }


def seen_text(seen: Mapping[str, int], changed: Iterable[str], version: int) -> str:
    """What the page has to send next time, after it saved these keys."""
    return json.dumps({**seen, **dict.fromkeys(changed, version)}, separators=(",", ":"))


def answer_text(question: Question, value: Any) -> str:
    """An answer in words; that of a grid is one cell's."""
    if value is None or value == "" or value == []:
        return ""
    labels = {option["code"]: option["label"] for option in question.get("options") or []}
    if question["kind"] in ("single", "multi"):
        codes = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(str(code), str(code)) for code in codes)
    if question["kind"] in ("integer", "decimal") and isinstance(value, int | float):
        number = f"{value:,}" if isinstance(value, int) else _number_text(value)
        return f"{number} {question.get('unit') or ''}".strip()
    if question["kind"] == "month" and re.fullmatch(r"\d{4}-\d{2}", str(value)):
        return f"{date.fromisoformat(f'{value}-01'):%B %Y}"
    return _number_text(value)


def label_of(question: Question, key: str) -> str:
    """A question as a list names it; a grid's cell with its row and column.

    >>> label_of({"id": "A3", "number": "A3", "text": "Is there?", "kind": "single"}, "A3")
    'A3 Is there?'
    """
    name = f"{question['number']} {question['text']}"
    if question["kind"] != "grid":
        return name
    _, row, column = key.split(".", 2)
    rows = {each["code"]: each["label"] for each in question["rows"]}
    columns = {each["code"]: each["label"] for each in question["columns"]}
    return f"{question['number']} {rows[row]}, {columns[column]}"


def given_lines(question: Question, answers: Mapping[str, Any]) -> list[str]:
    """The answer to a question, a line each; a grid has one for each cell that is filled in."""
    if question["kind"] != "grid":
        text = answer_text(question, answers.get(question["id"]))
        return [text] if text else []
    return [
        f"{label_of(question, key).partition(' ')[2]}: {_number_text(answers[key])}"
        for key in question["keys"]
        if answers.get(key) is not None
    ]
