"""An import that is stored whole or not at all: in one transaction, or compared again."""

from __future__ import annotations

from uuid import UUID

import pytest

from services.records.actions import applying
from tests.factories.records import Imports, make_row


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "SLICE_ROWS", 2)


def checked(imports: Imports, *numbers: int, whole: bool = True) -> UUID:
    rows = [make_row(number, smoker="0") for number in numbers]
    return imports.check(rows, all_or_nothing=whole)


def stored(imports: Imports) -> int:
    return int(imports.one("SELECT count(*) FROM fls_record"))


def test_all_slices_are_one_transaction(imports: Imports) -> None:
    import_id = checked(imports, *range(5))
    imports.confirm(import_id)
    imports.slice(import_id, 1)
    assert imports.state(import_id) == "applied"
    assert (imports.ledger(import_id)["new"], stored(imports)) == (5, 5)
    for number in (1, 2, 3):
        imports.slice(import_id, number)
    assert stored(imports) == 5


@pytest.mark.parametrize(("whole", "count"), [(True, 1), (False, 5)])
def test_a_row_that_became_held_keeps_all_from_being_stored(
    imports: Imports, whole: bool, count: int
) -> None:
    import_id = checked(imports, *range(5), whole=whole)
    imports.store(make_row(4))
    imports.apply(import_id)
    assert stored(imports) == count
    assert imports.state(import_id) == ("compared" if whole else "applied")
    assert imports.ledger(import_id)["held"] == 1


def test_what_has_become_held_is_told_with_the_new_counts(imports: Imports) -> None:
    import_id = checked(imports, *range(5))
    imports.store(make_row(4))
    before = len(imports.events("records.import_compared.v1"))
    imports.confirm(import_id)
    imports.slice(import_id, 1)
    *_, answer = imports.events("records.import_compared.v1")
    assert len(imports.events("records.import_compared.v1")) == before + 1
    assert (answer["import_id"], answer["new"], answer["held"]) == (str(import_id), 4, 1)
    assert [row["code"] for row in answer["held_rows"]] == ["stored_since_check"]
    assert imports.one("SELECT count(*) FROM own_staged_row") == 5
