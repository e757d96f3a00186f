"""Open, grace, locked: both sides of each day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.records.domain.pairs import kind_of
from services.records.domain.periods import PeriodDays, period_of, period_status

DEADLINE, LOCKS = date(2025, 3, 31), date(2025, 5, 1)
YEAR = PeriodDays(DEADLINE, LOCKS)
ONE = timedelta(days=1)


@pytest.mark.parametrize(
    ("today", "extended", "unlocked", "expected"),
    [
        pytest.param(DEADLINE, None, None, "open", id="the deadline itself"),
        pytest.param(DEADLINE + ONE, None, None, "grace", id="the day after the deadline"),
        pytest.param(LOCKS - ONE, None, None, "grace", id="the day before it locks"),
        pytest.param(LOCKS, None, None, "locked", id="the day it locks"),
        pytest.param(LOCKS, LOCKS, None, "grace", id="the last day of an extension"),
        pytest.param(LOCKS + ONE, LOCKS, None, "locked", id="the day after an extension"),
        pytest.param(LOCKS - ONE, DEADLINE, None, "grace", id="an extension never shortens"),
        pytest.param(LOCKS, None, LOCKS, "grace", id="the last day of an unlocking"),
        pytest.param(LOCKS + ONE, None, LOCKS, "locked", id="the day after an unlocking"),
        pytest.param(DEADLINE, None, LOCKS, "open", id="unlocking changes nothing before"),
    ],
)
def test_the_status_of_a_year_follows_from_the_days(today, extended, unlocked, expected) -> None:
    status = period_status(YEAR, today=today, extended_until=extended, unlocked_until=unlocked)
    assert status == expected


def test_a_year_without_days_is_open() -> None:
    assert period_status(None, today=date(2099, 1, 1)) == "open"
    assert period_of(2024, None, today=date(2099, 1, 1)).locks_on is None


def test_a_period_tells_its_own_days() -> None:
    period = period_of(2024, YEAR, today=LOCKS, extended_until=LOCKS + 9 * ONE)
    assert (period.status, period.locks_on) == ("grace", LOCKS + 10 * ONE)
    over = period_of(2024, YEAR, today=LOCKS + ONE, unlocked_until=LOCKS)
    assert (over.is_locked, over.unlocked_until) == (True, None)
    back = period_of(2024, YEAR, today=LOCKS, unlocked_until=LOCKS)
    assert (back.is_locked, back.unlocked_until) == (False, LOCKS)


@pytest.mark.parametrize(
    ("apart", "kind"), [(0, "same_day"), (1, "near"), (28, "near"), (29, None)]
)
def test_how_near_two_diagnoses_are(apart, kind) -> None:
    day = date(2024, 6, 1)
    assert kind_of(day, day + apart * ONE) == kind
    assert kind_of(day + apart * ONE, day) == kind
