"""The comparison goes on from staging while nothing at the site has changed (decision 0028)."""

from __future__ import annotations

import os
import random
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.records.actions import comparing
from services.records.domain.periods import Locks
from services.records.queries.comparing import compare_statement
from services.records.queries.staging import find_import, staged_batches
from services.records.queries.verdicts import lock_binds
from services.shared.db import transaction
from tests.factories.records import Imports, make_row

ROUNDS = 300 if os.environ.get("FLSDB_LONG") else 30
DAYS = ("2024-01-10", "2024-01-12", "2024-01-20", "2024-06-01")


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which rows each comparison looked up."""
    seen: list[str] = []

    def statement(overwrite_unknown: bool, *, looked_up: Any) -> str:
        seen.append(looked_up)
        return compare_statement(overwrite_unknown, looked_up=looked_up)

    monkeypatch.setattr(comparing, "compare_statement", statement)
    return seen


def some_rows(drawn: random.Random) -> list[dict[str, Any]]:
    """Rows about few patients, days and local ids, so that they meet others and what is stored."""
    rows = []
    for _ in range(drawn.randint(2, 9)):
        number = drawn.choice((0, 1, 2, 3, 4, None))
        given: dict[str, Any] = {} if number is not None else {"nhs_number": "S4"}
        local_id = drawn.choice((None, None, "A", "B", "C", uuid4().hex[:8]))
        if number is None and local_id is None:
            local_id = "D"
        rows.append(
            make_row(
                number or 0,
                **given,
                local_id=local_id,
                date_index_diagnosed=drawn.choice(DAYS),
                site_1=drawn.choice(("2", "3")),
                smoker=drawn.choice(("0", "1", None)),
            )
        )
    return rows


def compared(imports: Imports, import_id: UUID, looked_up: Any) -> tuple[list[Any], list[Any]]:
    """What the comparison says and keeps when it looks up so many rows; nothing of it stays."""
    with transaction(imports.engine, site_id=imports.site_id) as session:
        staged = find_import(session, import_id)
        assert staged is not None
        session.execute(text("DELETE FROM staged_decision WHERE import_id = :i"), {"i": import_id})
        binds = {
            "import_id": import_id,
            "site_id": imports.site_id,
            "mode": staged.mode,
            "slice_rows": 3,
            "unclear_rows": staged_batches(session, import_id).unclear_rows,
            **lock_binds(Locks()),
        }
        said = session.execute(text(compare_statement(False, looked_up=looked_up)), binds).all()
        kept = session.execute(
            text(
                "SELECT row_number, outcome, reason FROM staged_decision WHERE import_id = :i "
                "ORDER BY row_number"
            ),
            {"i": import_id},
        ).all()
        session.rollback()
    return sorted(map(repr, said)), list(kept)


@pytest.mark.parametrize("mode", ["add_and_update", "update_only"])
def test_what_staging_found_is_what_looking_up_again_finds(imports: Imports, mode: str) -> None:
    imports.deliveries = 1
    drawn = random.Random(28)
    outcomes: set[str] = set()
    for _ in range(ROUNDS):
        import_id = imports.check(some_rows(drawn), mode=mode)
        short = compared(imports, import_id, "not_new")
        assert short == compared(imports, import_id, "all")
        outcomes |= {reason for _, _, reason in short[1]}
        imports.store(*some_rows(drawn))
    if mode == "add_and_update":
        assert outcomes >= {"possible_match", "same_record_twice", "two_records"}


def test_only_what_is_not_clearly_new_is_looked_up_again(
    imports: Imports, looked_up: list[str]
) -> None:
    imports.store(make_row(1))
    near = make_row(1, local_id=None, date_index_diagnosed="2024-01-12")
    import_id = imports.check([make_row(2), near, make_row(1, smoker="0")])
    assert looked_up == ["nothing", "not_new"]
    assert imports.one("SELECT unclear_rows FROM staged_batch") == [3]
    assert imports.ledger(import_id) == {
        "new": 1,
        "changed": 1,
        "same": 0,
        "held": 1,
        "rejected": 0,
    }


@pytest.mark.parametrize("when", ["between batches", "before the last"])
def test_all_is_looked_up_again_once_a_record_of_the_site_has_changed(
    imports: Imports, looked_up: list[str], when: str
) -> None:
    imports.store(make_row(1))
    import_id = uuid4()
    imports.announce(import_id, 3)
    imports.send(import_id, 0, [make_row(2)])
    if when == "between batches":
        imports.store(make_row(2))
    imports.send(import_id, 1, [make_row(3)])
    if when == "before the last":
        imports.store(make_row(2))
    imports.send(import_id, 2, [make_row(4)])
    assert looked_up[-1] == "all"
    assert imports.ledger(import_id)["same"] == 1


def test_another_sites_change_has_nothing_looked_up_again(
    imports: Imports, other_site: Imports, looked_up: list[str]
) -> None:
    imports.store(make_row(1))
    import_id = uuid4()
    imports.announce(import_id, 2)
    imports.send(import_id, 0, [make_row(2)])
    other_site.store(make_row(2))
    imports.send(import_id, 1, [make_row(3)])
    assert looked_up[-1] == "not_new"
    assert imports.ledger(import_id)["new"] == 2
