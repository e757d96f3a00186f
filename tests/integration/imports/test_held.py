"""What people decide about held rows: ledger, findings, history and receipt follow."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from services.imports.domain.receipts import verify
from services.imports.handlers import sweeper
from tests.factories.imports import make_file
from tests.integration.imports.conftest import Api, World

CLERK = str(uuid4())


@pytest.fixture
def api(world: World) -> Api:
    return world.api(world.site("BNT"))


@pytest.fixture
def import_id(world: World, api: Api) -> str:
    """An import of five rows, stored, of which two were held."""
    world.records.held = [3, 5]
    found = str(api.upload(make_file(5), confirm="automatic").json["import_id"])
    world.run()
    assert api.get(f"/imports/{found}")["counts"]["held"] == 2
    return found


def decided(
    world: World, api: Api, import_id: str, row: int, outcome: str, **counts: int
) -> dict[str, Any]:
    """Records tells of one decision, twice; returns the import."""
    data = {
        "import_id": import_id,
        **{"new": 3, "changed": 0, "same": 0, "held": 1, "rejected": 0, **counts},
        "rows": [{"row": row, "outcome": outcome}],
        "by": CLERK,
    }
    for _ in range(2):
        world.deliver("records.rows_decided.v1", data, site_id=api.actor.site_id)  # type: ignore[union-attr]
    found: dict[str, Any] = api.get(f"/imports/{import_id}")
    return found


def findings(api: Api, import_id: str) -> list[tuple[int, str, str]]:
    items = api.get(f"/imports/{import_id}/findings")["items"]
    return [(item["row"], item["code"], item["level"]) for item in items]


def test_the_ledger_the_findings_and_the_history_follow(
    world: World, api: Api, import_id: str
) -> None:
    found = decided(world, api, import_id, 3, "changed", changed=1)
    counts = found["counts"]
    assert (counts["received"], counts["new"], counts["changed"], counts["held"]) == (5, 3, 1, 1)
    assert findings(api, import_id) == [(5, "HELD", "warning")]
    last = found["history"][-1]
    assert (last["kind"], last["by"]) == ("rows_decided", CLERK)
    assert [line["kind"] for line in found["history"]].count("rows_decided") == 1


def test_a_row_that_was_left_out_is_rejected_and_can_be_taken_home(
    world: World, api: Api, import_id: str
) -> None:
    found = decided(world, api, import_id, 5, "rejected", rejected=1)
    assert found["counts"]["rejected"] == 1
    assert findings(api, import_id) == [(3, "HELD", "warning"), (5, "LEFT", "error")]
    copy = api("GET", f"/imports/{import_id}/copy", query_string={"rows": "rejected"})
    assert copy.status_code == 200
    assert "decided to leave it out" in copy.get_data(as_text=True)


def test_an_older_decision_that_arrives_late_changes_no_count(
    world: World, api: Api, import_id: str
) -> None:
    decided(world, api, import_id, 5, "changed", held=0, changed=2)
    found = decided(world, api, import_id, 3, "changed", held=1, changed=1)
    assert (found["counts"]["held"], found["counts"]["changed"]) == (0, 2)
    assert findings(api, import_id) == []


def test_the_receipt_is_issued_anew(world: World, api: Api, import_id: str) -> None:
    keys = world.visitor().get("/receipt-keys")["keys"]
    first = verify(api.get(f"/imports/{import_id}/receipt"), keys)
    decided(world, api, import_id, 3, "new", new=4)
    second = verify(api.get(f"/imports/{import_id}/receipt"), keys)
    assert (second["number"], second["replaces"]) == (2, first["receipt_id"])
    assert (second["ledger"]["new"], second["ledger"]["held"]) == (4, 1)


def test_held_rows_are_forgotten_with_the_file(world: World, api: Api, import_id: str) -> None:
    world.look.rows(
        "UPDATE import SET ended_at = now() - interval '31 days' WHERE import_id = %s RETURNING 1",
        import_id,
    )
    sweeper(world.settings)(world.engine)
    told = [e for e in world.take_outbox() if e.envelope.type == "imports.import_expired.v1"]
    assert [event.envelope.subject for event in told] == [import_id]
    assert api.get(f"/imports/{import_id}")["counts"]["held"] == 2
