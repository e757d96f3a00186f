"""The data of a round as two files: one line a site, and what each column means.

As the audit's published files are made (domain dossier 5.3): a file of data, and one of definitions
that lists position, field and description. Answers are labels; several are joined by ";".
What is about a person is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.facilities.domain.deriving import derive
from services.facilities.domain.questions import (
    KINDS_WITH_OPTIONS,
    Answers,
    Kind,
    Question,
    Questionnaire,
)

SITE_COLUMNS = (
    ("site_code", "Code of the site"),
    ("site_name", "Name of the site"),
    ("kind", "Kind of site"),
    ("nation", "Nation"),
    ("region", "Integrated care board or health board"),
    ("submitted_on", "Day of submission, year-month-day"),
)
DEFINITION_HEADINGS = ("position", "field", "question", "description", "answers", "unit")

_KINDS = {
    Kind.TEXT: "Text",
    Kind.TEXTAREA: "Text",
    Kind.INTEGER: "Whole number",
    Kind.DECIMAL: "Number",
    Kind.GRID: "Number",
    Kind.MONTH: "Month, as year-month",
}


def _exported(questionnaire: Questionnaire) -> list[Question]:
    return [question for question in questionnaire.questions if not question.is_personal]


def headings(questionnaire: Questionnaire) -> list[str]:
    """Return the headings of the data file: about the site, one for each key, derived values."""
    keys = [key for question in _exported(questionnaire) for key in question.keys]
    return [
        *(name for name, _ in SITE_COLUMNS),
        *keys,
        *(each.id for each in questionnaire.derived),
    ]


def data_rows(
    questionnaire: Questionnaire, sites: Iterable[tuple[Mapping[str, Any], Answers]]
) -> Iterator[list[Any]]:
    """Go through the lines of the data file.

    Args:
        questionnaire: the round's questionnaire.
        sites: for each submitted site its own columns (`SITE_COLUMNS`) and submitted answers.
    """
    questions = _exported(questionnaire)
    for site, answers in sites:
        derived = derive(questionnaire, answers)
        yield [
            *(site[name] for name, _ in SITE_COLUMNS),
            *(_cell(question, answers.get(key)) for question in questions for key in question.keys),
            *(derived.get(each.id, "") for each in questionnaire.derived),
        ]


def _cell(question: Question, value: Any) -> Any:
    if value is None:
        return ""
    if question.kind not in KINDS_WITH_OPTIONS:
        return value
    labels = {option.code: option.label for option in question.options}
    codes: Sequence[str] = value if isinstance(value, list) else [value]
    return ";".join(labels[code].replace(";", ",") for code in codes)


def definition_rows(questionnaire: Questionnaire) -> Iterator[list[Any]]:
    """Go through the lines of the definitions file, one for each column of the data file."""
    position = 0
    for name, words in SITE_COLUMNS:
        position += 1
        yield [position, name, "", words, "", ""]
    for question in _exported(questionnaire):
        for key in question.keys:
            position += 1
            cell = question.cells.get(key)
            where = f" {cell.row.label}, {cell.column.label}" if cell else ""
            yield [position, key, question.number, f"{question.text}{where}", *_answers(question)]
    for each in questionnaire.derived:
        position += 1
        yield [position, each.id, each.number, f"{each.text}, worked out from {each.grid}", "", ""]


def _answers(question: Question) -> tuple[str, str]:
    if question.options:
        return "; ".join(option.label for option in question.options), question.unit
    return _KINDS[question.kind], question.unit or (
        "whole-time equivalents" if question.cells else ""
    )
