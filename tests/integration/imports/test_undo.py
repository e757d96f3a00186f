"""Undoing: who may, until when, what records is told, and what its answers make of the import."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from services.imports.domain.receipts import verify
from tests.factories.imports import make_file
from tests.integration.imports.conftest import RIGHTS, Api, World

UNDONE: dict[str, Any] = {
    "removed": 3,
    "restored": 1,
    "kept": 1,
    "kept_records": ["0197d7a4-0000-7000-8000-0000000000c1"],
    "refused_years": [],
}


@pytest.fixture
def api(world: World) -> Api:
    return world.api(world.site("BNT"))


def stored(world: World, api: Api) -> str:
    import_id = str(api.upload(make_file(5), confirm="automatic").json["import_id"])
    world.run()
    assert api.get(f"/imports/{import_id}")["state"] == "applied"
    return import_id


def answered(world: World, api: Api, import_id: str, **changes: Any) -> dict[str, Any]:
    data = {"import_id": import_id, **UNDONE, **changes}
    for _ in range(2):
        world.deliver(
            "records.import_undone.v1",
            data,
            site_id=api.actor.site_id,  # type: ignore[union-attr]
        )
    found: dict[str, Any] = api.get(f"/imports/{import_id}")
    return found


def test_an_undone_import_says_what_became_of_its_records(world: World, api: Api) -> None:
    import_id = stored(world, api)
    before = api.get(f"/imports/{import_id}")
    assert before["undo_until"] > before["ended_at"]
    for _ in range(2):
        answer = api("POST", f"/imports/{import_id}/undo")
        assert (answer.status_code, answer.json["state"]) == (200, "undoing")
    asked = [e for e in world.take_outbox() if e.envelope.type == "imports.undo_wanted.v1"]
    (event,) = asked
    assert event.data["by"] == str(api.actor.account_id)  # type: ignore[union-attr]
    found = answered(world, api, import_id)
    assert (found["state"], found["undone"], found["undo_until"]) == ("undone", UNDONE, None)
    assert found["ended_at"] == before["ended_at"]
    assert [line["kind"] for line in found["history"]][-3:] == ["applied", "undoing", "undone"]
    assert api("POST", f"/imports/{import_id}/undo").json["state"] == "undone"


def test_the_same_file_is_a_new_import_after_it_was_undone(world: World, api: Api) -> None:
    import_id = stored(world, api)
    assert api.upload(make_file(5)).json["import_id"] == import_id
    api("POST", f"/imports/{import_id}/undo")
    answered(world, api, import_id)
    assert api.upload(make_file(5)).status_code == 201


def test_a_locked_year_leaves_it_as_it_was_and_is_told(world: World, api: Api) -> None:
    import_id = stored(world, api)
    before = api.get(f"/imports/{import_id}")
    api("POST", f"/imports/{import_id}/undo")
    found = answered(
        world, api, import_id, removed=0, restored=0, kept=0, kept_records=[], refused_years=[2023]
    )
    assert (found["state"], found["undone"]["refused_years"]) == ("applied", [2023])
    assert found["undo_until"] == before["undo_until"]


def test_it_is_too_late_after_the_period(world: World, api: Api) -> None:
    import_id = stored(world, api)
    world.look.rows(
        "UPDATE import SET ended_at = now() - interval '8 days' WHERE import_id = %s RETURNING 1",
        import_id,
    )
    assert api.get(f"/imports/{import_id}")["undo_until"] is None
    answer = api("POST", f"/imports/{import_id}/undo")
    assert (answer.status_code, answer.json["code"]) == (409, "too_late")


def test_only_what_was_stored_can_be_undone_and_by_who_may_upload(world: World, api: Api) -> None:
    import_id = str(api.upload(make_file(2)).json["import_id"])
    assert api("POST", f"/imports/{import_id}/undo").status_code == 409
    assert world.api(world.site("XYZ"))("POST", f"/imports/{import_id}/undo").status_code == 404
    reader = world.api(api.actor.site_id, RIGHTS - {"records.import"})  # type: ignore[union-attr]
    assert reader("POST", f"/imports/{import_id}/undo").status_code == 403
    assert api("POST", f"/imports/{uuid4()}/undo").status_code == 404


def test_each_receipt_is_signed_and_names_the_one_it_replaces(world: World, api: Api) -> None:
    import_id = stored(world, api)
    keys = world.visitor().get("/receipt-keys")["keys"]
    first = verify(api.get(f"/imports/{import_id}/receipt"), keys)
    ledger = first["ledger"]
    assert ledger == {
        "received": 5, "new": 5, "changed": 0, "same": 0, "rejected": 0, "held": 0
    }  # fmt: skip
    assert (first["number"], first["replaces"], first["undone"]) == (1, None, None)
    assert (first["site_code"], first["state"]) == ("BNT", "applied")
    api("POST", f"/imports/{import_id}/undo")
    answered(world, api, import_id)
    second = verify(api.get(f"/imports/{import_id}/receipt"), keys)
    assert (second["number"], second["replaces"]) == (2, first["receipt_id"])
    assert (second["state"], second["undone"]) == (
        "undone",
        {"removed": 3, "restored": 1, "kept": 1},
    )
    assert second["ledger"] == ledger


def test_there_is_no_receipt_of_what_was_not_stored_or_is_another_sites(
    world: World, api: Api
) -> None:
    waiting = str(api.upload(make_file(2)).json["import_id"])
    assert api("GET", f"/imports/{waiting}/receipt").status_code == 404
    import_id = stored(world, api)
    assert world.api(world.site("XYZ"))("GET", f"/imports/{import_id}/receipt").status_code == 404
