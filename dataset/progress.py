"""How far a record is: what each section still lacks, and when its follow-ups are due.

Sections 1 to 5 are complete or not whatever the day; 6 and 7 wait for their windows. "Don't know"
is an answer here. Which fields a section waits for is data (`NEEDS`), so that SQL can be written
from it: a section is complete if every need holds,

    condition is not true  OR  the field is answered

where "answered" is not null, and for the postcode that `outward_postcode` is not null.

Source: domain notes 1.2 (column Req), 1.8 (windows) and 1.10 (section states, due and overdue).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from dataset.conditions import AnswerIn, AnyOf, Condition, Given
from dataset.derived import follow_up_dates, outward_postcode
from dataset.field import Field
from dataset.fields import SECTIONS, fields_of_section
from dataset.values import Record, is_blank

SectionState = Literal["not_due", "incomplete", "complete"]
FollowUpState = Literal["not_due", "due", "overdue", "done", "not_needed"]
Which = Literal[1, 2]

COUNTED_SECTIONS: tuple[int, ...] = tuple(section for section in SECTIONS if section > 0)
"""Sections that have a state: all but the columns of service and record."""


class Need(NamedTuple):
    """A field that a section waits for, while a condition holds (None: always)."""

    field: Field
    condition: Condition | None


NEEDS: dict[int, tuple[Need, ...]] = {
    section: tuple(
        Need(field, field.asked_if) for field in fields_of_section(section) if field.is_needed
    )
    for section in COUNTED_SECTIONS
}
"""Section -> what it waits for, in template order."""

DONE_KEY: dict[Which, str] = {1: "fu16_done", 2: "fu52_done"}
"""The question that says whether a follow-up took place; any answer ends the waiting."""
NOT_NEEDED_IF: dict[Which, Condition] = {
    1: Given("date_of_death"),
    2: AnyOf((Given("date_of_death"), AnswerIn("fu16_done", ("2",)))),
}
"""When nobody waits for a follow-up any more: the patient has died."""
_FOLLOW_UP_OF_SECTION: dict[int, Which] = {6: 1, 7: 2}


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Where a follow-up stands.

    Args:
        due_on: first day of its window; None if the date of diagnosis is not known.
        until: last day of its window; overdue from the next day on.
    """

    state: FollowUpState
    due_on: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a record is.

    Args:
        states: section (1 to 7) -> its state.
        missing: section -> what it needs and lacks, also where it is not due.
        answered: how many of the needed questions have an answer.
        needed: how many questions the sections that are due need.
    """

    states: dict[int, SectionState]
    missing: dict[int, list[Field]]
    answered: int
    needed: int

    @property
    def is_complete(self) -> bool:
        """Whether nothing that is due is missing."""
        return "incomplete" not in self.states.values()


def is_answered(field: Field, record: Record) -> bool:
    """Whether a field counts as answered: a postcode only if it has an outward part."""
    value = record.get(field.key)
    if field.kind == "postcode":
        return isinstance(value, str) and outward_postcode(value) is not None
    return not is_blank(value)


def needed_fields(section: int, record: Record) -> list[Field]:
    """The fields that a section of this record waits for, answered or not, in template order."""
    return [
        field for field, condition in NEEDS[section] if condition is None or condition.holds(record)
    ]


def missing_fields(section: int, record: Record) -> list[Field]:
    """The needed fields of a section without an answer, in template order; empty if complete."""
    return [field for field in needed_fields(section, record) if not is_answered(field, record)]


def section_state(section: int, record: Record, *, today: date) -> SectionState:
    """The state of a section (1 to 7).

    A follow-up without any answer is not due before its window, and no longer once the patient
    has died. Whether a section is complete does not depend on today.
    """
    return _section_state(section, record, missing_fields(section, record), today)


def _section_state(
    section: int, record: Record, missing: Sequence[Field], today: date
) -> SectionState:
    if not missing:
        return "complete"
    which = _FOLLOW_UP_OF_SECTION.get(section)
    if which is None or any(not is_blank(record.get(f.key)) for f in fields_of_section(section)):
        return "incomplete"
    waits = follow_up(which, record, today=today).state in ("due", "overdue")
    return "incomplete" if waits else "not_due"


def progress(record: Record, *, today: date) -> Progress:
    """The states of all sections, and how many of the questions needed by now are answered."""
    states: dict[int, SectionState] = {}
    missing: dict[int, list[Field]] = {}
    answered, needed = 0, 0
    for section in COUNTED_SECTIONS:
        fields = needed_fields(section, record)
        lacks = missing[section] = [field for field in fields if not is_answered(field, record)]
        states[section] = _section_state(section, record, lacks, today)
        if states[section] != "not_due":
            needed += len(fields)
            answered += len(fields) - len(lacks)
    return Progress(states, missing, answered, needed)


def follow_up(which: Which, record: Record, *, today: date) -> FollowUp:
    """Where a follow-up stands: 1 at 12 to 16 weeks, 2 at 48 to 56 weeks after the diagnosis.

    >>> follow_up(1, {"date_index_diagnosed": date(2024, 1, 1)}, today=date(2024, 3, 25)).state
    'due'
    """
    diagnosed_on = record.get("date_index_diagnosed")
    due_on, until = None, None
    if isinstance(diagnosed_on, date):
        dates = follow_up_dates(diagnosed_on)
        due_on, until = (
            (dates.first_due_on, dates.first_until)
            if which == 1
            else (dates.second_due_on, dates.second_until)
        )
    return FollowUp(_follow_up_state(which, record, due_on, until, today), due_on, until)


def _follow_up_state(
    which: Which, record: Record, due_on: date | None, until: date | None, today: date
) -> FollowUpState:
    if not is_blank(record.get(DONE_KEY[which])):
        return "done"
    if NOT_NEEDED_IF[which].holds(record):
        return "not_needed"
    if due_on is None or until is None or today < due_on:
        return "not_due"
    return "due" if today <= until else "overdue"
