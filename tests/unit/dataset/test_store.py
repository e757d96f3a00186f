"""The words for what the store decides: codes, levels, fields, and no details of others."""

from __future__ import annotations

import pytest

from dataset.fields import FIELD_BY_KEY
from dataset.findings import CATALOGUE, GIVEN
from dataset.rules import RULES
from dataset.states import token_of
from dataset.store import (
    STORE_RULES,
    near_fracture,
    opted_out,
    opted_out_row,
    other_patients_number,
    period_locked,
    recorded_elsewhere,
    same_fracture,
)

ALL = [
    (same_fracture(), "V20", "error", "V20:same"),
    (near_fracture(28), "V20", "warning", "V20:near"),
    (recorded_elsewhere(), "V20", "warning", "V20:elsewhere"),
    (opted_out(), "V24", "error", "V24:nhs_number"),
    (opted_out_row(), "R06", "error", "R06:nhs_number"),
    (period_locked(2023), "R05", "error", "R05:date_index_diagnosed"),
    (other_patients_number(), "R07", "error", "R07:nhs_number"),
]


@pytest.mark.parametrize(("finding", "code", "level", "token"), ALL, ids=[a[3] for a in ALL])
def test_a_finding_of_the_store_says_what_it_is(finding, code, level, token) -> None:
    assert (finding.code, finding.level, token_of(finding)) == (code, level, token)
    assert code in CATALOGUE and code in GIVEN
    rule = next(rule for rule in STORE_RULES if rule.number == code)
    assert level in rule.levels
    assert {finding.field, *finding.fields} <= set(rule.fields) <= FIELD_BY_KEY.keys()


def test_rules_of_the_store_are_told_like_the_others() -> None:
    numbers = [rule.number for rule in STORE_RULES]
    assert numbers == ["V20", "V24", "R05", "R06", "R07"]
    assert not set(numbers) & {rule.number for rule in RULES}
    assert all(rule.reason.endswith(".") and rule.source for rule in STORE_RULES)


def test_how_far_apart_two_fractures_are_is_said_in_words() -> None:
    assert "diagnosed 1 day before or after" in near_fracture(1).message
    assert "diagnosed 28 days before or after" in near_fracture(28).message


def test_a_locked_period_is_named() -> None:
    assert "diagnosed in 2023 are locked" in period_locked(2023).message
