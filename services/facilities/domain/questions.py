"""What a questionnaire is made of: sections, questions, grids, conditions, checks, derived values.

A questionnaire is data (see `questionnaires/`); `soundness.py` says which data make sense, and a
questionnaire that contradicts itself is refused as it is built, with a sentence that names the
fault, so a round can never be opened with one.

An answer has a *key*. A question's key is its id; a grid has a key for each of its cells, such as
`B2.nurse.6`, so that two people can fill in two cells of one grid at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from services.facilities.domain.soundness import refuse_contradictions

Answers = dict[str, Any]
"""Key -> wire value: str, int, float, or list of option codes. A missing key is unanswered."""

EXPLANATION = "why."
"""Begins the keys of explanations: `why.P01` explains what comparison P01 found."""


class Kind(StrEnum):
    """How a question is answered, and so which wire value its answer has."""

    TEXT = "text"  # str, one line
    TEXTAREA = "textarea"  # str, several lines
    SINGLE = "single"  # str: the code of one option
    MULTI = "multi"  # list of str: codes in the order of the options
    INTEGER = "integer"  # int
    DECIMAL = "decimal"  # float, at most two decimal places
    GRID = "grid"  # each cell a decimal with a key of its own
    MONTH = "month"  # str: YYYY-MM
    EMAIL = "email"  # str
    PHONE = "phone"  # str


KINDS_WITH_OPTIONS = frozenset({Kind.SINGLE, Kind.MULTI})
NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL})


@dataclass(frozen=True)
class Option:
    """One choice of a question. `alone`: it cannot be chosen together with others."""

    code: str
    label: str
    hint: str = ""
    alone: bool = False


@dataclass(frozen=True)
class Row:
    """One row of a grid. `columns`: the codes of the columns that it has a cell in; empty: all."""

    code: str
    label: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column of a grid."""

    code: str
    label: str


class Cell(NamedTuple):
    """One cell of a grid."""

    row: Row
    column: Column


@dataclass(frozen=True)
class Condition:
    """True when an earlier question has one of these answers, and is itself asked."""

    question: str
    any_of: tuple[str, ...]

    def holds(self, answers: Answers) -> bool:
        """Say whether the answers (of questions that are asked) fulfil this condition."""
        answer = answers.get(self.question)
        if isinstance(answer, list):
            return any(code in self.any_of for code in answer)
        return answer in self.any_of


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        id: the key of the answer; never changes its meaning between questionnaires.
        number: what people see beside the text; several questions may share one (A9).
        phrase: continues "Enter ..." or "Select ..." in messages.
        when: asked only when all of these hold; none: always asked.
        required_when: with `required`, narrows it: needed only when all of these hold as well.
        minimum, maximum: hard limits of a number, or of a grid's cell, both included.
        usual_minimum, usual_maximum: outside them the answer is kept and questioned.
        prefill: the fact of the site that is proposed as an answer, see `proposing.py`.
        autocomplete: the HTML autocomplete token of the field, if there is one.
        is_personal: about a person; never part of a download.
    """

    id: str
    number: str
    text: str
    phrase: str
    kind: Kind
    help: str = ""
    options: tuple[Option, ...] = ()
    rows: tuple[Row, ...] = ()
    columns: tuple[Column, ...] = ()
    when: tuple[Condition, ...] = ()
    required: bool = True
    required_when: tuple[Condition, ...] = ()
    max_length: int = 200
    minimum: int = 0
    maximum: int = 999_999_999
    usual_minimum: int | None = None
    usual_maximum: int | None = None
    unit: str = ""
    prefill: str = ""
    autocomplete: str = ""
    is_personal: bool = False

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The option codes in order; empty where the question has no options."""
        return tuple(option.code for option in self.options)

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """Key -> cell, row by row; empty for all but grids."""
        return {
            f"{self.id}.{row.code}.{column.code}": Cell(row, column)
            for row in self.rows
            for column in self.columns
            if not row.columns or column.code in row.columns
        }

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys of the answer: the question's id, or those of a grid's cells."""
        return tuple(self.cells) if self.kind is Kind.GRID else (self.id,)


class Rule(StrEnum):
    """How a derived value is worked out from a grid."""

    TOTAL = "total"  # the sum of the named rows' cells, 0.0 where none is filled in
    HIGHEST = "highest"  # the label of the last column in which a named row has more than 0


@dataclass(frozen=True)
class Derived:
    """A value that follows from a grid and is never typed. `rows`: which of its rows; empty: all.

    `number` and `text` are what people see; `id` is its column in the data.
    """

    id: str
    number: str
    text: str
    grid: str
    rule: Rule
    rows: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class Check:
    """Something that does not go together.

    Holds, and so is a finding at `question`, when all of `all_of` hold, none of `none_of` does and,
    if they are named, the number `larger[0]` is larger than `larger[1]`, and the total of the grid
    `nobody_in` is 0.
    """

    code: str
    question: str
    message: str
    level: str = "warning"
    all_of: tuple[Condition, ...] = ()
    none_of: tuple[Condition, ...] = ()
    larger: tuple[str, str] | None = None
    nobody_in: str = ""


@dataclass(frozen=True)
class Comparison:
    """An answer held against the patient audit's counts.

    Contradicts when all of `all_of` hold and, of the records diagnosed between `months` (oldest and
    newest, in whole months ago), at least `fewest` are there and the share that counts in
    `measure` is below `below` (0 to 1); or, if `above` is named, above it. `fewest` 0 with `below`
    speaks of sites that sent nothing at all. `message` may name {records} and {counted}.
    """

    code: str
    question: str
    message: str
    all_of: tuple[Condition, ...]
    measure: str
    months: tuple[int, int]
    below: float | None = None
    above: float | None = None
    fewest: int = 10


@dataclass(frozen=True)
class Section:
    """Questions that are answered together on one page, and confirmed together."""

    id: str
    title: str
    intro: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Questionnaire:
    """A whole questionnaire. Its id names a text that never changes once a round has used it.

    `series`: the yearly facilities audit, or an extra one; answers carry over within a series.
    `is_retired`: rounds that have used it go on, and no new one can be opened with it.
    """

    id: str
    title: str
    sections: tuple[Section, ...]
    derived: tuple[Derived, ...] = ()
    checks: tuple[Check, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    series: str = "facilities"
    is_retired: bool = False
    questions: tuple[Question, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse a questionnaire that contradicts itself.

        Raises:
            BadQuestionnaire: see `soundness.refuse_contradictions`.
        """
        questions = tuple(each for section in self.sections for each in section.questions)
        object.__setattr__(self, "questions", questions)
        refuse_contradictions(self)

    def __iter__(self) -> Iterator[Question]:
        """Go through all questions in the order in which they are asked."""
        return iter(self.questions)

    @cached_property
    def by_key(self) -> dict[str, Question]:
        """Key -> the question that it answers, cells of grids included."""
        return {key: question for question in self.questions for key in question.keys}

    @cached_property
    def by_id(self) -> dict[str, Question]:
        """Id -> question."""
        return {question.id: question for question in self.questions}

    @cached_property
    def section_of(self) -> dict[str, str]:
        """Question id -> id of its section."""
        return {each.id: section.id for section in self.sections for each in section.questions}

    @cached_property
    def explanation_keys(self) -> frozenset[str]:
        """The keys under which contradictions can be explained."""
        return frozenset(f"{EXPLANATION}{each.code}" for each in self.comparisons)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that it says, hex: tells whether a text has been changed."""
        said = _said(self)
        said.pop("is_retired", None)
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    def find(self, question_id: str) -> Question | None:
        """Return the question of this id, or None."""
        return self.by_id.get(question_id)

    def find_section(self, section_id: str) -> Section | None:
        """Return the section of this id, or None."""
        return next((section for section in self.sections if section.id == section_id), None)


def _said(part: Any) -> Any:
    """Everything that is not as it is by default: new attributes change no older digest."""
    if isinstance(part, tuple):
        return [_said(each) for each in part]
    if not hasattr(part, "__dataclass_fields__"):
        return part
    values = {each.name: getattr(part, each.name) for each in fields(part) if each.init}
    defaults = {each.name: each.default for each in fields(part)}
    return {name: _said(value) for name, value in values.items() if value != defaults[name]}
