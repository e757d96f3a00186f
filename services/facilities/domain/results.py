"""What all sites answered, question by question: counts of options, spread of numbers. Pure.

Nothing here is about a patient: a site is an organisation that answers about itself. Free text is
counted and not shown.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.facilities.domain.checking import asked
from services.facilities.domain.deriving import derive
from services.facilities.domain.questions import (
    KINDS_WITH_OPTIONS,
    NUMBERS,
    Answers,
    Kind,
    Question,
    Questionnaire,
)


@dataclass(frozen=True)
class Spread:
    """How numbers lie: least, quartiles, greatest."""

    least: float
    lower: float
    median: float
    upper: float
    greatest: float


@dataclass(frozen=True)
class Line:
    """One line of a question's table: an option, and how many sites chose it."""

    code: str
    label: str
    count: int


@dataclass(frozen=True)
class QuestionResult:
    """One question, or one derived value.

    `asked`: submitted answer sets in which it was asked; `answered`: those that answered it.
    A question with options has `lines` (several answers may add up to more than `answered`),
    one with numbers a `spread` (None while nobody has answered), a text neither.
    """

    id: str
    number: str
    text: str
    kind: str
    unit: str
    asked: int
    answered: int
    lines: tuple[Line, ...] = ()
    spread: Spread | None = None


def results(
    questionnaire: Questionnaire, submitted: Sequence[Answers]
) -> dict[str, list[QuestionResult]]:
    """Return section id -> the results of its questions and derived values, in order.

    Args:
        questionnaire: the round's questionnaire.
        submitted: the submitted answers of the sites to count, one for each site.
    """
    asked_counts: Counter[str] = Counter()
    for answers in submitted:
        asked_counts.update(question.id for question in asked(questionnaire, answers))
    derived = [derive(questionnaire, answers) for answers in submitted]
    found: dict[str, list[QuestionResult]] = {}
    for section in questionnaire.sections:
        found[section.id] = [
            _result(question, submitted, asked_counts[question.id])
            for question in section.questions
            if question.kind is not Kind.GRID
        ]
        grids = {question.id for question in section.questions if question.kind is Kind.GRID}
        for each in questionnaire.derived:
            if each.grid in grids:
                values = [d[each.id] for d in derived if each.id in d]
                count = asked_counts[each.grid]
                found[section.id].append(
                    _derived_result(each.id, each.number, each.text, values, count)
                )
    return found


def _result(question: Question, submitted: Sequence[Answers], count: int) -> QuestionResult:
    values = [answers[question.id] for answers in submitted if question.id in answers]
    lines: tuple[Line, ...] = ()
    if question.kind in KINDS_WITH_OPTIONS:
        chosen = Counter(
            code for value in values for code in (value if isinstance(value, list) else [value])
        )
        lines = tuple(Line(o.code, o.label, chosen[o.code]) for o in question.options)
    spread = spread_of(values) if question.kind in NUMBERS else None
    return QuestionResult(
        question.id,
        question.number,
        question.text,
        question.kind,
        question.unit,
        count,
        len(values),
        lines,
        spread,
    )


def _derived_result(
    derived_id: str, number: str, text: str, values: Sequence[float | str], count: int
) -> QuestionResult:
    labels = Counter(value for value in values if isinstance(value, str))
    lines = tuple(Line(label, label, labels[label]) for label in sorted(labels))
    numbers = [value for value in values if not isinstance(value, str)]
    kind = "label" if lines else "decimal"
    return QuestionResult(
        derived_id, number, text, kind, "", count, len(values), lines, spread_of(numbers)
    )


def spread_of(numbers: Iterable[float]) -> Spread | None:
    """Return least, quartiles (inclusive method) and greatest; None of nothing.

    >>> spread_of([1, 2, 3, 4])
    Spread(least=1, lower=1.75, median=2.5, upper=3.25, greatest=4)
    """
    values = sorted(numbers)
    if not values:
        return None
    if len(values) == 1:
        return Spread(*(values * 5))
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(values[0], lower, median, upper, values[-1])
