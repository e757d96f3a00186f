"""Refuses questionnaires that contradict themselves, with a sentence that names the fault.

Conditions may look only at earlier questions, so they can form no loop; each condition is followed
back to the questions that it rests on, and one that can never hold is refused: the question behind
it would be dead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.facilities.domain.questions import Condition, Question, Questionnaire

_ID = re.compile(r"[A-Z][A-Za-z0-9_]{0,39}")
_CODE = re.compile(r"[A-Za-z0-9_]{1,30}")

MEASURES = frozenset(
    {"records", "hip", "spine", "dxa_done", "falls_assessed", "followed_up_16", "followed_up_52"}
)
"""What records counts for each month of diagnosis (`records.site_counts_changed.v1`)."""

FACTS = frozenset({"", "organisation_code", "has_fls"})
"""What the audit knows about a site and can propose as an answer."""

Possible = dict[str, frozenset[str]]
"""Question id -> the options it must have one of."""


class BadQuestionnaire(ValueError):
    """A questionnaire that contradicts itself; the message names the question and the fault."""


def refuse_contradictions(questionnaire: Questionnaire) -> None:
    """Go through the whole questionnaire.

    Raises:
        BadQuestionnaire: two sections, questions, options, rows or codes share a name; kind and
            options or cells disagree; a condition names something other than an earlier question
            and its options; a question or check can never hold; a derived value, check or
            comparison names what is not there.
    """
    _refuse_twice([section.id for section in questionnaire.sections], "Section")
    earlier: dict[str, Question] = {}
    rests_on: dict[str, Possible] = {}
    for question in questionnaire.questions:
        if question.id in earlier:
            raise BadQuestionnaire(f"{question.id} occurs twice.")
        _check_question(question)
        rests_on[question.id] = _follow(question.id, question.when, earlier, rests_on, {})
        _follow(question.id, question.required_when, earlier, rests_on, rests_on[question.id])
        earlier[question.id] = question
    _check_derived(questionnaire, earlier)
    _check_checks(questionnaire, earlier, rests_on)
    _check_comparisons(questionnaire, earlier, rests_on)


def _refuse_twice(names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadQuestionnaire(f"{what} {name} occurs twice.")
        seen.add(name)


def _check_question(question: Question) -> None:
    if not _ID.fullmatch(question.id):
        raise BadQuestionnaire(f"{question.id!r} is no id: a capital, letters, digits, _.")
    if bool(question.options) != (question.kind in ("single", "multi")):
        raise BadQuestionnaire(f"{question.id} is {question.kind} with {question.codes} options.")
    if len(set(question.codes)) != len(question.codes):
        raise BadQuestionnaire(f"{question.id} has two options of one code.")
    if question.kind == "grid":
        _check_grid(question)
    elif question.rows or question.columns:
        raise BadQuestionnaire(f"{question.id} is {question.kind} with rows or columns.")
    if question.minimum > question.maximum:
        raise BadQuestionnaire(f"{question.id} has a minimum above its maximum.")
    if question.prefill not in FACTS:
        raise BadQuestionnaire(f"{question.id} asks for the unknown fact {question.prefill!r}.")


def _check_grid(question: Question) -> None:
    columns = [column.code for column in question.columns]
    rows = [row.code for row in question.rows]
    _refuse_twice(columns, f"{question.id}: column")
    _refuse_twice(rows, f"{question.id}: row")
    if not question.cells:
        raise BadQuestionnaire(f"{question.id} is a grid without cells.")
    if bad := [code for code in columns + rows if not _CODE.fullmatch(code)]:
        raise BadQuestionnaire(f"{question.id} has the codes {bad}: letters, digits and _ only.")
    for row in question.rows:
        if unknown := set(row.columns) - set(columns):
            raise BadQuestionnaire(
                f"{question.id}: row {row.code} names no column {sorted(unknown)}."
            )


def _follow(
    who: str,
    conditions: Iterable[Condition],
    earlier: Mapping[str, Question],
    rests_on: Mapping[str, Possible],
    already: Possible,
) -> Possible:
    """What must be answered for all of these to hold; refused when nothing can be."""
    possible = dict(already)
    for condition in conditions:
        other = earlier.get(condition.question)
        if other is None:
            raise BadQuestionnaire(
                f"{who} depends on {condition.question}, which is no earlier question."
            )
        unknown = set(condition.any_of) - set(other.codes)
        if unknown or not condition.any_of:
            raise BadQuestionnaire(
                f"{who} depends on options {sorted(unknown)} that {other.id} does not have."
            )
        wanted = {**rests_on[other.id], other.id: frozenset(condition.any_of)}
        for name, codes in wanted.items():
            # Of a question with several answers each condition can have its own.
            both = codes if earlier[name].kind == "multi" else possible.get(name, codes) & codes
            if not both:
                raise BadQuestionnaire(f"{who} can never hold: no answer to {name} leads to it.")
            possible[name] = both
    return possible


def _check_derived(questionnaire: Questionnaire, questions: Mapping[str, Question]) -> None:
    _refuse_twice([*(each.id for each in questionnaire.derived), *questions], "Value")
    for each in questionnaire.derived:
        grid = questions.get(each.grid)
        if grid is None or grid.kind != "grid":
            raise BadQuestionnaire(f"{each.id} follows from {each.grid}, which is no grid.")
        if unknown := set(each.rows) - {row.code for row in grid.rows}:
            raise BadQuestionnaire(f"{each.id} names no row {sorted(unknown)} of {each.grid}.")


def _check_checks(
    questionnaire: Questionnaire,
    questions: Mapping[str, Question],
    rests_on: Mapping[str, Possible],
) -> None:
    _refuse_twice([each.code for each in questionnaire.checks], "Check")
    for check in questionnaire.checks:
        base = _base(check.code, check.question, questions, rests_on)
        _follow(check.code, check.all_of, questions, rests_on, base)
        for condition in check.none_of:
            _follow(check.code, (condition,), questions, rests_on, {})
        if not (check.all_of or check.larger or check.nobody_in):
            raise BadQuestionnaire(f"{check.code} asks nothing.")
        if check.level not in ("warning", "error"):
            raise BadQuestionnaire(f"{check.code} has the unknown level {check.level!r}.")
        for name in check.larger or ():
            if name not in questions or questions[name].kind not in ("integer", "decimal"):
                raise BadQuestionnaire(f"{check.code} compares {name}, which is no number.")
        if check.nobody_in and getattr(questions.get(check.nobody_in), "kind", "") != "grid":
            raise BadQuestionnaire(f"{check.code} adds up {check.nobody_in}, which is no grid.")


def _check_comparisons(
    questionnaire: Questionnaire,
    questions: Mapping[str, Question],
    rests_on: Mapping[str, Possible],
) -> None:
    _refuse_twice([each.code for each in questionnaire.comparisons], "Comparison")
    for each in questionnaire.comparisons:
        base = _base(each.code, each.question, questions, rests_on)
        _follow(each.code, each.all_of, questions, rests_on, base)
        if each.measure not in MEASURES:
            raise BadQuestionnaire(f"{each.code} counts the unknown {each.measure!r}.")
        if each.months[0] < each.months[1] or each.months[1] < 0:
            raise BadQuestionnaire(f"{each.code} looks at no month: the older comes first.")
        if (each.below is None) == (each.above is None):
            raise BadQuestionnaire(f"{each.code} needs a share, either below or above.")


def _base(
    who: str, about: str, questions: Mapping[str, Question], rests_on: Mapping[str, Possible]
) -> Possible:
    if about not in questions:
        raise BadQuestionnaire(f"{who} speaks of {about}, which is no question.")
    return dict(rests_on[about])
