"""V01 to V04: who the patient is, and when the fracture was diagnosed.

Source: domain notes 1.10 and 5.2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from dataset import nhs_number
from dataset.derived import age_at
from dataset.findings import Finding
from dataset.rules.registry import BOTH, ERROR, error, rule, warning
from dataset.values import Record

AUDIT_BEGAN_ON = date(2016, 1, 1)
YOUNGEST = 50
UNLIKELY_ABOVE = 105
IMPOSSIBLE_ABOVE = 120


def _odd_numbers(numbers: Sequence[str | None], *, today: date) -> Iterable[int]:
    del today
    return nhs_number.doubtful_places(numbers)


@rule("V01", "nhs_number", levels=BOTH, suspects=_odd_numbers)
def v01_nhs_number(record: Record, today: date) -> Iterator[Finding]:
    """An NHS number has ten digits and passes Modulus 11; a range not issued is unlikely.

    Source: domain notes 1.10 V01 and 6.2.
    """
    del today
    number = record.get("nhs_number")
    if not isinstance(number, str) or number in nhs_number.REASONS_FOR_NONE:
        return
    if len(number) != 10 or not (number.isascii() and number.isdigit()):
        yield error(
            "V01",
            "nhs_number",
            "An NHS number has 10 digits, and this has not. Compare it with its source. For "
            "someone without one write NOT_UK or UNTRACED.",
        )
    elif not nhs_number.is_valid(number):
        yield error(
            "V01",
            "nhs_number",
            "The last digit does not fit the others, so one digit is wrong or two have changed "
            "places. Compare the number with its source.",
        )
    elif not nhs_number.is_in_known_range(number):
        yield warning(
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


@rule("V02", "date_of_birth", "date_index_diagnosed", levels=ERROR, suspects=_few_years)
def v02_age_at_diagnosis(record: Record, today: date) -> Iterator[Finding]:
    """The fracture is diagnosed after birth, at the age of 50 or more completed years.

    Source: domain notes 1.10 V02 (inclusion of the audit) and 5.2.1 (29 February).
    """
    del today
    born_on, diagnosed_on = record.get("date_of_birth"), record.get("date_index_diagnosed")
    if not isinstance(born_on, date) or not isinstance(diagnosed_on, date):
        return
    if born_on > diagnosed_on:
        yield error(
            "V02",
            "date_of_birth",
            "The date of birth (1.02) is after the date of diagnosis (1.09). Check both.",
            "date_index_diagnosed",
        )
    elif age_at(born_on, diagnosed_on) < YOUNGEST:
        yield error(
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


@rule("V03", "date_of_birth", "date_index_diagnosed", levels=BOTH, suspects=_many_years)
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
        yield error(
            "V03",
            "date_of_birth",
            "The patient would have been over 120 when the fracture was diagnosed. Check the "
            "date of birth (1.02) and the date of diagnosis (1.09).",
            "date_index_diagnosed",
        )
    elif age > UNLIKELY_ABOVE:
        yield warning(
            "V03",
            "date_of_birth",
            "The patient was over 105 when the fracture was diagnosed. If that is right, "
            "confirm it; otherwise check the date of birth (1.02) and the date of diagnosis "
            "(1.09).",
            "date_index_diagnosed",
        )


def _out_of_audit(diagnosed: Sequence[date | None], *, today: date) -> Iterable[int]:
    return [i for i, d in enumerate(diagnosed) if d and not AUDIT_BEGAN_ON <= d <= today]


@rule("V04", "date_index_diagnosed", levels=ERROR, suspects=_out_of_audit)
def v04_diagnosis_in_audit(record: Record, today: date) -> Iterator[Finding]:
    """The fracture is diagnosed from 1 January 2016 on and not after today.

    Source: domain notes 1.10 V04.
    """
    diagnosed_on = record.get("date_index_diagnosed")
    if not isinstance(diagnosed_on, date):
        return
    if diagnosed_on < AUDIT_BEGAN_ON:
        yield error(
            "V04",
            "date_index_diagnosed",
            "The date of diagnosis (1.09) is before 1 January 2016, when the audit began. Check "
            "it, or leave the record out.",
        )
    elif diagnosed_on > today:
        yield error(
            "V04",
            "date_index_diagnosed",
            "The date of diagnosis (1.09) is in the future. Check it.",
        )
