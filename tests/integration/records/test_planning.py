"""A site that has just come costs what an old one costs: no plan reads all of it for each row.

The planner's statistics of a table say nothing of rows stored since they were made, and after them
a new site was once taken for an empty one: each look-up of one patient then read all of its rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, text

from services.records.actions import applying, applying_fresh
from services.records.domain.exporting import Filters
from services.records.queries.arrays import bytea_array, text_array
from services.records.queries.exporting import stream_of_site
from services.records.queries.matching import look_up_by_index
from services.records.queries.resealing import BY_HASH, RESEALED
from services.shared.db import transaction
from tests.factories.answers import nhs_numbers
from tests.factories.records import Imports, make_row

ROWS = 600
# A look-up reads an index and a row; an import has dozens for each of its rows. Read whole for each
# row, the site would be 600 more.
READ_FOR_EACH = 150

_CONNECTED = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""
_READ = """
SELECT coalesce(sum(idx_tup_fetch), 0) + coalesce(sum(seq_tup_read), 0)
    + (SELECT coalesce(sum(idx_tup_read), 0) FROM pg_stat_user_indexes)
FROM pg_stat_user_tables"""


@pytest.fixture
def tuples_read(
    engine: Engine, superuser: psycopg.Connection[Any]
) -> Callable[[Callable[[], Any]], int]:
    """How many rows and index entries the database reads for what a function does."""

    def total() -> int:
        # What a connection did is told at its end at the latest.
        engine.dispose()
        while superuser.execute(_CONNECTED).fetchone() != (0,):
            time.sleep(0.02)
        superuser.execute("SELECT pg_stat_clear_snapshot()")
        row = superuser.execute(_READ).fetchone()
        assert row is not None
        return int(row[0])

    def measure(act: Callable[[], Any]) -> int:
        before = total()
        act()
        return total() - before

    return measure


def _rows(start: int) -> list[dict[str, Any]]:
    numbers = islice(nhs_numbers(), start, start + ROWS)
    return [
        make_row(start + place, nhs_number=number, site_1="3")
        for place, number in enumerate(numbers)
    ]


def test_a_new_site_is_read_row_by_row(
    imports: Imports,
    other_site: Imports,
    superuser: psycopg.Connection[Any],
    tuples_read: Callable[[Callable[[], Any]], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (applying, applying_fresh):
        monkeypatch.setattr(module, "SLICE_ROWS", ROWS // 3)
    imports.deliveries = other_site.deliveries = 1
    imports.store(*_rows(0))
    superuser.execute("ANALYZE")
    rows = _rows(ROWS)
    changed = [{**row, "smoker": "0"} for row in rows]

    def export() -> None:
        site_id = other_site.site_id
        with transaction(other_site.engine, site_id=site_id) as session:
            parts = list(stream_of_site(session, site_id=site_id, filters=Filters()))
        assert sum(map(len, parts)) == 2 * ROWS

    def store(rows: list[dict[str, Any]], outcome: str) -> Callable[[], None]:
        def act() -> None:
            assert other_site.store(*rows)[outcome] == ROWS

        return act

    def store_what_the_first_has() -> None:
        days = [{**row, "local_id": f"B-{n}"} for n, row in enumerate(_rows(0))]
        assert other_site.store(*days)["new"] == ROWS

    read = {
        "elsewhere": tuples_read(store_what_the_first_has) / ROWS,
        "new": tuples_read(store(rows, "new")) / ROWS,
        "same": tuples_read(store(rows, "same")) / ROWS,
        "changed": tuples_read(store(changed, "changed")) / ROWS,
        "exported": tuples_read(export) / ROWS,
    }
    assert max(read.values()) < READ_FOR_EACH, read


@pytest.mark.parametrize("analysed", [True, False])
def test_resealing_does_not_read_its_arrays_for_each_row(
    imports: Imports, superuser: psycopg.Connection[Any], analysed: bool
) -> None:
    import_id = imports.check(_rows(0))
    if analysed:
        superuser.execute("ANALYZE")
    some = [None] * 100
    binds = {
        "import_id": import_id,
        "row_numbers": list(range(2, 102)),
        "patient_ids": text_array([str(import_id)] * 100),
        **dict.fromkeys(
            ("wrapped_keys", "nhs", "birth", "postcode", "local_id"), bytea_array(some)
        ),
    }
    with transaction(imports.engine, site_id=imports.site_id) as session:
        look_up_by_index(session)
        session.execute(BY_HASH)
        explain = text(f"EXPLAIN (FORMAT JSON) {RESEALED}")
        plan = session.execute(explain, binds).scalar_one()[0]["Plan"]
    read_again = [
        node["Plans"][1]
        for node in _nodes(plan)
        if node["Node Type"] == "Nested Loop" and _has_function_scan(node["Plans"][1])
    ]
    assert any(map(_has_function_scan, _nodes(plan))) and not read_again


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _has_function_scan(plan: dict[str, Any]) -> bool:
    return any(node["Node Type"] == "Function Scan" for node in _nodes(plan))
