"""Section states, what is missing, and follow-ups: both sides of each day and of each answer."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset.conditions import AllOf, AnswerIn, Condition
from dataset.fields import FIELDS
from dataset.progress import (
    COUNTED_SECTIONS,
    NEEDS,
    follow_up,
    missing_fields,
    progress,
    section_state,
)
from dataset.values import CLEAR, is_blank
from tests.unit.dataset.record_strategies import records
from tests.unit.dataset.whole_records import (
    DIAGNOSED_ON,
    FALLS_ANSWERS,
    FULL,
    VISIT_16,
    VISIT_52,
    WHOLE,
)

TODAY = date(2026, 11, 23)


def missing(section: int, record: dict[str, Any]) -> list[str]:
    return [field.key for field in missing_fields(section, record)]


def test_a_whole_record_lacks_nothing() -> None:
    assert [missing(section, WHOLE) for section in COUNTED_SECTIONS] == [[]] * 7
    found = progress(WHOLE, today=TODAY)
    assert set(found.states.values()) == {"complete"} and found.is_complete
    assert found.answered == found.needed == len(WHOLE)


def test_a_full_record_lacks_nothing_either() -> None:
    assert FULL.keys() == {field.key for field in FIELDS} - {"dxa_not_ordered"}
    assert progress(FULL, today=TODAY).is_complete


@pytest.mark.parametrize("key", sorted(WHOLE))
@pytest.mark.parametrize("blank", [None, CLEAR], ids=["blank", "cleared"])
def test_each_needed_answer_is_missed(key, blank) -> None:
    record = WHOLE | {key: blank}
    assert [key for section in COUNTED_SECTIONS for key in missing(section, record)] == [key]


CASES: list[tuple[str, int, dict[str, Any], list[str]]] = [
    ("a postcode without an outward part", 1, {"postcode": "NOWHERE"}, ["postcode"]),
    ("no assessment", 1, {"date_fls_assessment": None}, []),
    ("why no scan", 3, {"dxa": "0"}, ["dxa_not_ordered"]),
    ("why no scan, answered", 3, {"dxa": "0", "dxa_not_ordered": "U"}, []),
    ("a scan still to come", 3, {"dxa": "1"}, []),
    ("a scan without score", 3, {"dxa": "1", "dxa_date": date(2024, 2, 1)}, ["t_score"]),
    (
        "a scan with a score of zero",
        3,
        {"dxa": "1", "dxa_date": date(2024, 2, 1), "t_score": Decimal("0.0")},
        [],
    ),
    ("falls assessed", 5, {"falls_assessed": "1"}, list(FALLS_ANSWERS)),
    ("falls assessed and asked", 5, {"falls_assessed": "1"} | FALLS_ANSWERS, []),
    ("falls referred elsewhere", 5, {"falls_assessed": "2"}, []),
    ("first visit", 6, {"fu16_done": "1"}, list(VISIT_16)[1:]),
    ("first visit, answered", 6, VISIT_16, []),
    ("drug known without a visit", 6, {"fu16_done": "4", "therapy_16w": ("1",)}, []),
    ("second visit", 7, {"fu52_done": "1"}, list(VISIT_52)[1:]),
    ("second visit, answered", 7, VISIT_52, []),
    (
        "two new fractures",
        7,
        VISIT_52 | {"refracture_count": "2"},
        ["refracture_1_site", "refracture_1_on", "refracture_2_site", "refracture_2_on"],
    ),
    (
        "nine new fractures",
        7,
        VISIT_52 | {"refracture_count": "9"},
        [f"refracture_{n}_{what}" for n in (1, 2, 3) for what in ("site", "on")],
    ),
    ("number of new fractures not known", 7, VISIT_52 | {"refracture_count": "U"}, []),
]


@pytest.mark.parametrize(
    ("section", "changes", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_section_waits_for_exactly_these(section, changes, expected) -> None:
    record = WHOLE | changes
    assert missing(section, record) == expected
    state = "incomplete" if expected else "complete"
    assert section_state(section, record, today=TODAY) == state


def without(*keys: str) -> dict[str, Any]:
    return {key: value for key, value in WHOLE.items() if key not in keys}


WINDOWS = [(1, 6, "fu16_done", 84, 112), (2, 7, "fu52_done", 336, 392)]


@pytest.mark.parametrize(("which", "section", "key", "due", "until"), WINDOWS)
def test_a_follow_up_is_due_and_overdue_from_exactly_these_days(
    which, section, key, due, until
) -> None:
    record = without(key)

    def on(days: int) -> tuple[str, str]:
        today = DIAGNOSED_ON + timedelta(days)
        found = follow_up(which, record, today=today)
        assert (found.due_on, found.until) == (
            DIAGNOSED_ON + timedelta(due),
            DIAGNOSED_ON + timedelta(until),
        )
        return found.state, section_state(section, record, today=today)

    assert on(due - 1) == ("not_due", "not_due")
    assert on(due) == ("due", "incomplete")
    assert on(until) == ("due", "incomplete")
    assert on(until + 1) == ("overdue", "incomplete")


@pytest.mark.parametrize(("which", "section", "key", "due", "until"), WINDOWS)
def test_without_a_date_of_diagnosis_nothing_is_due(which, section, key, due, until) -> None:
    record = without(key, "date_index_diagnosed")
    found = follow_up(which, record, today=TODAY)
    assert (found.state, found.due_on, found.until) == ("not_due", None, None)
    assert section_state(section, record, today=TODAY) == "not_due"


@pytest.mark.parametrize(("which", "section", "key", "due", "until"), WINDOWS)
@pytest.mark.parametrize("answer", ["0", "1", "2", "3", "4", "5"])
def test_any_answer_ends_the_waiting(which, section, key, due, until, answer) -> None:
    record = WHOLE | {key: answer}
    assert follow_up(which, record, today=TODAY).state == "done"
    assert follow_up(which, record, today=DIAGNOSED_ON).state == "done"


@pytest.mark.parametrize(("which", "section", "key", "due", "until"), WINDOWS)
def test_nobody_waits_for_someone_who_died(which, section, key, due, until) -> None:
    record = without(key) | {"date_of_death": date(2024, 2, 1)}
    assert follow_up(which, record, today=TODAY).state == "not_needed"
    assert section_state(section, record, today=TODAY) == "not_due"
    cleared = record | {"date_of_death": CLEAR}
    assert follow_up(which, cleared, today=TODAY).state == "overdue"


def test_a_death_told_at_the_first_follow_up_ends_the_second() -> None:
    record = without("fu52_done") | {"fu16_done": "2"}
    assert follow_up(2, record, today=TODAY).state == "not_needed"
    assert section_state(7, record, today=TODAY) == "not_due"
    declined = record | {"fu16_done": "3"}
    assert follow_up(2, declined, today=TODAY).state == "overdue"


def test_an_answer_before_its_time_makes_a_section_incomplete_or_complete() -> None:
    early = without("fu16_done") | {"therapy_16w": ("1",)}
    assert section_state(6, early, today=DIAGNOSED_ON) == "incomplete"
    assert section_state(6, WHOLE, today=DIAGNOSED_ON) == "complete"
    died = early | {"date_of_death": date(2024, 2, 1)}
    assert section_state(6, died, today=TODAY) == "incomplete"


def test_progress_counts_what_is_due_alone() -> None:
    record = without("fu16_done", "fu52_done", "smoker") | {"height_cm": Decimal(170)}
    found = progress(record, today=DIAGNOSED_ON)
    assert found.states == {
        1: "complete",
        2: "incomplete",
        3: "complete",
        4: "complete",
        5: "complete",
        6: "not_due",
        7: "not_due",
    }
    assert (found.answered, found.needed) == (len(WHOLE) - 3, len(WHOLE) - 2)
    assert not found.is_complete
    assert progress(record, today=TODAY).needed == len(WHOLE)


def test_needs_speak_of_their_own_section_and_can_be_written_as_sql() -> None:
    assert list(NEEDS) == [1, 2, 3, 4, 5, 6, 7]
    for section, needs in NEEDS.items():
        assert needs
        for field, condition in needs:
            assert field.section == section and field.required != "o"
            if condition:
                assert {f.section for f in FIELDS if f.key in condition.keys} == {section}


def sql_says_complete(section: int, record: dict[str, Any]) -> bool:
    """What a statement made from `NEEDS` says: three-valued conditions coalesced to false."""

    def holds(condition: Condition) -> bool:
        if hasattr(condition, "parts"):
            join = all if isinstance(condition, AllOf) else any
            return join(holds(part) for part in condition.parts)
        value = record.get(condition.key)
        if isinstance(condition, AnswerIn):
            return value in condition.codes
        return not is_blank(value)

    def answered(key: str) -> bool:
        value = record.get(key)
        if key == "postcode":
            return bool(value) and " " in value
        return not is_blank(value)

    return all(
        not (condition is None or holds(condition)) or answered(field.key)
        for field, condition in NEEDS[section]
    )


@given(records(), st.dates(date(2016, 1, 1), date(2027, 12, 31)))
def test_completeness_follows_from_the_needs_and_from_no_day(record, today) -> None:
    for section in COUNTED_SECTIONS:
        is_complete = section_state(section, record, today=today) == "complete"
        assert is_complete == sql_says_complete(section, record)
        assert is_complete == (missing_fields(section, record) == [])


@given(records(), st.dates(date(2016, 1, 1), date(2027, 12, 31)))
def test_progress_never_counts_more_answers_than_needs(record, today) -> None:
    found = progress(record, today=today)
    assert 0 <= found.answered <= found.needed
    assert found.is_complete == (found.answered == found.needed)
