"""Says which questions are asked, and lists what is missing, wrong, odd or contradictory.

Pure: answers in, findings out. Only an answer set without errors can be submitted, and answers to
questions that are not asked never are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.facilities.domain.comparing import Counts, contradictions
from services.facilities.domain.deriving import total_of
from services.facilities.domain.privacy import TAKE_IT_OUT, holds_nhs_number
from services.facilities.domain.questions import (
    EXPLANATION,
    NUMBERS,
    Answers,
    Check,
    Condition,
    Kind,
    Question,
    Questionnaire,
)
from services.facilities.domain.reading import Unreadable, read_value, sentence

_FREE_TEXT = frozenset({Kind.TEXT, Kind.TEXTAREA})
LEAST_WORDS = 10
"""Characters that an explanation must have to be one."""


@dataclass(frozen=True)
class Finding:
    """Something about one answer: to mend (`error`), to look at again (`warning`), or to explain.

    `question` is the question's id, `key` that of the answer: in a grid the cell's.
    `contradiction` is what the patient audit says otherwise: the answer has to change, or be
    explained under the key `why.<code>`; once explained it is `explained`.
    """

    question: str
    code: str
    level: str
    message: str
    key: str


@dataclass(frozen=True)
class Known:
    """What is known beside the answers: the day in London, and the site's records, if told."""

    today: date
    counts: Counts | None = None


def asked(questionnaire: Questionnaire, answers: Answers) -> list[Question]:
    """Return the questions that these answers lead to, in order.

    A condition looks only at answers of questions that are asked themselves: an answer left behind
    a changed mind opens nothing.
    """
    questions: list[Question] = []
    seen: Answers = {}
    for question in questionnaire.questions:
        if all(condition.holds(seen) for condition in question.when):
            questions.append(question)
            if question.id in answers:
                seen[question.id] = answers[question.id]
    return questions


def visible_answers(questionnaire: Questionnaire, answers: Answers) -> Answers:
    """Return the answers of the questions that are asked, and no others: the set to submit."""
    return {
        key: answers[key]
        for question in asked(questionnaire, answers)
        for key in question.keys
        if key in answers
    }


def is_answered(question: Question, answers: Answers) -> bool:
    """Say whether a question has an answer; a grid has one if any cell does."""
    return any(key in answers for key in question.keys)


def check(
    questionnaire: Questionnaire, answers: Answers, known: Known, proposed: Answers | None = None
) -> list[Finding]:
    """Return everything to mend, to look at or to explain, in the order of the questions.

    Args:
        questionnaire: the round's questionnaire.
        answers: as stored, explanations included. Those of questions that are not asked are not
            looked at.
        known: what is known beside the answers.
        proposed: answers that somebody has still to confirm; they decide what is asked, and each
            is an error `to_confirm`.

    Returns:
        Findings; none of level `error` or `contradiction` means that they can be submitted.
    """
    proposed = proposed or {}
    questions = asked(questionnaire, {**proposed, **answers})
    shown = {key: answers[key] for q in questions for key in q.keys if key in answers}
    found: list[Finding] = []
    for question in questions:
        found.extend(_check_question(question, shown, known.today, proposed))
    found.extend(_check_together(questionnaire, shown, {question.id for question in questions}))
    found.extend(_compare(questionnaire, shown, answers, known))
    places = {question.id: place for place, question in enumerate(questions)}
    return sorted(found, key=lambda finding: places[finding.question])


def is_required(question: Question, answers: Answers) -> bool:
    """Say whether this question, being asked, must have an answer."""
    return question.required and all(each.holds(answers) for each in question.required_when)


def stands_in_the_way(finding: Finding) -> bool:
    """Say whether nothing can be submitted while this is found."""
    return finding.level in ("error", "contradiction")


def has_errors(findings: Iterable[Finding]) -> bool:
    """Say whether any finding stands in the way of submitting."""
    return any(stands_in_the_way(finding) for finding in findings)


def errors_by_key(findings: Iterable[Finding]) -> dict[str, list[str]]:
    """Return key of an answer -> messages, of what stands in the way."""
    errors: dict[str, list[str]] = {}
    for finding in findings:
        if stands_in_the_way(finding):
            errors.setdefault(finding.key, []).append(finding.message)
    return errors


def _check_question(
    question: Question, shown: Answers, today: date, proposed: Answers
) -> Iterator[Finding]:
    if any(key in proposed and key not in shown for key in question.keys):
        message = f"Confirm or change {question.phrase}: it is only proposed so far."
        yield Finding(question.id, "to_confirm", "error", message, question.keys[0])
    elif not is_answered(question, shown):
        if is_required(question, shown):
            yield _missing(question)
        return
    for key in question.keys:
        if key in shown:
            finding = _check_one(question, key, shown[key], today)
            if finding:
                yield finding


def _check_one(question: Question, key: str, value: object, today: date) -> Finding | None:
    try:
        read = read_value(question, value)
    except Unreadable as problem:
        message = f"{_cell_words(question, key)}{problem.message}"
        return Finding(question.id, problem.code, "error", message, key)
    if question.kind in _FREE_TEXT and holds_nhs_number(read):
        return Finding(question.id, "patient_number", "error", TAKE_IT_OUT, key)
    if question.kind is Kind.MONTH and read > today.strftime("%Y-%m"):
        message = f"{sentence(question.phrase)} lies in the future. That is right only for a plan."
        return Finding(question.id, "in_future", "warning", message, key)
    if question.kind in NUMBERS or question.kind is Kind.GRID:
        return _check_size(question, key, read)
    return None


def _check_size(question: Question, key: str, number: float) -> Finding | None:
    where = _cell_words(question, key)
    if not question.minimum <= number <= question.maximum:
        limits = f"between {question.minimum:,} and {question.maximum:,}"
        message = f"{where}{sentence(question.phrase)} must be {limits}."
        return Finding(question.id, "out_of_range", "error", message, key)
    low, high = question.usual_minimum, question.usual_maximum
    if (low is not None and number < low) or (high is not None and number > high):
        message = f"{where}{number:,} is unusual for {question.phrase}. Check that it is right."
        return Finding(question.id, "unusual", "warning", message, key)
    return None


def _cell_words(question: Question, key: str) -> str:
    cell = question.cells.get(key) if question.kind is Kind.GRID else None
    return f"{cell.row.label}, {cell.column.label}: " if cell else ""


def _missing(question: Question) -> Finding:
    verb = "Select" if question.options else "Enter"
    message = f"{verb} {question.phrase}."
    if question.kind is Kind.GRID:
        message = f"Enter {question.phrase}; if there are none, a 0 in any box."
    return Finding(question.id, "missing", "error", message, question.keys[0])


def _check_together(
    questionnaire: Questionnaire, shown: Answers, questions: set[str]
) -> Iterator[Finding]:
    for each in questionnaire.checks:
        if each.question in questions and _goes_wrong(each, questionnaire, shown):
            key = questionnaire.by_id[each.question].keys[0]
            yield Finding(each.question, each.code, each.level, each.message, key)


def _goes_wrong(each: Check, questionnaire: Questionnaire, shown: Answers) -> bool:
    if not _all_hold(each.all_of, shown) or any(one.holds(shown) for one in each.none_of):
        return False
    if each.larger and not _is_larger(*(shown.get(name) for name in each.larger)):
        return False
    if each.nobody_in:
        grid = questionnaire.by_id[each.nobody_in]
        return is_answered(grid, shown) and total_of(grid, shown) == 0
    return True


def _compare(
    questionnaire: Questionnaire, shown: Answers, answers: Answers, known: Known
) -> Iterator[Finding]:
    if known.counts is None:
        return
    for each, message in contradictions(questionnaire, shown, known.counts, known.today):
        words = str(answers.get(f"{EXPLANATION}{each.code}", ""))
        explained = len(words) >= LEAST_WORDS and not holds_nhs_number(words)
        if holds_nhs_number(words):
            message = f"{message} {TAKE_IT_OUT}"
        key = questionnaire.by_id[each.question].keys[0]
        level = "explained" if explained else "contradiction"
        yield Finding(each.question, each.code, level, message, key)


def _all_hold(conditions: tuple[Condition, ...], answers: Answers) -> bool:
    return all(condition.holds(answers) for condition in conditions)


def _is_larger(one: Any, other: Any) -> bool:
    are_numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return are_numbers and one > other
