"""The questionnaire on paper: blank, to gather answers; and as it was answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway import wording
from gateway.pages import states
from gateway.pages.facilities.forms import Question, given_lines
from gateway.pages.information.pdf import Report

_BOX = "[   ]"
_LINE = "_" * 60
_COLUMNS_ACROSS = 6


def blank(round_: Mapping[str, Any], questionnaire: Mapping[str, Any]) -> bytes:
    """The questionnaire with room to write; as a PDF."""
    report = Report(_printable(round_["title"]), f"{wording.BRAND}: {_printable(round_['title'])}")
    report.lede(
        "To gather answers on paper. They count once they are entered on the web site, where each "
        "section is confirmed and the lead of the site submits."
    )
    if round_["closes_on"]:
        report.paragraph(f"The last day is {wording.day(round_['closes_on'])}.")
    every = {q["id"]: q for section in questionnaire["sections"] for q in section["questions"]}
    for section in questionnaire["sections"]:
        report.heading(_printable(f"{section['id']}. {section['title']}"))
        for question in section["questions"]:
            _ask(report, question, every)
    return bytes(report.output())


def _ask(report: Report, question: Question, every: Mapping[str, Question]) -> None:
    report.heading(_printable(f"{question['number']} {question['text']}"), 1)
    words = [_when(condition, every) for condition in question["conditions"]]
    for text in (*words, question["help"]):
        if text:
            report.paragraph(_printable(text))
    if question["options"]:
        report.bullets([f"{_BOX} {_printable(o['label'])}" for o in question["options"]])
    elif question["kind"] == "grid":
        _grid(report, question, {})
    else:
        report.paragraph(f"{_LINE} {question['unit']}".strip())


def _when(condition: Mapping[str, Any], every: Mapping[str, Question]) -> str:
    asked = every[condition["question"]]
    labels = {option["code"]: option["label"] for option in asked["options"]}
    chosen = " or ".join(f'"{labels[code]}"' for code in condition["any_of"])
    return f"Only with {chosen} at {asked['number']}."


def _grid(report: Report, question: Question, answers: Mapping[str, Any]) -> None:
    """The grid in tables of a few columns, as all of them do not fit across a page."""
    columns = question["columns"]
    for start in range(0, len(columns), _COLUMNS_ACROSS):
        part = columns[start : start + _COLUMNS_ACROSS]
        rows = []
        for row in question["rows"]:
            keys = [f"{question['id']}.{row['code']}.{column['code']}" for column in part]
            if any(key in question["keys"] for key in keys):
                cells = [_cell(question, key, answers) for key in keys]
                rows.append((_printable(row["label"]), *cells))
        if rows:
            headings = ("", *(_printable(column["label"]) for column in part))
            report.table(headings, rows, (40, *([15] * len(part))))


def _cell(question: Question, key: str, answers: Mapping[str, Any]) -> str:
    if key not in question["keys"]:
        return "-"
    value = answers.get(key)
    return "" if value is None else _printable(f"{value:g}" if isinstance(value, float) else value)


def answered(
    round_: Mapping[str, Any],
    questionnaire: Mapping[str, Any],
    answers: Mapping[str, Any],
    site: Mapping[str, Any],
) -> bytes:
    """The answers of a site, submitted or not; as a PDF."""
    title = _printable(round_["title"])
    report = Report(title, f"{wording.BRAND}: {title}")
    state = states.shown(states.ANSWERS, answers["state"]).text
    when = answers["submitted_at"] or answers["updated_at"]
    report.facts(
        [
            ("Site", _printable(f"{site['name']} ({site['code']})")),
            ("State", state),
            ("Last change", wording.moment(when) if when else "none"),
            ("Answered", f"{answers['answered_count']} of {answers['asked_count']} questions"),
        ]
    )
    asked = set(answers["asked"])
    derived: dict[str, list[tuple[str, str]]] = {}
    for each in questionnaire["derived"]:
        if each["id"] in answers["derived"]:
            line = (each["text"], str(answers["derived"][each["id"]]))
            derived.setdefault(each["grid"], []).append(line)
    for section in questionnaire["sections"]:
        questions = [q for q in section["questions"] if q["id"] in asked]
        if not questions:
            continue
        report.heading(_printable(f"{section['id']}. {section['title']}"))
        lines = []
        for question in questions:
            given = "; ".join(given_lines(question, answers["answers"])) or "Not answered"
            name = f"{question['number']} {question['text']}"
            lines.append((_printable(name), _printable(given)))
            lines.extend((_printable(n), _printable(v)) for n, v in derived.get(question["id"], []))
        report.table(("Question", "Answer"), lines, (60, 65))
    if answers["explanations"]:
        report.heading("Explanations")
        report.facts([(c, _printable(w)) for c, w in sorted(answers["explanations"].items())])
    return bytes(report.output())


def _printable(text: Any) -> str:
    """A text with "?" for characters that the fonts of every reader do not have."""
    return str(text).encode("cp1252", "replace").decode("cp1252")
