"""SQL that says what a record still lacks, written from the dataset's conditions.

The statements stand, frozen, in a migration: they make columns that PostgreSQL keeps by itself
(`PROGRESS_COLUMNS`), so that lists can be cut and counted by them. Tests hold the frozen text equal
to this one, and the columns of random records to `dataset.progress`.
"""

from __future__ import annotations

from collections.abc import Iterable

from dataset.conditions import AllOf, AnswerIn, AnyOf, Condition, Given
from dataset.fields import Field, fields_of_section
from dataset.progress import COUNTED_SECTIONS, DONE_KEY, NEEDS, NOT_NEEDED_IF, Which
from services.records.domain.columns import IDENTIFIERS

FOLLOW_UP_SECTIONS: dict[int, Which] = {6: 1, 7: 2}
"""Sections that wait for a window: they are not due before it begins."""
ALIVE_IF_BLANK = "date_of_death"


def condition_sql(condition: Condition) -> str:
    """A condition as SQL; neither true nor false (NULL) where an answer is blank."""
    match condition:
        case AnswerIn(key, codes):
            return f"{key} IN ({', '.join(map(_literal, codes))})"
        case Given(key):
            return f"{key} IS NOT NULL"
        case AllOf(parts):
            return "(" + " AND ".join(map(condition_sql, parts)) + ")"
        case AnyOf(parts):
            return "(" + " OR ".join(map(condition_sql, parts)) + ")"


def section_complete_sql(section: int) -> str:
    """An expression that is true if a section lacks nothing, else false; never NULL.

    A stored record always has its NHS number (or why there is none) and its date of birth; they
    are sealed and stand in no column.
    """
    fields_of: dict[Condition | None, list[Field]] = {}
    for field, condition in NEEDS[section]:
        if field.kind == "postcode" or field.key not in IDENTIFIERS:
            fields_of.setdefault(condition, []).append(field)
    return " AND ".join(
        _answered(fields)
        if condition is None
        else f"(({condition_sql(condition)}) IS NOT TRUE OR ({_answered(fields)}))"
        for condition, fields in fields_of.items()
    )


def section_begun_sql(section: int) -> str:
    """An expression: the section has at least one answer."""
    return " OR ".join(f"{field.key} IS NOT NULL" for field in fields_of_section(section))


def follow_up_waits_sql(which: Which) -> str:
    """An expression: nobody has said how the follow-up went, and it is not out of question."""
    not_needed = condition_sql(NOT_NEEDED_IF[which])
    return f"{DONE_KEY[which]} IS NULL AND ({not_needed}) IS NOT TRUE"


def assessment_waits_sql() -> str:
    """An expression: no assessment is recorded, and the patient is alive as far as we know.

    One column has to depend on the state: PostgreSQL prepares all of them anew for each row (150
    microseconds) of a statement that sets nothing that any of them depends on.
    """
    return (
        "state NOT IN ('deleted', 'duplicate') "
        f"AND date_fls_assessment IS NULL AND {ALIVE_IF_BLANK} IS NULL"
    )


def _answered(fields: Iterable[Field]) -> str:
    columns = ("outward_postcode" if f.kind == "postcode" else f.key for f in fields)
    return " AND ".join(f"{column} IS NOT NULL" for column in columns)


def _literal(code: str) -> str:
    return "'" + code.replace("'", "''") + "'"


PROGRESS_COLUMNS: dict[str, str] = {
    **{f"section_{n}_complete": section_complete_sql(n) for n in COUNTED_SECTIONS},
    **{f"section_{n}_begun": section_begun_sql(n) for n in FOLLOW_UP_SECTIONS},
    "assessment_waits": assessment_waits_sql(),
    "follow_up_1_waits": follow_up_waits_sql(1),
    "follow_up_2_waits": follow_up_waits_sql(2),
}
"""Column -> the expression that makes it, all of them boolean and never NULL."""
