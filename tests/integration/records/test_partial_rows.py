"""A row that is no record by itself is stored where it is part of one, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dataset.wire import FINE, WARNED, WRONG, WRONG_IF_NEW
from tests.factories.records import Imports, make_row

FIRST = 2
"""Number of the first row of a file."""


def partial(number: int = 0, **values: Any) -> dict[str, Any]:
    """A row with nothing but what names its record, and some answers."""
    return {"local_id": f"LOC-{number:04d}", **values}


def told(imports: Imports) -> dict[str, Any]:
    """What records answered to the last batch."""
    answer = imports.events("records.rows_staged.v1")[-1]
    return {
        "staged": answer["staged"],
        "rejected": answer["rejected"],
        "merged": answer["merged"],
        "codes": [(each["row"], each["code"]) for each in answer["findings"]],
    }


def test_a_partial_row_changes_the_record_it_is_part_of(imports: Imports) -> None:
    imports.store(make_row(0), make_row(1))
    rows = [partial(0, smoker="0"), partial(1), partial(2, smoker="0")]
    verdicts = dict.fromkeys(range(FIRST, FIRST + 3), WRONG_IF_NEW)
    import_id = imports.check(rows, verdicts=verdicts)
    assert told(imports) == {"staged": 2, "rejected": 1, "merged": [2, 3], "codes": []}
    assert imports.ledger(import_id) == {
        "new": 0, "changed": 1, "same": 1, "held": 0, "rejected": 1
    }  # fmt: skip
    imports.apply(import_id)
    found = imports.all("SELECT smoker, site_1 FROM fls_record ORDER BY smoker")
    assert [tuple(row) for row in found] == [("0", "3"), ("1", "3")]


def test_what_it_makes_of_the_record_is_checked(imports: Imports) -> None:
    imports.store(make_row(0))
    row = partial(0, date_of_birth="2000-01-01")
    imports.check([row], verdicts={FIRST: WRONG_IF_NEW})
    assert told(imports) == {
        "staged": 0, "rejected": 1, "merged": [FIRST], "codes": [(FIRST, "V02")]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        ({"smoker": "0"}, []),
        ({}, []),
        ({"unreadable": ["smoker"], "date_of_birth": "2000-01-01"}, [(FIRST, "V02")]),
        ({"unreadable": ["therapy_recommended"]}, []),
    ],
    ids=["changes", "changes nothing", "another error", "unreadable"],
)
def test_a_row_that_is_wrong_in_any_case_is_checked_and_never_stored(
    imports: Imports, row: dict[str, Any], codes: list[tuple[int, str]]
) -> None:
    imports.store(make_row(0))
    import_id = imports.check([partial(0, **row)], verdicts={FIRST: WRONG})
    assert told(imports) == {"staged": 0, "rejected": 1, "merged": [FIRST], "codes": codes}
    assert imports.ledger(import_id)["rejected"] == 1


@pytest.mark.parametrize("verdict", [WRONG_IF_NEW, WRONG])
def test_a_wrong_row_about_nothing_stored_is_rejected_as_imports_has_told(
    imports: Imports, verdict: int
) -> None:
    import_id = imports.check([make_row(0, site_1=None)], verdicts={FIRST: verdict})
    assert told(imports) == {"staged": 0, "rejected": 1, "merged": [], "codes": []}
    assert imports.ledger(import_id)["rejected"] == 1
    assert imports.one("SELECT count(*) FROM own_staged_row") == 0


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (WRONG_IF_NEW, {"staged": 1, "rejected": 0, "merged": [FIRST]}),
        (WRONG, {"staged": 0, "rejected": 1, "merged": []}),
    ],
)
def test_a_partial_row_that_may_be_about_several_records_is_for_a_person_to_decide(
    imports: Imports, verdict: int, expected: Mapping[str, Any]
) -> None:
    # The number and the day of one record, the local identifier of another of the same patient.
    imports.store(make_row(0))
    imports.store(make_row(0, local_id="LOC-B", date_index_diagnosed="2024-06-01"))
    row = {
        "local_id": "LOC-0000",
        "nhs_number": make_row(0)["nhs_number"],
        "date_index_diagnosed": "2024-06-01",
    }
    imports.check([row], verdicts={FIRST: verdict})
    assert told(imports) == {**expected, "codes": []}


def test_a_row_that_is_only_near_a_stored_record_must_be_right_by_itself(imports: Imports) -> None:
    imports.store(make_row(0))
    near = make_row(0, local_id=None, date_index_diagnosed="2024-01-12", gender=None)
    imports.check([near], verdicts={FIRST: WRONG_IF_NEW})
    assert told(imports) == {"staged": 0, "rejected": 1, "merged": [], "codes": []}


def test_warnings_of_a_row_as_new_fall_too_where_it_is_merged(imports: Imports) -> None:
    imports.store(make_row(0), make_row(1))
    rows = [make_row(0), make_row(1, smoker="0"), make_row(2)]
    verdicts = {FIRST: WARNED, FIRST + 1: FINE, FIRST + 2: WARNED}
    imports.check(rows, verdicts=verdicts)
    assert told(imports)["merged"] == [FIRST]
