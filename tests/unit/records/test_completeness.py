"""The SQL about completeness: written from the dataset, frozen in a migration."""

from __future__ import annotations

import importlib

import pytest

from dataset.conditions import AllOf, AnswerIn, AnyOf, Given
from services.records.domain.completeness import (
    PROGRESS_COLUMNS,
    condition_sql,
    section_complete_sql,
)

FROZEN = importlib.import_module("services.records.migrations.versions.0003_finding").PROGRESS


def test_the_migration_has_what_the_dataset_asks_today() -> None:
    # Where this fails, the dataset asks something else than when the columns were made: write a
    # migration that drops the columns and adds them (and the index) anew, and name it above.
    assert {name: " ".join(sql.split()) for name, sql in FROZEN.items()} == PROGRESS_COLUMNS


@pytest.mark.parametrize(
    ("condition", "sql"),
    [
        (AnswerIn("dxa", ("1", "2")), "dxa IN ('1', '2')"),
        (AnswerIn("dxa", ("it's",)), "dxa IN ('it''s')"),
        (Given("dxa_date"), "dxa_date IS NOT NULL"),
        (AllOf((Given("a"), Given("b"))), "(a IS NOT NULL AND b IS NOT NULL)"),
        (AnyOf((Given("a"), Given("b"))), "(a IS NOT NULL OR b IS NOT NULL)"),
    ],
)
def test_conditions_as_sql(condition, sql: str) -> None:
    assert condition_sql(condition) == sql


def test_sealed_fields_are_left_out_and_the_postcode_counts_by_its_outward_part() -> None:
    sql = section_complete_sql(1)
    assert "outward_postcode IS NOT NULL" in sql
    assert "nhs_number" not in sql and "date_of_birth" not in sql
