"""Each rule: each reason alone, both sides of each limit, blank, and "don't know"."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset.engine import check_columns, check_record
from dataset.fields import FIELDS
from dataset.findings import CATALOGUE
from dataset.rules import RULES
from dataset.values import CLEAR
from dataset.versions import V3, V4
from tests.unit.dataset.record_strategies import records

TODAY = date(2026, 11, 23)
GOOD: dict[str, Any] = {
    "nhs_number": "9990000018",
    "date_of_birth": date(1950, 3, 1),
    "gender": "2",
    "date_index_diagnosed": date(2024, 1, 10),
    "site_1": "1",
}


def said(changes: dict[str, Any], **more: Any) -> list[tuple[str, str, str | None]]:
    """Code, level and field of every finding of a good record with these changes."""
    found = check_record(GOOD | changes, today=TODAY, **more)
    return [(finding.code, finding.level, finding.field) for finding in found]


def born_and_diagnosed(born_on: date, diagnosed_on: date) -> dict[str, Any]:
    return {"date_of_birth": born_on, "date_index_diagnosed": diagnosed_on}


E, W = "error", "warning"
NHS, BORN, DIAGNOSED = "nhs_number", "date_of_birth", "date_index_diagnosed"
AT_FRACTURE, REFERRALS = "therapy_at_fracture", "falls_referrals"

CASES: list[tuple[str, dict[str, Any], list[tuple[str, str, str | None]]]] = [
    ("a good record", {}, []),
    # R01
    ("no NHS number", {NHS: None}, [("R01", E, NHS)]),
    ("NHS number cleared", {NHS: CLEAR}, [("R01", E, NHS)]),
    ("no date of birth", {BORN: None}, [("R01", E, BORN)]),
    ("no gender", {"gender": None}, [("R01", E, "gender")]),
    ("gender unknown is an answer", {"gender": "U"}, []),
    ("no date of diagnosis", {DIAGNOSED: None}, [("R01", E, DIAGNOSED)]),
    ("no site", {"site_1": None}, [("R01", E, "site_1")]),
    ("not UK without local id", {NHS: "NOT_UK"}, [("R01", E, "local_id")]),
    ("untraced without local id", {NHS: "UNTRACED"}, [("R01", E, "local_id")]),
    ("not UK with local id", {NHS: "NOT_UK", "local_id": "H1"}, []),
    ("untraced with local id", {NHS: "UNTRACED", "local_id": "H1"}, []),
    # V01
    ("valid vector in range", {NHS: "4010232137"}, []),
    ("wrong check digit", {NHS: "9990000019"}, [("V01", E, NHS)]),
    ("nine digits", {NHS: "999000001"}, [("V01", E, NHS)]),
    ("eleven digits", {NHS: "99900000180"}, [("V01", E, NHS)]),
    ("letters", {NHS: "99900000I8"}, [("V01", E, NHS)]),
    ("digits of another script", {NHS: "९९९००००१८०"}, [("V01", E, NHS)]),
    ("ten equal digits", {NHS: "1111111111"}, [("V01", E, NHS)]),
    ("range not issued", {NHS: "9876543210"}, [("V01", W, NHS)]),
    # V02
    ("50 on the day", born_and_diagnosed(date(1974, 1, 10), date(2024, 1, 10)), []),
    (
        "50 the day after",
        born_and_diagnosed(date(1974, 1, 11), date(2024, 1, 10)),
        [("V02", E, BORN)],
    ),
    (
        "born on 29 February, 28 February in a common year",
        born_and_diagnosed(date(1972, 2, 29), date(2022, 2, 28)),
        [("V02", E, BORN)],
    ),
    (
        "born on 29 February, 1 March in a common year",
        born_and_diagnosed(date(1972, 2, 29), date(2022, 3, 1)),
        [],
    ),
    (
        "born on 29 February, 29 February",
        born_and_diagnosed(date(1972, 2, 29), date(2024, 2, 29)),
        [],
    ),
    (
        "born on the day of diagnosis",
        born_and_diagnosed(date(2024, 1, 10), date(2024, 1, 10)),
        [("V02", E, BORN)],
    ),
    (
        "born after the diagnosis",
        born_and_diagnosed(date(2024, 1, 11), date(2024, 1, 10)),
        [("V02", E, BORN)],
    ),
    # V03
    ("105 and a day short of 106", born_and_diagnosed(date(1918, 1, 11), date(2024, 1, 10)), []),
    (
        "106 on the day",
        born_and_diagnosed(date(1918, 1, 10), date(2024, 1, 10)),
        [("V03", W, BORN)],
    ),
    (
        "a day short of 121",
        born_and_diagnosed(date(1903, 1, 11), date(2024, 1, 10)),
        [("V03", W, BORN)],
    ),
    (
        "121 on the day",
        born_and_diagnosed(date(1903, 1, 10), date(2024, 1, 10)),
        [("V03", E, BORN)],
    ),
    (
        "born on 29 February, 106 from 1 March only",
        born_and_diagnosed(date(1912, 2, 29), date(2018, 2, 28)),
        [],
    ),
    # V04
    ("first day of the audit", {DIAGNOSED: date(2016, 1, 1)}, []),
    ("the day before the audit", {DIAGNOSED: date(2015, 12, 31)}, [("V04", E, DIAGNOSED)]),
    ("diagnosed today", {DIAGNOSED: TODAY}, []),
    ("diagnosed tomorrow", {DIAGNOSED: date(2026, 11, 24)}, [("V04", E, DIAGNOSED)]),
    # V05
    *(
        case
        for key in [f.key for f in FIELDS if f.kind == "date" and f.key != DIAGNOSED]
        if key != "date_of_birth"
        for case in (
            (f"{key} today", {key: TODAY}, []),
            (f"{key} tomorrow", {key: date(2026, 11, 24)}, [("V05", E, key)]),
            (f"{key} blank", {key: None}, []),
        )
    ),
    (
        "born tomorrow",
        {"date_of_birth": date(2026, 11, 24)},
        [("V02", E, "date_of_birth"), ("V05", E, "date_of_birth")],
    ),
    # V12
    ("two drugs", {"therapy_recommended": ("1", "6")}, []),
    ("a status alone", {"therapy_recommended": ("43",)}, []),
    ("don't know alone", {"therapy_recommended": ("U",)}, []),
    ("therapy cleared", {"therapy_recommended": CLEAR}, []),
    *(
        (f"4.01 drug and {code}", {"therapy_recommended": ("1", code)}, [("V12", E, key)])
        for key in ["therapy_recommended"]
        for code in ["40", "41", "42", "43", "U"]
    ),
    (
        "4.01 two statuses",
        {"therapy_recommended": ("40", "41")},
        [("V12", E, "therapy_recommended")],
    ),
    ("2.06 none alone", {AT_FRACTURE: ("0",)}, []),
    (
        "2.06 none and a drug",
        {AT_FRACTURE: ("0", "1")},
        [("V12", E, "therapy_at_fracture")],
    ),
    (
        "2.06 drug and don't know",
        {AT_FRACTURE: ("1", "U")},
        [("V12", E, "therapy_at_fracture")],
    ),
    ("5.10 two referrals", {REFERRALS: ("1", "9")}, []),
    ("5.10 none and a referral", {REFERRALS: ("0", "1")}, [("V12", E, REFERRALS)]),
    (
        "5.10 referral and decline",
        {REFERRALS: ("1", "10")},
        [("V12", E, REFERRALS)],
    ),
    *(
        (f"6.05 drug and {code}", {"therapy_16w": ("1", code)}, [("V12", E, "therapy_16w")])
        for code in ["43", "44", "45", "46", "U"]
    ),
    *(
        (f"7.05 drug and {code}", {"therapy_52w": ("1", code)}, [("V12", E, "therapy_52w")])
        for code in ["43", "44", "45", "46", "47", "U"]
    ),
    # V18
    ("three different sites", {"site_2": "2", "site_3": "3"}, []),
    ("third site without second", {"site_3": "3"}, [("V18", E, "site_3")]),
    (
        "second site without first",
        {"site_1": None, "site_2": "3"},
        [("R01", E, "site_1"), ("V18", E, "site_2")],
    ),
    ("first and second equal", {"site_2": "1"}, [("V18", W, "site_2")]),
    ("first and third equal", {"site_2": "3", "site_3": "1"}, [("V18", W, "site_3")]),
    ("second and third equal", {"site_2": "3", "site_3": "3"}, [("V18", W, "site_3")]),
    ("three vertebrae", {"site_1": "2", "site_2": "2", "site_3": "2"}, []),
    (
        "three wrists",
        {"site_1": "3", "site_2": "3", "site_3": "3"},
        [("V18", W, "site_2"), ("V18", W, "site_3")],
    ),
    ("second site cleared", {"site_2": CLEAR}, []),
    # codes of the version
    ("code 7 in v3", {"site_1": "7", DIAGNOSED: date(2023, 12, 31)}, []),
    ("code 7 in v4", {"site_1": "7", DIAGNOSED: date(2024, 1, 1)}, [("T03", E, "site_1")]),
    (
        "code 7 of a new fracture in v4",
        {"refracture_1_site": "7"},
        [("T03", E, "refracture_1_site")],
    ),
    ("code 7 without a date", {"site_1": "7", DIAGNOSED: None}, [("R01", E, DIAGNOSED)]),
]


@pytest.mark.parametrize(("changes", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_record_has_exactly_these_findings(changes, expected) -> None:
    assert said(changes) == expected


@pytest.mark.parametrize("changes", [c[1] for c in CASES], ids=[c[0] for c in CASES])
def test_columns_of_one_record_have_the_same_findings(changes) -> None:
    record = GOOD | changes
    columns = {key: [value] for key, value in record.items()}
    expected = [(0, finding) for finding in check_record(record, today=TODAY)]
    assert check_columns(columns, 1, today=TODAY) == expected


def test_a_version_can_be_given() -> None:
    assert said({"site_1": "7"}, version=V3) == []
    assert said({"site_1": "7", DIAGNOSED: date(2020, 1, 1)}, version=V4) == [("T03", E, "site_1")]


def test_what_could_not_be_read_is_not_called_missing() -> None:
    assert said({BORN: None}, unreadable={BORN}) == []
    assert said({"site_1": None, "site_2": "3"}, unreadable={"site_1"}) == []
    assert said({NHS: "NOT_UK"}, unreadable={"local_id"}) == []
    assert said({BORN: None, "gender": None}, unreadable={BORN}) == [("R01", E, "gender")]


@given(st.lists(records(), max_size=12))
def test_many_records_at_once_have_the_findings_of_each(rows) -> None:
    keys = {key for row in rows for key in row}
    columns = {key: [row.get(key) for row in rows] for key in keys}
    expected = [
        (place, finding)
        for place, row in enumerate(rows)
        for finding in check_record(row, today=TODAY)
    ]
    assert check_columns(columns, len(rows), today=TODAY) == expected


@given(st.lists(records(), min_size=1, max_size=6), st.data())
def test_unreadable_cells_silence_both_doors_alike(rows, data) -> None:
    keys = sorted({key for row in rows for key in row})
    silent = {
        place: data.draw(st.sets(st.sampled_from(keys), max_size=3)) for place in range(len(rows))
    }
    columns = {key: [row.get(key) for row in rows] for key in keys}
    expected = [
        (place, finding)
        for place, row in enumerate(rows)
        for finding in check_record(row, today=TODAY, unreadable=silent[place])
    ]
    assert check_columns(columns, len(rows), today=TODAY, unreadable=silent) == expected


@given(st.lists(records(), min_size=2, max_size=6), records(), st.data())
def test_a_record_never_changes_what_is_said_of_another(rows, other, data) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    changed = [*rows[:place], other, *rows[place + 1 :]]

    def of_the_others(table):
        keys = {key for row in table for key in row}
        columns = {key: [row.get(key) for row in table] for key in keys}
        found = check_columns(columns, len(table), today=TODAY)
        return [pair for pair in found if pair[0] != place]

    assert of_the_others(rows) == of_the_others(changed)


@given(records())
def test_no_message_holds_an_identifying_value(record) -> None:
    for finding in check_record(record, today=TODAY):
        for key in ("nhs_number", "postcode", "local_id"):
            value = record.get(key)
            if value and value not in ("NOT_UK", "UNTRACED", "A1", "123"):
                assert value not in finding.message
        born_on = record.get("date_of_birth")
        if born_on:
            assert born_on.isoformat() not in finding.message
            assert f"{born_on:%d/%m/%Y}" not in finding.message
            assert str(born_on.year) not in finding.message.replace("2016", "").replace("2024", "")


def test_every_rule_has_a_text_a_source_and_a_name_with_its_number() -> None:
    numbers = [rule.number for rule in RULES]
    assert (
        numbers
        == sorted(set(numbers))
        == [
            "V01",
            "V02",
            "V03",
            "V04",
            "V05",
            "V12",
            "V18",
        ]
    )
    for rule in RULES:
        assert rule.number in CATALOGUE
        assert rule.check.__name__.startswith(rule.number.lower() + "_")
        assert "Source:" in (rule.check.__doc__ or "")


def test_the_catalogue_has_every_code() -> None:
    wanted = [f"H0{n}" for n in (1, 2, 3)] + [f"F0{n}" for n in range(1, 6)]
    wanted += [f"R0{n}" for n in range(1, 9)] + [f"T0{n}" for n in range(1, 8)] + ["M01", "M02"]
    wanted += [rule.number for rule in RULES] + ["V20", "V24"]
    assert sorted(CATALOGUE) == sorted(wanted)
    assert all(entry.title and entry.mend.endswith(".") for entry in CATALOGUE.values())
