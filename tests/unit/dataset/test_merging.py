"""Merging, JSON form, derived values and the NHS number."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset import derived, nhs_number
from dataset.fields import FIELD_BY_KEY, FIELDS
from dataset.merging import merge
from dataset.values import CLEAR
from dataset.wire import (
    column_from_wire,
    record_from_wire,
    wire_from_column,
    wire_from_record,
)
from tests.unit.dataset.record_strategies import records


@pytest.mark.parametrize(
    ("stored", "incoming", "expected"),
    [
        ({"smoker": "1"}, {"smoker": None}, {"smoker": "1"}),
        ({"smoker": "1"}, {}, {"smoker": "1"}),
        ({"smoker": "1"}, {"smoker": "0"}, {"smoker": "0"}),
        ({"smoker": "1"}, {"smoker": CLEAR}, {"smoker": None}),
        ({}, {"smoker": CLEAR}, {"smoker": None}),
        ({"smoker": "1"}, {"smoker": "U"}, {"smoker": "1"}),
        ({"smoker": None}, {"smoker": "U"}, {"smoker": "U"}),
        ({}, {"smoker": "U"}, {"smoker": "U"}),
        ({"smoker": "U"}, {"smoker": "0"}, {"smoker": "0"}),
        ({"therapy_16w": ("1",)}, {"therapy_16w": ("U",)}, {"therapy_16w": ("1",)}),
        ({"therapy_16w": ("U",)}, {"therapy_16w": ("1",)}, {"therapy_16w": ("1",)}),
        ({"refracture_count": "2"}, {"refracture_count": "U"}, {"refracture_count": "2"}),
        ({"local_id": "A"}, {"local_id": "U"}, {"local_id": "U"}),
        ({"t_score": Decimal("0.0")}, {"t_score": None}, {"t_score": Decimal("0.0")}),
    ],
)
def test_an_incoming_value_does_this(stored, incoming, expected) -> None:
    assert merge(stored, incoming) == expected


def test_dont_know_overwrites_when_it_is_asked_to() -> None:
    assert merge({"smoker": "1"}, {"smoker": "U"}, overwrite_unknown=True) == {"smoker": "U"}


@given(records(), records())
def test_merging_changes_no_argument_and_twice_is_once(stored, incoming) -> None:
    before = dict(stored), dict(incoming)
    once = merge(stored, incoming)
    assert (stored, incoming) == before
    assert merge(once, incoming) == once
    assert CLEAR not in merge(merge({}, stored), incoming).values()


@given(records())
def test_a_record_survives_json(record) -> None:
    back = record_from_wire(json.loads(json.dumps(wire_from_record(record))))
    given_values = {key: value for key, value in record.items() if value is not None}
    assert back == given_values
    for key, value in back.items():
        assert type(value) is type(given_values[key])
        assert str(value) == str(given_values[key])


@given(st.lists(records(), max_size=5), st.sampled_from(FIELDS))
def test_a_column_survives_json(rows, field) -> None:
    column = [row.get(field.key) for row in rows]
    wire = json.loads(json.dumps(wire_from_column(column)))
    assert column_from_wire(field.key, wire) == column


@pytest.mark.parametrize(
    ("key", "wire"),
    [
        ("nonsense", "1"),
        ("smoker", 1),
        ("smoker", ["1"]),
        ("date_of_birth", "01/03/1950"),
        ("date_of_birth", "19500301"),
        ("t_score", "NaN"),
        ("t_score", "secret"),
        ("t_score", 1.5),
        ("therapy_16w", "1"),
        ("therapy_16w", [1]),
    ],
)
def test_a_malformed_value_is_refused_without_being_repeated(key, wire) -> None:
    with pytest.raises(ValueError, match=key) as caught:
        record_from_wire({key: wire})
    assert "secret" not in str(caught.value) and "1950" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_windows_count_from_the_diagnosis() -> None:
    dates = derived.follow_up_dates(date(2024, 1, 1))
    days = [
        (day - date(2024, 1, 1)).days
        for day in (dates.first_due_on, dates.first_until, dates.second_due_on, dates.second_until)
    ]
    assert days == [84, 112, 336, 392]


@given(st.dates(date(1900, 1, 1), date(1990, 1, 1)), st.dates(date(1991, 1, 1), date(2030, 1, 1)))
def test_age_counts_birthdays(born_on, on) -> None:
    birthdays = 0
    for year in range(born_on.year + 1, on.year + 1):
        leap_day = (born_on.month, born_on.day) == (2, 29)
        common = leap_day and not (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
        birthday = date(year, 3, 1) if common else born_on.replace(year=year)
        birthdays += birthday <= on
    assert derived.age_at(born_on, on) == birthdays


@pytest.mark.parametrize(
    ("height", "weight", "expected"),
    [
        (None, Decimal(60), None),
        (Decimal(160), None, None),
        (Decimal("172.5"), Decimal("80.5"), Decimal("27.1")),
    ],
)
def test_bmi_needs_both(height, weight, expected) -> None:
    assert derived.bmi(height, weight) == expected


VALID = [
    "9434765919",
    "9876543210",
    "4010232137",
    "9990000018",
    "9990000026",
    "9990000034",
    "9990000042",
    "9990000050",
    "9990000069",
    "9990000077",
    "9990000085",
    "9990000093",
    "9990000107",
]


@pytest.mark.parametrize("number", VALID)
def test_known_numbers_pass_and_any_other_last_digit_fails(number) -> None:
    for digit in "0123456789":
        assert nhs_number.is_valid(number[:9] + digit) == (digit == number[9])


@given(st.integers(0, 999_999_999).map("{:09d}".format), st.integers(0, 9))
def test_the_check_digit_decides(nine, last) -> None:
    expected = nhs_number.check_digit(nine) == last and len(set(f"{nine}{last}")) > 1
    assert nhs_number.is_valid(f"{nine}{last}") == expected


@given(st.text(max_size=12))
def test_any_text_can_be_asked_about_and_masked(text) -> None:
    assert isinstance(nhs_number.is_valid(text), bool)
    shown = nhs_number.masked(text)
    assert len(shown.replace("*", "").replace(" ", "")) <= 3 or text in ("NOT_UK", "UNTRACED")


def test_every_field_can_be_merged_and_sent() -> None:
    assert set(FIELD_BY_KEY) == {field.key for field in FIELDS}
