"""Conditions hold for the answers they name, and never for a blank."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dataset.conditions import AllOf, AnswerIn, AnyOf, Given
from dataset.values import CLEAR

YES = AnswerIn("dxa", ("1", "2"))
SCORE = Given("t_score")
BOTH, EITHER = AllOf((YES, SCORE)), AnyOf((YES, SCORE))

CASES = [
    ("the first code", YES, {"dxa": "1"}, True),
    ("the last code", YES, {"dxa": "2"}, True),
    ("another code", YES, {"dxa": "0"}, False),
    ("don't know", YES, {"dxa": "U"}, False),
    ("an absent answer", YES, {}, False),
    ("a blank answer", YES, {"dxa": None}, False),
    ("a cleared answer", YES, {"dxa": CLEAR}, False),
    ("given", SCORE, {"t_score": Decimal("-2.5")}, True),
    ("zero is given", SCORE, {"t_score": Decimal("0.0")}, True),
    ("absent", SCORE, {}, False),
    ("blank", SCORE, {"t_score": None}, False),
    ("cleared", SCORE, {"t_score": CLEAR}, False),
    ("both parts", BOTH, {"dxa": "1", "t_score": Decimal(1)}, True),
    ("one part of two", BOTH, {"dxa": "1"}, False),
    ("one part of either", EITHER, {"t_score": Decimal(1)}, True),
    ("no part of either", EITHER, {"dxa": "0"}, False),
]


@pytest.mark.parametrize(
    ("condition", "record", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_condition_holds_or_not(condition, record, expected) -> None:
    assert condition.holds(record) is expected


def test_a_condition_names_the_fields_it_reads_once_each() -> None:
    assert BOTH.keys == ("dxa", "t_score")
    assert AnyOf((EITHER, YES, Given("dxa_date"))).keys == ("dxa", "t_score", "dxa_date")
