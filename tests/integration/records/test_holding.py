"""Held rows: a person decides, and record, ledger, history and undoing agree with what was said."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from tests.factories.records import Imports, make_row
from tests.integration.records.conftest import Caller
from tests.integration.records.test_undoing import Snapshot, edit, snapshot, standing


@pytest.fixture
def clerk(app: Flask, imports: Imports) -> Caller:
    """Somebody who uploads files at the site of `imports`."""
    return Caller(app, imports.site_id, frozenset({"records.read", "records.import"}))


def set_aside(imports: Imports, *rows: dict[str, Any], **announced: Any) -> UUID:
    """A stored import all of whose rows are held."""
    import_id = imports.check(rows, **announced)
    assert imports.apply(import_id)["held"] == len(rows)
    return import_id


def opened(clerk: Caller, import_id: UUID, row: int = 2) -> dict[str, Any]:
    answer = clerk.get(f"/imports/{import_id}/held-rows/{row}")
    assert answer.status_code == 200, answer.json
    return dict(answer.json or {})


def decide(clerk: Caller, import_id: UUID, row: int, decision: str, **more: Any) -> Any:
    return clerk.post(
        f"/imports/{import_id}/held-rows/{row}/decision", {"decision": decision, **more}
    )


def update(clerk: Caller, import_id: UUID, row: int = 2, candidate: int = 0) -> Any:
    record = opened(clerk, import_id, row)["candidates"][candidate]
    return decide(
        clerk,
        import_id,
        row,
        "update",
        record_id=record["record_id"],
        version=record["version"],
    )


def hashed(records: Snapshot) -> Snapshot:
    """Without the sealed forms of identifiers; their hashes say what they are."""
    return {
        record_id: {key: value for key, value in row.items() if not key.endswith("_sealed")}
        for record_id, row in records.items()
    }


NEAR = {"local_id": "LOC-9999", "date_index_diagnosed": "2024-01-12", "smoker": "0"}


def test_a_possible_match_is_shown_beside_the_record(imports: Imports, clerk: Caller) -> None:
    imports.store(make_row(0), make_row(1))
    import_id = set_aside(imports, make_row(0, **NEAR))
    listed = clerk.get(f"/imports/{import_id}/held-rows").json
    assert listed is not None
    assert [(each["row"], each["code"]) for each in listed["items"]] == [(2, "possible_match")]
    assert (listed["state"], listed["total"]) == ("applied", 1)
    row = opened(clerk, import_id)
    assert row["values"] == {**make_row(0, **NEAR)}
    assert row["may_add"] is True
    (record,) = row["candidates"]
    assert record["values"]["local_id"] == "LOC-0000"
    assert record["changes"] == [
        {"field": "local_id", "before": "LOC-0000", "after": "LOC-9999"},
        {"field": "date_index_diagnosed", "before": "2024-01-10", "after": "2024-01-12"},
        {"field": "smoker", "before": "1", "after": "0"},
    ]


def test_opening_a_held_row_is_logged_for_each_record_shown(
    imports: Imports, clerk: Caller
) -> None:
    imports.store(make_row(0))
    import_id = set_aside(imports, make_row(0, **NEAR))
    (record,) = opened(clerk, import_id)["candidates"]
    logged = {str(row[0]) for row in imports.all("SELECT record_id FROM read_log")}
    assert record["record_id"] in logged and len(logged) == 2


def test_the_same_fracture_updates_its_record(imports: Imports, clerk: Caller) -> None:
    imports.store(make_row(0), make_row(1))
    before = snapshot(imports)
    import_id = set_aside(imports, make_row(0, **NEAR))
    assert update(clerk, import_id).json == {"outcome": "changed"}
    assert imports.ledger(import_id) == {
        "new": 0, "changed": 1, "same": 0, "held": 0, "rejected": 0,
    }  # fmt: skip
    told = imports.events("records.rows_decided.v1")[-1]
    assert told["rows"] == [{"row": 2, "outcome": "changed"}]
    assert (told["held"], told["changed"], told["by"]) == (0, 1, str(clerk.account_id))
    after = snapshot(imports)
    (moved,) = (key for key in after if after[key] != before[key])
    assert (after[moved]["smoker"], after[moved]["date_index_diagnosed"]) == ("0", "2024-01-12")
    step = imports.all(
        "SELECT door, import_id, actor_id FROM record_change ORDER BY version DESC LIMIT 1"
    )
    assert step == [("import", import_id, clerk.account_id)]
    assert imports.undo(import_id)["restored"] == 1
    # The history seals what was there anew: the same identifier, in other bytes.
    assert hashed(snapshot(imports)) == hashed(before)


def test_another_fracture_becomes_a_record_and_is_not_asked_about_again(
    imports: Imports, clerk: Caller
) -> None:
    imports.store(make_row(0))
    before = standing(imports)
    import_id = set_aside(imports, make_row(0, **NEAR))
    assert decide(clerk, import_id, 2, "add").json == {"outcome": "new"}
    assert imports.ledger(import_id)["new"] == 1
    states = imports.all("SELECT state FROM fls_record")
    assert sorted(states) == [("valid",), ("valid",)]
    pairs = imports.all("SELECT decision FROM duplicate_pair")
    assert pairs == [("both_right",)]
    assert imports.undo(import_id)["removed"] == 1
    assert {k: v["smoker"] for k, v in standing(imports).items()} == {
        k: v["smoker"] for k, v in before.items()
    }


def test_a_row_that_is_left_out_counts_as_rejected(imports: Imports, clerk: Caller) -> None:
    imports.store(make_row(0))
    before = snapshot(imports)
    import_id = set_aside(imports, make_row(0, **NEAR))
    assert decide(clerk, import_id, 2, "leave").json == {"outcome": "rejected"}
    ledger = imports.ledger(import_id)
    assert (ledger["held"], ledger["rejected"]) == (0, 1)
    assert snapshot(imports) == before
    assert imports.one("SELECT count(*) FROM own_staged_row") == 0


def test_a_decision_counts_once(imports: Imports, clerk: Caller) -> None:
    imports.store(make_row(0))
    import_id = set_aside(imports, make_row(0, **NEAR))
    assert decide(clerk, import_id, 2, "add").status_code == 200
    again = decide(clerk, import_id, 2, "add")
    assert again.status_code == 404
    assert "already" in (again.json or {})["detail"]
    assert imports.one("SELECT count(*) FROM fls_record") == 2
    assert imports.ledger(import_id)["new"] == 1


def test_a_change_of_identity_moves_the_record_to_its_patient(
    imports: Imports, clerk: Caller
) -> None:
    imports.store(make_row(0))
    import_id = set_aside(imports, make_row(0, nhs_number="9990000115"))
    assert update(clerk, import_id).json == {"outcome": "changed"}
    (hashes,) = imports.all(
        "SELECT p.nhs_hash FROM fls_record r JOIN patient p ON p.patient_id = r.patient_id"
    )
    again = imports.check([make_row(0, nhs_number="9990000115")])
    assert imports.apply(again)["same"] == 1 and hashes[0] is not None
    # Undoing does not bring a record back to another patient: it is kept, and told.
    assert imports.undo(import_id)["kept"] == 1


def test_which_of_several_records_is_chosen(imports: Imports, clerk: Caller) -> None:
    one = make_row(0)
    imports.store(one, make_row(0, local_id="LOC-B", date_index_diagnosed="2023-01-01"))
    other = imports.one(
        "SELECT record_id FROM fls_record WHERE date_index_diagnosed = '2023-01-01'"
    )
    imports.act(
        "UPDATE fls_record SET date_index_diagnosed = '2024-01-10' WHERE record_id = :r", r=other
    )
    imports.act(
        "INSERT INTO duplicate_pair (pair_id, site_id, first_record_id, second_record_id, "
        "kind, decision, decided_by, decided_at) "
        "SELECT gen_random_uuid(), r.site_id, r.record_id, :r, 'same_day', 'both_right', "
        "gen_random_uuid(), now() FROM fls_record r WHERE r.record_id <> :r",
        r=other,
    )
    row = {**make_row(0, smoker="0"), "local_id": None}
    import_id = set_aside(imports, row)
    candidates = opened(clerk, import_id)["candidates"]
    assert len(candidates) == 2
    place = next(i for i, each in enumerate(candidates) if each["record_id"] == str(other))
    assert update(clerk, import_id, candidate=place).json == {"outcome": "changed"}
    chosen = imports.all("SELECT record_id FROM fls_record WHERE smoker = '0'")
    assert chosen == [(other,)]


def test_two_rows_about_one_record_are_decided_one_after_the_other(
    imports: Imports, clerk: Caller
) -> None:
    by_local_id = {**make_row(0), "nhs_number": None, "date_index_diagnosed": None, "smoker": "0"}
    by_number = {**make_row(0, height_cm="150.0"), "local_id": None, "smoker": None}
    imports.store(make_row(0))
    import_id = set_aside(imports, by_local_id, by_number, mode="update_only")
    assert opened(clerk, import_id, 2)["may_add"] is False
    assert update(clerk, import_id, 2).json == {"outcome": "changed"}
    assert update(clerk, import_id, 3).json == {"outcome": "changed"}
    assert imports.all("SELECT smoker, height_cm::text FROM fls_record") == [("0", "150.0")]
    # Two steps are not taken back as one: the record is kept, and told.
    assert imports.undo(import_id)["kept"] == 1


def test_a_new_record_that_a_second_row_updates_goes_as_a_whole(
    imports: Imports, clerk: Caller
) -> None:
    imports.store(make_row(5))
    before = standing(imports)
    import_id = set_aside(imports, make_row(0), make_row(0, smoker="0", local_id="LOC-0001"))
    assert decide(clerk, import_id, 2, "add").json == {"outcome": "new"}
    refused = decide(clerk, import_id, 3, "add")
    assert (refused.status_code, (refused.json or {})["code"]) == (409, "already_recorded")
    assert update(clerk, import_id, 3).json == {"outcome": "changed"}
    assert imports.undo(import_id)["removed"] == 1
    assert standing(imports) == before


@pytest.mark.parametrize("touched", [False, True], ids=["at once", "after an edit"])
def test_a_record_that_the_import_made_and_a_held_row_updates_goes_as_a_whole(
    imports: Imports, clerk: Caller, writer: Caller, touched: bool
) -> None:
    imports.store(make_row(0, site_1="3"), make_row(5))
    before = standing(imports)
    near = make_row(0, local_id="B", date_index_diagnosed="2024-01-12", site_1="4")
    held = make_row(0, local_id="C", date_index_diagnosed="2024-01-14", site_1="3")
    import_id = imports.check([near, held])
    assert imports.apply(import_id) == {
        "new": 1,
        "changed": 0,
        "same": 0,
        "held": 1,
        "rejected": 0,
    }
    (made,) = standing(imports).keys() - before.keys()
    if touched:
        edit(writer, made, "height_cm", "171.0")
    candidates = [each["record_id"] for each in opened(clerk, import_id, 3)["candidates"]]
    answer = update(clerk, import_id, 3, candidates.index(str(made)))
    assert answer.json == {"outcome": "changed"}
    undone = imports.undo(import_id)
    assert (undone["removed"], undone["kept"]) == (1 - touched, int(touched))
    assert touched or standing(imports) == before


def test_a_record_that_moved_while_it_was_looked_at_is_not_overwritten(
    imports: Imports, clerk: Caller, writer: Caller
) -> None:
    imports.store(make_row(0))
    import_id = set_aside(imports, make_row(0, **NEAR))
    (record,) = opened(clerk, import_id)["candidates"]
    address = f"/records/{record['record_id']}"
    body = {"version": record["version"], "values": {"smoker": "U"}, "acknowledged": []}
    assert writer.patch(address, body).status_code == 200
    refused = decide(
        clerk, import_id, 2, "update", record_id=record["record_id"], version=record["version"]
    )
    assert (refused.status_code, (refused.json or {})["code"]) == (409, "version_moved")
    assert imports.ledger(import_id)["held"] == 1
    assert update(clerk, import_id).json == {"outcome": "changed"}


def test_what_would_be_an_error_is_told_and_the_row_still_waits(
    imports: Imports, clerk: Caller
) -> None:
    imports.store(make_row(0), make_row(1))
    import_id = set_aside(imports, make_row(0, nhs_number="9990000123"))
    imports.store(make_row(4, nhs_number="9990000123"))
    refused = update(clerk, import_id)
    assert refused.status_code == 422
    assert [each["code"] for each in (refused.json or {})["findings"]] == ["R07"]
    assert imports.ledger(import_id)["held"] == 1


def test_only_a_record_that_the_row_may_be_about_is_updated(
    imports: Imports, clerk: Caller
) -> None:
    imports.store(make_row(0), make_row(1))
    import_id = set_aside(imports, make_row(0, **NEAR))
    other = imports.one(
        "SELECT r.record_id FROM fls_record r WHERE r.record_id <> :r",
        r=opened(clerk, import_id)["candidates"][0]["record_id"],
    )
    refused = decide(clerk, import_id, 2, "update", record_id=str(other), version=1)
    assert (refused.status_code, (refused.json or {})["code"]) == (409, "decision_not_possible")


def test_nothing_is_decided_before_the_import_is_stored_or_after_it_is_undone(
    imports: Imports, clerk: Caller
) -> None:
    imports.store(make_row(0))
    import_id = imports.check([make_row(0, **NEAR)])
    assert opened(clerk, import_id)["code"] == "possible_match"
    early = decide(clerk, import_id, 2, "leave")
    assert (early.status_code, (early.json or {})["code"]) == (409, "wrong_state")
    imports.apply(import_id)
    imports.undo(import_id)
    late = decide(clerk, import_id, 2, "leave")
    assert (late.status_code, (late.json or {})["code"]) == (409, "wrong_state")
    assert imports.one("SELECT count(*) FROM own_staged_row") == 0


def test_of_a_patient_who_opted_out_nothing_is_kept(imports: Imports, clerk: Caller) -> None:
    import_id = imports.check([make_row(0), make_row(1)])
    imports.act(
        "INSERT INTO opt_out (nhs_hash, site_id, recorded_by) "
        "SELECT nhs_hash, site_id, gen_random_uuid() FROM own_staged_row WHERE row_number = 2"
    )
    assert imports.apply(import_id)["held"] == 1
    assert imports.one("SELECT count(*) FROM own_staged_row") == 0
    row = opened(clerk, import_id)
    assert (row["code"], row["values"], row["candidates"]) == ("opted_out", {}, [])
    refused = decide(clerk, import_id, 2, "add")
    assert (refused.status_code, (refused.json or {})["code"]) == (409, "decision_not_possible")
    assert decide(clerk, import_id, 2, "leave").status_code == 200


def test_all_that_is_left_can_be_left_out_at_once(imports: Imports, clerk: Caller) -> None:
    imports.store(make_row(0), make_row(1))
    import_id = set_aside(imports, make_row(0, **NEAR), make_row(1, **{**NEAR, "local_id": "X"}))
    left = clerk.post(f"/imports/{import_id}/held-rows/leave", {})
    assert left.json == {"left": 2}
    assert clerk.post(f"/imports/{import_id}/held-rows/leave", {}).json == {"left": 0}
    assert imports.ledger(import_id)["rejected"] == 2
    assert len(imports.events("records.rows_decided.v1")) == 1


def test_what_nobody_decides_is_forgotten_in_time(imports: Imports, clerk: Caller) -> None:
    imports.store(make_row(0), make_row(1))
    waiting = imports.check([make_row(1, smoker="0")])
    import_id = set_aside(imports, make_row(0, **NEAR))
    imports.expire(import_id)
    imports.expire(waiting)  # not stored: it is ended by being cancelled, not by this
    assert imports.all("SELECT import_id FROM own_staged_row") == [(waiting,)]
    assert decide(clerk, import_id, 2, "leave").status_code == 404
    assert imports.ledger(import_id)["held"] == 1


def test_another_site_neither_sees_nor_decides(
    app: Flask, imports: Imports, other_site: Imports, clerk: Caller
) -> None:
    imports.store(make_row(0))
    other_site.store(make_row(0))
    import_id = set_aside(imports, make_row(0, **NEAR))
    stranger = Caller(app, other_site.site_id, clerk.rights)
    assert stranger.get(f"/imports/{import_id}/held-rows").status_code == 404
    assert stranger.get(f"/imports/{import_id}/held-rows/2").status_code == 404
    assert decide(stranger, import_id, 2, "leave").status_code in (404, 409, 422)
    assert imports.ledger(import_id)["held"] == 1
