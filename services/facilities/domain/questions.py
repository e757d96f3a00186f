"""What a questionnaire is made of: sections, questions, options and conditions.

A questionnaire is data (see `questionnaire.py`); this module says which data make sense. A
questionnaire that contradicts itself is refused as it is built, with a sentence that names the
fault, so a round can never be opened with one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Answers = dict[str, Any]
"""Question id -> wire value: str, int, or list of option codes. A missing id is unanswered."""


class BadQuestionnaire(ValueError):
    """A questionnaire that contradicts itself; the message names the question and the fault."""


class Kind(StrEnum):
    """How a question is answered, and so which wire value its answer has."""

    TEXT = "text"  # str, one line
    TEXTAREA = "textarea"  # str, several lines
    SINGLE = "single"  # str: the code of one option
    MULTI = "multi"  # list of str: codes in the order of the options
    INTEGER = "integer"  # int
    MONTH = "month"  # str: YYYY-MM
    EMAIL = "email"  # str
    PHONE = "phone"  # str


KINDS_WITH_OPTIONS = frozenset({Kind.SINGLE, Kind.MULTI})


@dataclass(frozen=True)
class Option:
    """One choice of a question. `alone`: it cannot be chosen together with others."""

    code: str
    label: str
    hint: str = ""
    alone: bool = False


@dataclass(frozen=True)
class Condition:
    """True when an earlier question has one of these answers, and is itself asked."""

    question: str
    any_of: tuple[str, ...]

    def holds(self, answers: Answers) -> bool:
        """Say whether the answers (of questions that are asked) fulfil this condition."""
        answer = answers.get(self.question)
        chosen = answer if isinstance(answer, list) else [answer]
        return any(code in self.any_of for code in chosen)


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        id: the key of the answer; never changes its meaning between questionnaires.
        number: what people see beside the text; several questions may share one (A9).
        phrase: continues "Enter ..." or "Select ..." in messages.
        when: asked only when this holds; None is always asked.
        required_when: with `required`, narrows it: needed only when this holds as well.
        minimum, maximum: hard limits of an integer, both included.
        usual_minimum, usual_maximum: outside them the answer is kept and questioned.
        prefill: the fact of the site that is offered as an answer, see `checking.suggestions`.
        autocomplete: the HTML autocomplete token of the field, if there is one.
    """

    id: str
    number: str
    text: str
    phrase: str
    kind: Kind
    help: str = ""
    options: tuple[Option, ...] = ()
    when: Condition | None = None
    required: bool = True
    required_when: Condition | None = None
    max_length: int = 200
    minimum: int = 0
    maximum: int = 999_999_999
    usual_minimum: int | None = None
    usual_maximum: int | None = None
    unit: str = ""
    prefill: str = ""
    autocomplete: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the option codes in order; empty where the question has no options."""
        return tuple(option.code for option in self.options)


@dataclass(frozen=True)
class Section:
    """Questions that are answered together on one page."""

    id: str
    title: str
    intro: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Questionnaire:
    """A whole questionnaire. Its id names a text that never changes once a round has used it."""

    id: str
    title: str
    sections: tuple[Section, ...]

    def __post_init__(self) -> None:
        """Refuse a questionnaire that contradicts itself.

        Raises:
            BadQuestionnaire: two questions share an id, options and kind disagree, or a condition
                names something other than an earlier question and its options. (As conditions look
                only backwards, they can form no loop.)
        """
        earlier: dict[str, Question] = {}
        for question in self:
            if question.id in earlier:
                raise BadQuestionnaire(f"{question.id} occurs twice.")
            _check_options(question)
            for condition in (question.when, question.required_when):
                _check_condition(question, condition, earlier)
            earlier[question.id] = question

    def __iter__(self) -> Iterator[Question]:
        """Go through all questions in the order in which they are asked."""
        for section in self.sections:
            yield from section.questions

    def find(self, question_id: str) -> Question | None:
        """Return the question of this id, or None."""
        return next((question for question in self if question.id == question_id), None)


def _check_options(question: Question) -> None:
    if bool(question.options) != (question.kind in KINDS_WITH_OPTIONS):
        raise BadQuestionnaire(f"{question.id} is {question.kind} with {question.codes} options.")
    if len(set(question.codes)) != len(question.codes):
        raise BadQuestionnaire(f"{question.id} has two options of one code.")


def _check_condition(
    question: Question, condition: Condition | None, earlier: dict[str, Question]
) -> None:
    if condition is None:
        return
    other = earlier.get(condition.question)
    if other is None:
        raise BadQuestionnaire(
            f"{question.id} depends on {condition.question}, which is no earlier question."
        )
    unknown = set(condition.any_of) - set(other.codes)
    if unknown or not condition.any_of:
        raise BadQuestionnaire(
            f"{question.id} depends on options {sorted(unknown)} that {other.id} does not have."
        )
