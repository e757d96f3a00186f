"""Each rule: each reason alone, both sides of each limit, blank, and "don't know"."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given

from dataset.engine import check_columns, check_record
from dataset.fields import FIELD_BY_KEY
from dataset.findings import CATALOGUE
from dataset.rules import RULES
from dataset.versions import V3, V4
from tests.unit.dataset.record_strategies import drawn_records, records
from tests.unit.dataset.rule_cases import (
    BORN,
    CASES,
    DIAGNOSED,
    NHS,
    TODAY,
    TOMORROW,
    is_as_expected,
)
from tests.unit.dataset.whole_records import FULL, WHOLE
from tests.unit.dataset.whole_records import KEYS as GOOD

E = "error"
ALL_CASES = [(code, *case) for code, cases in CASES.items() for case in cases]
IDS = [f"{code} {words}" for code, words, _, _ in ALL_CASES]


def said(changes: dict[str, Any], **more: Any) -> list[tuple[str, str, str | None]]:
    """Code, level and field of every finding of a good record with these changes."""
    found = check_record(GOOD | changes, today=TODAY, **more)
    return [(finding.code, finding.level, finding.field) for finding in found]


@pytest.mark.parametrize(("code", "words", "changes", "expected"), ALL_CASES, ids=IDS)
def test_a_rule_says_exactly_this(code, words, changes, expected) -> None:
    found = [f for f in check_record(GOOD | changes, today=TODAY) if f.code == code]
    assert is_as_expected(found, expected), f"{code}: {words}"


@pytest.mark.parametrize(("code", "words", "changes", "expected"), ALL_CASES, ids=IDS)
def test_columns_of_one_record_have_the_same_findings(code, words, changes, expected) -> None:
    record = GOOD | changes
    columns = {key: [value] for key, value in record.items()}
    found = [(0, finding) for finding in check_record(record, today=TODAY)]
    assert check_columns(columns, 1, today=TODAY) == found, f"{code}: {words}"


def test_columns_of_all_cases_at_once_have_the_findings_of_each() -> None:
    rows = [GOOD | changes for _, _, changes, _ in ALL_CASES]
    expected = [
        (place, finding)
        for place, row in enumerate(rows)
        for finding in check_record(row, today=TODAY)
    ]
    assert check_columns(_columns(rows), len(rows), today=TODAY) == expected


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    keys = {key for row in rows for key in row}
    return {key: [row.get(key) for row in rows] for key in keys}


def test_whole_records_have_no_finding() -> None:
    assert said(WHOLE) == said(FULL) == []


def test_findings_of_several_rules_stand_in_the_order_of_their_numbers() -> None:
    changes = {"date_of_birth": TOMORROW, "site_3": "1", "gender": None, "dxa": "0"}
    codes = [code for code, _, _ in said(changes)]
    assert codes == ["R01", "V02", "V05", "V11", "V18", "V18"]


def test_a_version_can_be_given() -> None:
    assert said({"site_1": "7"}, version=V3) == []
    assert said({"site_1": "7", DIAGNOSED: date(2020, 1, 1)}, version=V4) == [("T03", E, "site_1")]


def test_what_could_not_be_read_is_not_called_missing() -> None:
    assert said({BORN: None}, unreadable={BORN}) == []
    assert said({"site_1": None, "site_2": "3"}, unreadable={"site_1"}) == []
    assert said({NHS: "NOT_UK"}, unreadable={"local_id"}) == []
    assert said({BORN: None, "gender": None}, unreadable={BORN}) == [("R01", E, "gender")]


def test_thousands_of_records_have_the_same_findings_by_columns_and_every_rule_is_met() -> None:
    """Columns never miss what a record alone would be told: suspects are never too few."""
    rows = drawn_records(4_000)
    expected = [
        (place, finding)
        for place, row in enumerate(rows)
        for finding in check_record(row, today=TODAY)
    ]
    assert check_columns(_columns(rows), len(rows), today=TODAY) == expected
    met = Counter((finding.code, finding.level) for _, finding in expected)
    wanted = {(rule.number, level) for rule in RULES for level in rule.levels}
    assert {pair: met[pair] for pair in wanted if met[pair] < 10} == {}


def test_unreadable_cells_silence_both_doors_alike() -> None:
    rows = drawn_records(600, seed=2)
    random = Random(2)
    silent = {
        place: set(random.sample(sorted(row), k=random.randint(0, 3)))
        for place, row in enumerate(rows)
    }
    expected = [
        (place, finding)
        for place, row in enumerate(rows)
        for finding in check_record(row, today=TODAY, unreadable=silent[place])
    ]
    found = check_columns(_columns(rows), len(rows), today=TODAY, unreadable=silent)
    assert found == expected
    assert len(found) < len(check_columns(_columns(rows), len(rows), today=TODAY))


@pytest.mark.parametrize("seed", range(20))
def test_a_record_never_changes_what_is_said_of_another(seed) -> None:
    *rows, other = drawn_records(9, seed)
    place = seed % len(rows)
    changed = [*rows[:place], other, *rows[place + 1 :]]

    def of_the_others(table: list[dict[str, Any]]) -> list[Any]:
        found = check_columns(_columns(table), len(table), today=TODAY)
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


def test_every_rule_of_the_audit_is_here_and_tells_about_itself() -> None:
    numbers = [rule.number for rule in RULES]
    decided_by_the_store = {"V20", "V24"}
    assert numbers == sorted({f"V{n:02d}" for n in range(1, 25)} - decided_by_the_store)
    for rule in RULES:
        assert rule.number in CATALOGUE
        assert rule.check.__name__.startswith(rule.number.lower() + "_")
        assert rule.reason.endswith(".") and rule.source.endswith(".")
        assert set(rule.fields) <= FIELD_BY_KEY.keys()
        assert len(set(rule.fields)) == len(rule.fields)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.number)
def test_a_rule_says_no_more_than_it_tells_about_itself(rule) -> None:
    cases = CASES[rule.number]
    found = [
        finding
        for _, changes, _ in cases
        for finding in check_record(GOOD | changes, today=TODAY)
        if finding.code == rule.number
    ]
    assert {finding.level for finding in found} == set(rule.levels)
    assert rule.levels in (("error",), ("warning",), ("error", "warning"))
    for finding in found:
        assert {finding.field, *finding.fields} <= set(rule.fields)
        assert finding.field not in finding.fields
        assert finding.message.endswith(".")


def test_the_catalogue_has_every_code() -> None:
    wanted = [f"H0{n}" for n in (1, 2, 3)] + [f"F0{n}" for n in range(1, 8)]
    wanted += [f"R0{n}" for n in range(1, 9)] + [f"T0{n}" for n in range(1, 8)] + ["M01", "M02"]
    wanted += [f"V{n:02d}" for n in range(1, 25)]
    assert sorted(CATALOGUE) == sorted(wanted)
    assert all(entry.title and entry.mend.endswith(".") for entry in CATALOGUE.values())
