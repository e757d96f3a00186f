"""The state of a record, and when an acknowledgement holds."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given

from dataset.engine import check_record
from dataset.fields import FIELDS
from dataset.findings import Finding
from dataset.rules import RULES
from dataset.states import (
    asks_to_confirm,
    is_token,
    own_state,
    remaining,
    token_of,
    unacknowledged,
)
from dataset.store import near_fracture, recorded_elsewhere, same_fracture
from dataset.values import CLEAR
from tests.unit.dataset.record_strategies import records
from tests.unit.dataset.whole_records import KEYS

TODAY = date(2026, 11, 23)
MORE = KEYS | {"smoker": "0"}
TWICE = MORE | {"site_2": "1"}
REPAIRED = Finding("T07", "warning", "nhs_number", "A spreadsheet has added .0 to the number.")


def state_of(record: dict[str, Any], *more: Finding, **how: Any) -> str:
    return own_state(record, [*check_record(record, today=TODAY), *more], **how)


CASES: list[tuple[str, dict[str, Any], tuple[Finding, ...], dict[str, Any], str]] = [
    ("the keys alone", KEYS, (), {}, "draft"),
    (
        "keys, local id and service",
        KEYS | {"local_id": "H1", "service_code": "ABC"},
        (),
        {},
        "draft",
    ),
    ("keys and a cleared answer", KEYS | {"smoker": CLEAR, "dxa": None}, (), {}, "draft"),
    ("one more answer", MORE, (), {}, "valid"),
    ("don't know is an answer", KEYS | {"smoker": "U"}, (), {}, "valid"),
    ("a missing key", {k: v for k, v in KEYS.items() if k != "gender"}, (), {}, "invalid"),
    ("an error", MORE | {"site_3": "2"}, (), {}, "invalid"),
    ("an error of the store", MORE, (same_fracture(),), {}, "invalid"),
    ("a text that cannot be read", MORE, (), {"unreadable": {"dxa_date"}}, "invalid"),
    ("a warning", TWICE, (), {}, "to_confirm"),
    ("a warning of the store", MORE, (near_fracture(3),), {}, "to_confirm"),
    ("a confirmed warning", TWICE, (), {"acknowledged": ["V18:site_2"]}, "valid"),
    (
        "one of two warnings confirmed",
        TWICE,
        (recorded_elsewhere(),),
        {"acknowledged": ["V18:site_2"]},
        "to_confirm",
    ),
    (
        "another warning of the same rule confirmed",
        MORE,
        (near_fracture(3),),
        {"acknowledged": ["V20:elsewhere"]},
        "to_confirm",
    ),
    (
        "a warning cannot be confirmed away from an error",
        TWICE | {"site_1": None},
        (),
        {"acknowledged": ["V18:site_2"]},
        "invalid",
    ),
    ("keys alone with a warning", KEYS, (near_fracture(3),), {}, "to_confirm"),
    (
        "keys alone with a confirmed warning",
        KEYS,
        (near_fracture(3),),
        {"acknowledged": ["V20:near"]},
        "draft",
    ),
    ("a repaired cell leaves nothing to confirm", MORE, (REPAIRED,), {}, "valid"),
]


@pytest.mark.parametrize(
    ("record", "more", "how", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_record_has_this_state(record, more, how, expected) -> None:
    assert state_of(record, *more, **how) == expected


def test_an_error_is_never_waved_through_by_its_token() -> None:
    assert state_of(MORE, same_fracture(), acknowledged=["V20:same"]) == "invalid"


def test_what_nobody_confirmed_is_listed_in_order() -> None:
    findings = [near_fracture(1), REPAIRED, same_fracture(), recorded_elsewhere()]
    assert unacknowledged(findings, []) == [near_fracture(1), recorded_elsewhere()]
    assert unacknowledged(findings, {"V20:near"}) == [recorded_elsewhere()]
    assert unacknowledged(findings, {"V20:near", "V20:elsewhere"}) == []


@pytest.mark.parametrize(
    ("changed", "left"),
    [
        (set(), ["V18:site_2", "V20:elsewhere", "V20:near", "V01:nhs_number"]),
        ({"smoker"}, ["V18:site_2", "V20:elsewhere", "V20:near", "V01:nhs_number"]),
        ({"site_3"}, ["V20:elsewhere", "V20:near", "V01:nhs_number"]),
        ({"date_index_diagnosed"}, ["V18:site_2", "V01:nhs_number"]),
        ({"nhs_number"}, ["V18:site_2"]),
        ({"nhs_number", "site_1"}, []),
    ],
)
def test_an_acknowledgement_lapses_when_a_field_its_rule_reads_changes(changed, left) -> None:
    given_words = ["V18:site_2", "V20:elsewhere", "V20:near", "V01:nhs_number"]
    assert remaining(given_words, changed) == left


def test_an_acknowledgement_of_a_rule_that_is_gone_does_not_remain() -> None:
    assert remaining(["V99:site_2", "V18:site_9", "T07:nhs_number", ""], set()) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.number)
def test_every_field_of_a_rule_makes_its_acknowledgements_lapse(rule) -> None:
    tokens = [f"{rule.number}:{key}" for key in rule.fields]
    if "warning" not in rule.levels:
        assert not any(map(is_token, tokens))
        return
    for field in FIELDS:
        left = remaining(tokens, {field.key})
        assert left == ([] if field.key in rule.fields else tokens)


@given(records())
def test_warnings_of_a_record_have_different_tokens_and_each_can_be_confirmed(record) -> None:
    findings = check_record(record, today=TODAY)
    tokens = [token_of(finding) for finding in findings if finding.level == "warning"]
    assert len(tokens) == len(set(tokens))
    assert all(map(is_token, tokens))
    assert all(map(asks_to_confirm, unacknowledged(findings, [])))
    assert unacknowledged(findings, tokens) == []


def test_a_date_that_crosses_into_another_version_is_checked_by_that_version() -> None:
    old = MORE | {"site_1": "7", "date_index_diagnosed": date(2023, 12, 31)}
    new = old | {"date_index_diagnosed": date(2024, 1, 1)}
    assert state_of(old) == "valid"
    assert [(f.code, f.field) for f in check_record(new, today=TODAY)] == [("T03", "site_1")]
    assert state_of(new) == "invalid"
    assert state_of(new | {"site_1": "3"}) == "valid"
    assert state_of(new | {"date_index_diagnosed": date(2023, 12, 31)}) == "valid"
