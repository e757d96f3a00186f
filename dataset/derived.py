"""What follows from answers and is never asked: age, age band, BMI, outward postcode, due dates.

Source: domain notes 1.4 (derived), 1.8 (windows) and 5.2.1 (ages).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

FIRST_DUE_DAYS = 84
FIRST_OVERDUE_DAYS = 112
SECOND_DUE_DAYS = 336
SECOND_OVERDUE_DAYS = 392


def age_at(born_on: date, on: date) -> int:
    """Age in completed years; negative before birth.

    Someone born on 29 February has the birthday on 1 March in common years.

    >>> age_at(date(1952, 2, 29), date(2023, 2, 28)), age_at(date(1952, 2, 29), date(2023, 3, 1))
    (70, 71)
    """
    before_birthday = (on.month, on.day) < (born_on.month, born_on.day)
    return on.year - born_on.year - before_birthday


def age_band(age: int) -> str | None:
    """The band used in reports; None under 50, whom the audit does not cover.

    >>> [age_band(age) for age in (49, 50, 64, 65, 75, 84, 85)]
    [None, '50-64', '50-64', '65-74', '75-84', '75-84', '85+']
    """
    if age < 50:
        return None
    if age < 65:
        return "50-64"
    if age < 75:
        return "65-74"
    return "75-84" if age < 85 else "85+"


def outward_postcode(postcode: str | None) -> str | None:
    """The part before the space, which is too coarse to find a person; None if there is none.

    >>> outward_postcode("AA1 1AA"), outward_postcode("SOMEWHERE")
    ('AA1', None)
    """
    if not postcode or " " not in postcode:
        return None
    return postcode.split(" ", 1)[0]


def bmi(height_cm: Decimal | None, weight_kg: Decimal | None) -> Decimal | None:
    """Body mass index in kg/m2 with one decimal; None unless both are known.

    >>> bmi(Decimal("160.0"), Decimal("64.0"))
    Decimal('25.0')
    """
    if not height_cm or not weight_kg:
        return None
    metres = height_cm / 100
    return (weight_kg / (metres * metres)).quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class FollowUpDates:
    """From which day each follow-up is due, and the last day of its window."""

    first_due_on: date
    first_until: date
    second_due_on: date
    second_until: date


def follow_up_dates(diagnosed_on: date) -> FollowUpDates:
    """The windows of 12 to 16 and 48 to 56 weeks, both counted from the diagnosis (1.09).

    >>> follow_up_dates(date(2024, 1, 1)).first_due_on
    datetime.date(2024, 3, 25)
    """
    return FollowUpDates(
        first_due_on=diagnosed_on + timedelta(days=FIRST_DUE_DAYS),
        first_until=diagnosed_on + timedelta(days=FIRST_OVERDUE_DAYS),
        second_due_on=diagnosed_on + timedelta(days=SECOND_DUE_DAYS),
        second_until=diagnosed_on + timedelta(days=SECOND_OVERDUE_DAYS),
    )
