"""Rules across the answers of one record. Small pure functions, one per rule, in order of number.

To add a rule:
    1. write `vNN_what_it_says(record, today)` below, between its neighbours, with `@rule`; it
       yields findings made by `_error` or `_warning` and cites its source;
    2. give its code a title and a mend in `findings.CATALOGUE`;
    3. add its cases to `tests/unit/dataset/test_rules.py`, one per reason.
It then holds at every door. A rule may read only the fields it names, and takes a blank as "not
known yet": it keeps silent unless the blank itself is wrong. Rules that need the store (V20, V24)
are decided by the records service; only their text is ours.

Source: domain notes 1.10 and 5.2.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from dataset import nhs_number
from dataset.derived import age_at
from dataset.fields import FIELD_BY_KEY, FIELDS
from dataset.findings import Finding
from dataset.values import Record

Check = Callable[[Record, date], Iterator[Finding]]
Suspects = Callable[..., Iterable[int]]

AUDIT_BEGAN_ON = date(2016, 1, 1)
YOUNGEST = 50
UNLIKELY_ABOVE = 105
IMPOSSIBLE_ABOVE = 120


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule and how to run it over many records.

    Args:
        number: its code in findings, "V02".
        fields: keys of all fields the rule reads.
        check: yields the findings of one record.
        suspects: given one list of values per field (in the order of `fields`; blank is None or
            CLEAR, both false) and `today=`, the places of all records about which `check` could
            say something, in order. It may name too many, never too few.
    """

    number: str
    fields: tuple[str, ...]
    check: Check
    suspects: Suspects


RULES: list[Rule] = []
"""All rules, in the order they are checked."""


def _any_given(*columns: Sequence[Any], today: date) -> Iterable[int]:
    """The default suspects: records where at least one of the fields is given."""
    del today
    return [i for i, values in enumerate(zip(*columns, strict=True)) if any(values)]


def rule(number: str, *fields: str, suspects: Suspects = _any_given) -> Callable[[Check], Check]:
    """Registers the function below as a rule; see `Rule` for the arguments."""

    def register(check: Check) -> Check:
        RULES.append(Rule(number, fields, check, suspects))
        return check

    return register


def _error(code: str, field: str, message: str, *others: str) -> Finding:
    return Finding(code, "error", field, message, others)


def _warning(code: str, field: str, message: str, *others: str) -> Finding:
    return Finding(code, "warning", field, message, others)


# --- V01 to V04: who and when ----------------------------------------------------------------


def _odd_numbers(numbers: Sequence[str | None], *, today: date) -> Iterable[int]:
    del today
    is_valid, is_in_known_range = nhs_number.is_valid, nhs_number.is_in_known_range
    return [
        i
        for i, number in enumerate(numbers)
        if number and not (is_valid(number) and is_in_known_range(number))
    ]


@rule("V01", "nhs_number", suspects=_odd_numbers)
def v01_nhs_number(record: Record, today: date) -> Iterator[Finding]:
    """An NHS number has ten digits and passes Modulus 11; a range not issued is unlikely.

    Source: domain notes 1.10 V01 and 6.2.
    """
    del today
    number = record.get("nhs_number")
    if not isinstance(number, str) or number in nhs_number.REASONS_FOR_NONE:
        return
    if len(number) != 10 or not (number.isascii() and number.isdigit()):
        yield _error(
            "V01",
            "nhs_number",
            "An NHS number has 10 digits, and this has not. Compare it with its source. For "
            "someone without one write NOT_UK or UNTRACED.",
        )
    elif not nhs_number.is_valid(number):
        yield _error(
            "V01",
            "nhs_number",
            "The last digit does not fit the others, so one digit is wrong or two have changed "
            "places. Compare the number with its source.",
        )
    elif not nhs_number.is_in_known_range(number):
        yield _warning(
            "V01",
            "nhs_number",
            "Numbers of this range are not issued in the UK. Compare the number with its source.",
        )


def _few_years(
    born: Sequence[date | None], diagnosed: Sequence[date | None], *, today: date
) -> Iterable[int]:
    del today
    return [
        i
        for i, (b, d) in enumerate(zip(born, diagnosed, strict=True))
        if b and d and d.year - b.year <= YOUNGEST
    ]


@rule("V02", "date_of_birth", "date_index_diagnosed", suspects=_few_years)
def v02_age_at_diagnosis(record: Record, today: date) -> Iterator[Finding]:
    """The fracture is diagnosed after birth, at the age of 50 or more completed years.

    Source: domain notes 1.10 V02 (inclusion of the audit) and 5.2.1 (29 February).
    """
    del today
    born_on, diagnosed_on = record.get("date_of_birth"), record.get("date_index_diagnosed")
    if not isinstance(born_on, date) or not isinstance(diagnosed_on, date):
        return
    if born_on > diagnosed_on:
        yield _error(
            "V02",
            "date_of_birth",
            "The date of birth (1.02) is after the date of diagnosis (1.09). Check both.",
            "date_index_diagnosed",
        )
    elif age_at(born_on, diagnosed_on) < YOUNGEST:
        yield _error(
            "V02",
            "date_of_birth",
            "The patient was under 50 when the fracture was diagnosed. The audit covers people "
            "aged 50 and over: check the date of birth (1.02) and the date of diagnosis (1.09).",
            "date_index_diagnosed",
        )


def _many_years(
    born: Sequence[date | None], diagnosed: Sequence[date | None], *, today: date
) -> Iterable[int]:
    del today
    return [
        i
        for i, (b, d) in enumerate(zip(born, diagnosed, strict=True))
        if b and d and d.year - b.year > UNLIKELY_ABOVE
    ]


@rule("V03", "date_of_birth", "date_index_diagnosed", suspects=_many_years)
def v03_great_age(record: Record, today: date) -> Iterator[Finding]:
    """An age above 105 at diagnosis is unlikely, one above 120 impossible.

    Source: domain notes 1.10 V03.
    """
    del today
    born_on, diagnosed_on = record.get("date_of_birth"), record.get("date_index_diagnosed")
    if not isinstance(born_on, date) or not isinstance(diagnosed_on, date):
        return
    age = age_at(born_on, diagnosed_on)
    if age > IMPOSSIBLE_ABOVE:
        yield _error(
            "V03",
            "date_of_birth",
            "The patient would have been over 120 when the fracture was diagnosed. Check the "
            "date of birth (1.02) and the date of diagnosis (1.09).",
            "date_index_diagnosed",
        )
    elif age > UNLIKELY_ABOVE:
        yield _warning(
            "V03",
            "date_of_birth",
            "The patient was over 105 when the fracture was diagnosed. If that is right, "
            "confirm it; otherwise check the date of birth (1.02) and the date of diagnosis "
            "(1.09).",
            "date_index_diagnosed",
        )


def _out_of_audit(diagnosed: Sequence[date | None], *, today: date) -> Iterable[int]:
    return [i for i, d in enumerate(diagnosed) if d and not AUDIT_BEGAN_ON <= d <= today]


@rule("V04", "date_index_diagnosed", suspects=_out_of_audit)
def v04_diagnosis_in_audit(record: Record, today: date) -> Iterator[Finding]:
    """The fracture is diagnosed from 1 January 2016 on and not after today.

    Source: domain notes 1.10 V04.
    """
    diagnosed_on = record.get("date_index_diagnosed")
    if not isinstance(diagnosed_on, date):
        return
    if diagnosed_on < AUDIT_BEGAN_ON:
        yield _error(
            "V04",
            "date_index_diagnosed",
            "The date of diagnosis (1.09) is before 1 January 2016, when the audit began. Check "
            "it, or leave the record out.",
        )
    elif diagnosed_on > today:
        yield _error(
            "V04",
            "date_index_diagnosed",
            "The date of diagnosis (1.09) is in the future. Check it.",
        )


# --- V05: dates that cannot be yet ----------------------------------------------------------

_OTHER_DATES = tuple(
    field.key for field in FIELDS if field.kind == "date" and field.key != "date_index_diagnosed"
)


def _any_future(*columns: Sequence[date | None], today: date) -> Iterable[int]:
    found: set[int] = set()
    for column in columns:
        # Most columns hold no future date at all, which one look at their latest tells.
        latest = max((day for day in column if day), default=today)
        if latest > today:
            found.update(i for i, day in enumerate(column) if day and day > today)
    return sorted(found)


@rule("V05", *_OTHER_DATES, suspects=_any_future)
def v05_no_date_in_the_future(record: Record, today: date) -> Iterator[Finding]:
    """No date lies after today; V04 speaks of the date of diagnosis.

    Source: domain notes 1.10 V05 and 5.2.1.
    """
    for key in _OTHER_DATES:
        day = record.get(key)
        if isinstance(day, date) and day > today:
            field = FIELD_BY_KEY[key]
            yield _error(
                "V05",
                key,
                f"{field.no or field.label} is a date in the future. Check day, month and year.",
            )


# --- V12: answers that stand alone -----------------------------------------------------------

_ALONE = {field.key: frozenset(field.exclusive) for field in FIELDS if field.exclusive}


def _mixed_answers(*columns: Sequence[tuple[str, ...] | None], today: date) -> Iterable[int]:
    del today
    found: set[int] = set()
    for alone, column in zip(_ALONE.values(), columns, strict=True):
        # A column has few different sets of answers, so each is looked at once.
        mixed = {answers for answers in set(column) if answers and _is_mixed(answers, alone)}
        if mixed:
            found.update(i for i, answers in enumerate(column) if answers in mixed)
    return sorted(found)


def _is_mixed(answers: tuple[str, ...], alone: frozenset[str]) -> bool:
    return len(answers) > 1 and not alone.isdisjoint(answers)


@rule("V12", *_ALONE, suspects=_mixed_answers)
def v12_answers_that_stand_alone(record: Record, today: date) -> Iterator[Finding]:
    """An answer such as None, Don't know or Informed decline has no other beside it.

    Source: domain notes 1.10 V12 and 5.2.1 (holds for every list with exclusive answers).
    """
    del today
    for key, alone in _ALONE.items():
        answers = record.get(key)
        if isinstance(answers, tuple) and _is_mixed(answers, alone):
            field = FIELD_BY_KEY[key]
            offender = next(code for code in answers if code in alone)
            yield _error(
                "V12",
                key,
                f'"{field.label_of(offender)}" stands alone in {field.no}, but other answers '
                "are given beside it. Keep one or the others.",
            )


# --- V18: fracture sites ---------------------------------------------------------------------

_SITES = ("site_1", "site_2", "site_3")
_SITE_NO = {"site_1": "1.11", "site_2": "1.12", "site_3": "1.13"}
_SPINE = "2"


def _more_than_one_site(
    first: Sequence[str | None],
    second: Sequence[str | None],
    third: Sequence[str | None],
    *,
    today: date,
) -> Iterable[int]:
    del first, today
    if not any(second) and not any(third):
        return ()
    return [i for i, (b, c) in enumerate(zip(second, third, strict=True)) if b or c]


@rule("V18", *_SITES, suspects=_more_than_one_site)
def v18_fracture_sites(record: Record, today: date) -> Iterator[Finding]:
    """Sites are filled in order; the same site twice is unlikely, but for the spine.

    Source: domain notes 1.10 V18 and 5.2.1 (any two of the three).
    """
    del today
    for earlier, later in (("site_1", "site_2"), ("site_2", "site_3")):
        if record.get(later) and not record.get(earlier):
            yield _error(
                "V18",
                later,
                f"{_SITE_NO[later]} is given without {_SITE_NO[earlier]}. Fill the fracture "
                "sites in order.",
                earlier,
            )
    for earlier, later in combinations(_SITES, 2):
        site = record.get(later)
        if site and site == record.get(earlier) and site != _SPINE:
            yield _warning(
                "V18",
                later,
                f"{_SITE_NO[earlier]} and {_SITE_NO[later]} name the same site. If both were "
                "broken, confirm it; otherwise remove one.",
                earlier,
            )
