"""Whoever sent a file is written to when it waits for them or has ended while they were away."""

from __future__ import annotations

import pytest

from tests.factories.imports import csv_bytes, make_file, make_row
from tests.integration.imports.conftest import Api, World


@pytest.fixture
def api(world: World) -> Api:
    return world.api(world.site("BNT"))


def told(world: World) -> list[tuple[str, str]]:
    """(import, state) of all that anybody was to be written about."""
    found = [e for e in world.sent if e.envelope.type == "imports.person_wanted.v1"]
    return [(event.envelope.subject, event.data["state"]) for event in found]


def sent(api: Api, world: World, data: bytes, *, waited: int, **choices: str) -> str:
    import_id = str(api.upload(data, **choices).json["import_id"])
    for moment in ("created_at", "confirmed_at"):
        world.look.rows(
            f"UPDATE import SET {moment} = {moment} - make_interval(secs => %s) "
            "WHERE import_id = %s",
            waited,
            import_id,
        )
    return import_id


@pytest.mark.parametrize("waited", [5, 70])
def test_a_file_that_is_ready(world: World, api: Api, waited: int) -> None:
    import_id = sent(api, world, make_file(3), waited=waited)
    world.run()
    assert told(world) == ([(import_id, "checked")] if waited > 60 else [])
    if waited > 60:
        (event,) = [e for e in world.sent if e.envelope.type == "imports.person_wanted.v1"]
        assert event.data["account_id"] == str(api.actor.account_id)  # type: ignore[union-attr]


def test_a_file_that_was_refused(world: World, api: Api) -> None:
    import_id = sent(api, world, b"nothing,here\r\n1,2\r\n", waited=70)
    world.run()
    assert told(world) == [(import_id, "refused")]


def test_one_that_confirms_itself_is_told_once_it_is_stored(world: World, api: Api) -> None:
    import_id = sent(api, world, make_file(3), waited=70, confirm="automatic")
    world.run()
    # It was confirmed a moment ago, by nobody: what counts is since when the person waits.
    assert told(world) == [(import_id, "applied")]


def test_a_large_one_that_took_long_to_store(world: World, api: Api) -> None:
    import_id = sent(api, world, make_file(3), waited=0)
    world.run()
    api("POST", f"/imports/{import_id}/confirmation")
    world.look.rows("UPDATE import SET confirmed_at = confirmed_at - interval '70 seconds'")
    world.run()
    assert told(world) == [(import_id, "applied")]


def test_a_fault_of_ours_is_always_told(world: World, api: Api) -> None:
    world.records.lose = 1
    import_id = sent(api, world, csv_bytes([make_row(0), make_row(1)]), waited=0)
    world.run()
    assert api.get(f"/imports/{import_id}")["state"] == "failed"
    assert told(world) == [(import_id, "failed")]


def test_what_somebody_cancels_is_not_told(world: World, api: Api) -> None:
    import_id = sent(api, world, make_file(3), waited=70)
    api("POST", f"/imports/{import_id}/cancellation")
    world.run()
    assert told(world) == []
