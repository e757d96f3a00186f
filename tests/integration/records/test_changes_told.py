"""What an import would change is told before it is stored: which answers, in how many rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.factories.records import CLEAR, Imports, make_row
from tests.integration.records.conftest import Caller

CHANGES: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "an answer": ({"smoker": "0"}, {"smoker": 1}),
    "several, one emptied": (
        {"height_cm": "170.0", "therapy_recommended": ["1", "2"], "smoker": CLEAR},
        {"height_cm": 1, "therapy_recommended": 1, "smoker": 1},
    ),
    "identifiers": (
        {"postcode": "EX51 2BB", "date_of_birth": "1940-01-01"},
        {"postcode": 1, "date_of_birth": 1},
    ),
    "an emptied postcode": ({"postcode": CLEAR}, {"postcode": 1}),
    "a blank and a don't know": ({"smoker": "U", "height_cm": None, "gender": "1"}, {"gender": 1}),
}


def told(imports: Imports) -> dict[str, int]:
    fields = imports.events("records.import_compared.v1")[-1]["changed_fields"]
    return {each["field"]: each["rows"] for each in fields}


@pytest.mark.parametrize(("row", "expected"), CHANGES.values(), ids=CHANGES)
def test_each_changed_answer_is_counted(
    imports: Imports, row: dict[str, Any], expected: dict[str, int]
) -> None:
    imports.store(make_row(0), make_row(1), make_row(2))
    import_id = imports.check([make_row(0, **row), make_row(1), make_row(5)])
    assert imports.ledger(import_id)["changed"] == 1
    assert told(imports) == expected


def test_dont_know_counts_where_it_was_asked_for(imports: Imports) -> None:
    imports.store(make_row(0))
    imports.check([make_row(0, smoker="U")], overwrite_unknown=True)
    assert told(imports) == {"smoker": 1}


def test_rows_that_are_new_held_or_passed_over_count_for_nothing(imports: Imports) -> None:
    imports.store(make_row(0), make_row(1))
    near = make_row(0, local_id="X", date_index_diagnosed="2024-01-12", smoker="0")
    imports.check([near, make_row(3, smoker="0"), make_row(1, height_cm="150.0")])
    assert told(imports) == {"height_cm": 1}
    imports.check([make_row(1, height_cm="150.0")], mode="add_only")
    assert told(imports) == {}


def of_field(caller: Caller, import_id: UUID, field: str, **query: Any) -> Any:
    return caller.get(f"/imports/{import_id}/changes", query_string={"field": field, **query})


def test_the_rows_are_listed_with_both_answers(
    imports: Imports, other_site: Imports, caller: Caller, stranger: Caller
) -> None:
    imports.store(make_row(0), make_row(1))
    other_site.store(make_row(0))
    rows = [make_row(0, smoker="0", postcode="EX51 2BB"), make_row(1, smoker=CLEAR)]
    import_id = imports.check(rows)
    items = of_field(caller, import_id, "smoker").json["items"]
    assert [(i["row"], i["before"], i["after"]) for i in items] == [(2, "1", "0"), (3, "1", None)]
    assert len({i["record_id"] for i in items}) == 2
    assert [i["row"] for i in of_field(caller, import_id, "smoker", after=2).json["items"]] == [3]
    (postcode,) = of_field(caller, import_id, "postcode").json["items"]
    assert (postcode["row"], postcode["before"], postcode["after"]) == (2, None, None)
    assert of_field(caller, import_id, "nhs_number").status_code == 422
    assert of_field(stranger, import_id, "smoker").status_code == 404
    imports.apply(import_id)
    late = of_field(caller, import_id, "smoker")
    assert (late.status_code, late.json["code"]) == (409, "wrong_state")
