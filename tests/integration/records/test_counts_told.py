"""What others are told of a site's records: counts by month, anew after each change."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, text

from services.records.actions import telling_counts
from services.records.actions.guarding import lock_site
from services.records.actions.telling_counts import find_due, tell_counts
from services.records.handlers import tell_counts as tell_all
from services.shared.db import transaction
from tests.factories.records import Imports, make_row
from tests.integration.records.conftest import Caller
from tests.integration.records.test_sending import change, create

EVENT = "records.site_counts_changed.v1"
NOTHING = dict.fromkeys(
    ("hip", "spine", "dxa_done", "falls_assessed", "followed_up_16", "followed_up_52"), 0
)


def tell(engine: Engine, imports: Imports) -> bool:
    with transaction(engine, site_id=imports.site_id) as session:
        return tell_counts(session, site_id=imports.site_id)


def due(engine: Engine, pause: int = 0, ratio: int = 0) -> set[Any]:
    with transaction(engine, read_only=True, role="records_reader") as session:
        return set(find_due(session, pause_seconds=pause, pause_ratio=ratio))


def told(imports: Imports) -> dict[str, dict[str, int]]:
    months = imports.events(EVENT)[-1]["months"]
    return {each.pop("month"): each for each in months}


def test_a_site_without_a_record_is_told_too(
    engine: Engine, imports: Imports, other_site: Imports
) -> None:
    assert due(engine) == {imports.site_id, other_site.site_id}
    tell_all(engine)
    assert [event["months"] for event in imports.events(EVENT)] == [[]]
    assert due(engine) == set()


def test_records_are_counted_by_month_with_what_they_have(
    engine: Engine, imports: Imports, other_site: Imports
) -> None:
    other_site.store(make_row(3))
    imports.store(
        make_row(0, date_index_diagnosed="2024-01-31", site_1="1", dxa="1", falls_assessed="2"),
        make_row(1, date_index_diagnosed="2024-01-01", site_1="2", dxa="0", fu16_done="1"),
        make_row(2, date_index_diagnosed="2024-03-01", site_1="3", dxa="2", fu52_done="3"),
    )
    assert tell(engine, imports)
    january = {"hip": 1, "spine": 1, "dxa_done": 1, "falls_assessed": 1, "followed_up_16": 1}
    assert told(imports) == {
        "2024-01": {**NOTHING, "records": 2, **january},
        "2024-03": {**NOTHING, "records": 1, "dxa_done": 1},
    }


def test_every_door_makes_the_counts_due_and_only_news_is_told(
    engine: Engine, imports: Imports, writer: Caller
) -> None:
    tell(engine, imports)
    record = create(writer)
    assert due(engine) == {imports.site_id}
    assert tell(engine, imports) and not tell(engine, imports)
    answer = change(writer, record, {"smoker": "0"})
    assert answer.status_code == 200 and due(engine) == {imports.site_id}
    assert not tell(engine, imports)
    assert due(engine) == set()
    assert len(imports.events(EVENT)) == 2


def test_a_deleted_record_is_not_counted_any_more(
    engine: Engine, imports: Imports, app: Any
) -> None:
    imports.store(make_row(0))
    tell(engine, imports)
    lead = Caller(app, imports.site_id, frozenset({"records.read", "records.delete"}))
    (record,) = lead.get("/records").json["items"]
    body = {"version": record["version"], "reason": "entered_in_error"}
    assert lead.post(f"/records/{record['record_id']}/deletion", body).status_code == 204
    tell(engine, imports)
    assert told(imports) == {}


def test_versions_grow_so_that_an_older_word_can_be_told(
    engine: Engine, imports: Imports, superuser: psycopg.Connection[Any]
) -> None:
    tell(engine, imports)
    imports.store(make_row(0))
    tell(engine, imports)
    versions = superuser.execute(
        "SELECT headers->>'cloudEvents_subjectversion' FROM outbox_event WHERE name = %s "
        "ORDER BY event_id",
        (EVENT,),
    ).fetchall()
    assert [int(version) for (version,) in versions] == [1, 2]


def test_who_has_not_committed_is_told_of_later(engine: Engine, imports: Imports) -> None:
    tell(engine, imports)
    with transaction(engine, site_id=imports.site_id) as session:
        lock_site(session, imports.site_id)
        session.flush()
        # Nobody sees the mark yet, and nobody waits for it.
        assert not tell(engine, imports)
    assert due(engine) == {imports.site_id}


def test_a_change_while_it_is_counted_does_not_wait_and_makes_it_due_again(
    engine: Engine, imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = telling_counts.count_months

    def count_and_write(*args: Any, **options: Any) -> list[dict[str, Any]]:
        months = count(*args, **options)
        with transaction(engine, site_id=imports.site_id) as session:
            session.execute(text("SET LOCAL lock_timeout = '5s'"))
            lock_site(session, imports.site_id)
        return months

    monkeypatch.setattr(telling_counts, "count_months", count_and_write)
    assert tell(engine, imports)
    assert due(engine) == {imports.site_id}


def test_a_change_before_what_is_told_is_committed_makes_it_due_again(
    engine: Engine, imports: Imports
) -> None:
    def write() -> None:
        with transaction(engine, site_id=imports.site_id) as session:
            lock_site(session, imports.site_id)

    with transaction(engine, site_id=imports.site_id) as session:
        assert tell_counts(session, site_id=imports.site_id)
        writer = threading.Thread(target=write)
        writer.start()
        writer.join(0.3)
        assert writer.is_alive()
    writer.join(10)
    assert due(engine) == {imports.site_id}


def test_of_two_who_count_at_once_one_tells(
    engine: Engine, imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = telling_counts.count_months

    def count_and_let_another_tell(*args: Any, **options: Any) -> list[dict[str, Any]]:
        monkeypatch.setattr(telling_counts, "count_months", count)
        assert tell(engine, imports)
        return count(*args, **options)

    monkeypatch.setattr(telling_counts, "count_months", count_and_let_another_tell)
    assert not tell(engine, imports)
    assert len(imports.events(EVENT)) == 1 and due(engine) == set()


def test_a_busy_site_is_told_of_once_in_a_while(engine: Engine, imports: Imports) -> None:
    tell(engine, imports)
    imports.store(make_row(0))
    assert due(engine, pause=20) == set() and due(engine) == {imports.site_id}


def test_a_site_that_takes_long_to_count_is_counted_less_often(
    engine: Engine, imports: Imports, superuser: psycopg.Connection[Any]
) -> None:
    tell(engine, imports)
    imports.store(make_row(0))
    superuser.execute("UPDATE site_counts SET told_at = now() - interval '60 seconds'")
    superuser.execute("UPDATE site_counts SET count_seconds = 3.1")
    assert due(engine, pause=20, ratio=20) == set()
    superuser.execute("UPDATE site_counts SET count_seconds = 2.9")
    assert due(engine, pause=20, ratio=20) == {imports.site_id}
