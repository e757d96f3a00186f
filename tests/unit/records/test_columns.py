"""The columns of a record follow from the dataset."""

from __future__ import annotations

from dataset.fields import FIELDS
from services.records.domain.columns import CLINICAL, CLINICAL_KEYS, IDENTIFIERS, NOT_STORED
from services.records.domain.decisions import HELD_REASONS, OUTCOMES, added, ledger


def test_every_field_is_stored_once() -> None:
    stored = [*CLINICAL_KEYS, *IDENTIFIERS, *NOT_STORED]
    assert sorted(stored) == sorted(field.key for field in FIELDS)


def test_types_follow_the_kind() -> None:
    types = {column.key: column.sql_type for column in CLINICAL}
    assert types["date_index_diagnosed"] == "date"
    assert types["site_1"] == types["refracture_count"] == "text"
    assert types["therapy_recommended"] == "text[]"
    assert types["t_score"] == "numeric(6,1)"


def test_dont_know_is_known_where_it_is_an_answer() -> None:
    unknown = {column.key for column in CLINICAL if column.has_unknown}
    assert {"smoker", "therapy_recommended", "refracture_count"} <= unknown
    assert not {"site_1", "height_cm", "falls_referrals", "fu16_done"} & unknown


def test_a_ledger_has_all_five_counts() -> None:
    assert tuple(ledger({})) == OUTCOMES
    assert added({"new": 1, "held": 2}, {"new": 3}) == ledger({"new": 4, "held": 2})


def test_reasons_are_sentences() -> None:
    assert all(words.endswith(".") and words[0].isupper() for words in HELD_REASONS.values())
