"""Who is asked, until when, and which reminder is due."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.facilities.domain.asking import REMINDER_DAYS, Asked, Window, due_reminder

FIRST, LAST = date(2026, 9, 1), date(2026, 11, 30)


@pytest.mark.parametrize(
    ("asked", "site", "expected"),
    [
        (Asked(frozenset(), "facilities"), {}, True),
        (Asked(frozenset({"hospital"}), "facilities"), {}, True),
        (Asked(frozenset({"practice"}), "facilities"), {}, False),
        (Asked(frozenset(), "patient"), {}, True),
        (Asked(frozenset(), "patient"), {"patient_audit": False}, False),
        (Asked(frozenset(), "facilities"), {"patient_audit": False}, True),
        (Asked(frozenset(), "facilities"), {"facilities_audit": False}, False),
        (Asked(frozenset(), "patient"), {"facilities_audit": False}, False),
        (Asked(frozenset(), "facilities"), {"is_approved": False}, False),
    ],
)
def test_who_is_asked(asked, site, expected):
    facts = {"kind": "hospital", "is_approved": True, "facilities_audit": True}
    assert asked.includes(**{**facts, "patient_audit": True, **site}) is expected


@pytest.mark.parametrize(
    ("window", "today", "state"),
    [
        (Window(FIRST, LAST), FIRST - timedelta(1), "planned"),
        (Window(FIRST, LAST), FIRST, "open"),
        (Window(FIRST, LAST), LAST, "open"),
        (Window(FIRST, LAST), LAST + timedelta(1), "closed"),
        (Window(FIRST, None), date(2030, 1, 1), "open"),
        (Window(FIRST, LAST, is_closed=True), FIRST, "closed"),
        (Window(FIRST, LAST, True, LAST), LAST, "open"),
        (Window(FIRST, LAST, False, LAST + timedelta(5)), LAST + timedelta(5), "open"),
        (Window(FIRST, LAST, False, LAST + timedelta(5)), LAST + timedelta(6), "closed"),
        (Window(FIRST, LAST, False, FIRST), LAST, "open"),
    ],
)
def test_a_round_is_open_on_its_days_and_for_a_site_on_its_own(window, today, state):
    assert window.state(today) == state


@pytest.mark.parametrize(
    ("window", "last"),
    [
        (Window(FIRST, LAST), LAST),
        (Window(FIRST, None), None),
        (Window(FIRST, LAST, False, LAST + timedelta(5)), LAST + timedelta(5)),
        (Window(FIRST, LAST, True, LAST + timedelta(5)), LAST + timedelta(5)),
        (Window(FIRST, None, True, LAST), LAST),
    ],
)
def test_the_last_day(window, last):
    assert window.last_day == last


@pytest.mark.parametrize(
    ("days_left", "due"),
    [(90, "opened"), (29, "opened"), (28, "28"), (8, "28"), (7, "7"), (2, "7"), (1, "1"), (0, "1")],
)
def test_the_latest_reminder_is_due(days_left, due):
    assert due_reminder(Window(FIRST, LAST), LAST - timedelta(days_left), set()) == due


def test_a_reminder_is_due_once_and_never_after_the_last_day():
    window = Window(FIRST, LAST)
    assert due_reminder(window, LAST - timedelta(5), {"7"}) is None
    assert due_reminder(window, LAST + timedelta(1), set()) is None
    assert due_reminder(window, FIRST - timedelta(1), set()) is None
    assert due_reminder(Window(FIRST, None), date(2027, 5, 1), {"opened"}) is None


def test_a_short_round_has_no_reminder_from_before_it_opened():
    week = Window(FIRST, FIRST + timedelta(6))
    assert due_reminder(week, FIRST, set()) == "opened"
    assert due_reminder(week, FIRST + timedelta(5), {"opened"}) == "1"


@given(st.lists(st.integers(0, 120), min_size=1, max_size=40))
def test_nobody_gets_a_reminder_twice_or_more_than_there_are(days):
    window, sent = Window(FIRST, LAST), []
    for day in sorted(days):
        kind = due_reminder(window, FIRST + timedelta(day), sent)
        if kind is not None:
            sent.append(kind)
    assert len(sent) == len(set(sent)) <= len(REMINDER_DAYS) + 1
