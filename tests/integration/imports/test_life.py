"""The life of an import, with records played: checked, confirmed, applied, or ended otherwise."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text

from services.imports.actions.sweeping import MOST_ASKS
from services.imports.handlers import sweeper
from services.shared.consumer import Event
from services.shared.db import transaction
from services.shared.errors import NotFound
from tests.factories.imports import KEYS, csv_bytes, make_file, make_row
from tests.integration.imports.conftest import WINDOW, Api, World

CHUNK = "imports.chunk_wanted.v1"


@pytest.fixture
def api(world: World) -> Api:
    return world.api(world.site("BNT"))


def started(api: Api, data: bytes, **query: Any) -> str:
    answer = api.upload(data, **query)
    assert answer.status_code == 201, answer.text
    return str(answer.json["import_id"])


def mixed_file() -> bytes:
    """Ten rows: 6 good, 1 equal to another, 1 bad cell, 2 with the same key that differ."""
    rows = [make_row(at) for at in range(6)]
    rows += [make_row(0), make_row(7, gender="perhaps")]
    rows += [make_row(8), make_row(8, site_1="2")]
    return csv_bytes(rows)


def test_from_upload_to_ledger(world: World, api: Api) -> None:
    import_id = started(api, mixed_file())
    world.run()
    found = api.get(f"/imports/{import_id}")
    assert (found["state"], found["stage"]) == ("checked", "waiting_for_confirmation")
    assert found["counts"] == {
        "received": 10,
        "new": 6,
        "changed": 0,
        "same": 1,
        "held": 0,
        "rejected": 3,
        "with_warnings": 0,
    }
    assert found["rows_total"] == found["rows_checked"] == found["rows_staged"] == 10
    assert found["file_findings"] == []
    answer = api("POST", f"/imports/{import_id}/confirmation", json={})
    assert answer.status_code == 200
    assert answer.json["state"] == "applying"
    assert api("POST", f"/imports/{import_id}/confirmation").json["state"] == "applying"
    world.run()
    found = api.get(f"/imports/{import_id}")
    assert (found["state"], found["live"]) == ("applied", False)
    counts = found["counts"]
    assert counts["received"] == sum(
        counts[key] for key in ("new", "changed", "same", "held", "rejected")
    )
    assert found["ended_at"].endswith("Z")
    assert found["confirmed_by"] == str(api.actor.account_id)  # type: ignore[union-attr]
    assert [line["kind"] for line in found["history"]] == [
        "received",
        "checking",
        "checked",
        "applying",
        "applied",
    ]
    assert api("POST", f"/imports/{import_id}/confirmation").json["state"] == "applied"
    confirmations = [e for e in world.sent if e.envelope.type == "imports.apply_wanted.v1"]
    assert len(confirmations) == 1


def test_findings_by_page_by_filter_and_in_groups(world: World, api: Api) -> None:
    import_id = started(api, mixed_file())
    world.run()
    page = api.get(f"/imports/{import_id}/findings", page=1, page_size=2)
    assert (page["total"], page["page"], len(page["items"])) == (3, 1, 2)
    assert [(f["row"], f["code"]) for f in page["items"]] == [(9, "T03"), (10, "R03")]
    assert page["items"][0]["column"] == "1.03 Gender"
    assert page["items"][0]["value_masked"] == "perhaps"
    rest = api.get(f"/imports/{import_id}/findings", page=2, page_size=2)
    assert [(f["row"], f["code"]) for f in rest["items"]] == [(11, "R03")]
    only = api.get(f"/imports/{import_id}/findings", code="R03", level="error")
    assert only["total"] == 2
    assert api.get(f"/imports/{import_id}/findings", level="warning")["total"] == 0
    groups = api.get(f"/imports/{import_id}/finding-groups")["items"]
    assert [(g["code"], g["count"], g["first_rows"]) for g in groups] == [
        ("R03", 2, [10, 11]),
        ("T03", 1, [9]),
    ]
    assert groups[1]["heading"] == "1.03 Gender"
    assert groups[1]["mend"]


def test_identifiers_in_findings_are_masked(world: World, api: Api) -> None:
    import_id = started(api, csv_bytes([make_row(1, nhs_number="9990000777")]))
    world.run()
    (finding,) = api.get(f"/imports/{import_id}/findings")["items"]
    assert finding["value_masked"] == "•••••••777"


def test_confirmed_by_rule(world: World, api: Api) -> None:
    import_id = started(api, make_file(5), confirm="automatic")
    world.run()
    found = api.get(f"/imports/{import_id}")
    assert found["state"] == "applied"
    assert found["confirmed_by"] == found["created_by"]
    assert found["rows_applied"] == 5


def test_what_the_merge_finds_is_added(world: World, api: Api) -> None:
    world.records.merge_findings = {
        3: {"row": 3, "field": "gender", "code": "V11", "level": "error", "message": "No."},
        4: {"row": 4, "field": None, "code": "V07", "level": "warning", "message": "Hm."},
    }
    world.records.held = [5]
    import_id = started(api, make_file(5))
    world.run()
    found = api.get(f"/imports/{import_id}")
    assert found["counts"]["rejected"] == 1
    assert found["counts"]["held"] == 1
    assert found["counts"]["with_warnings"] == 1
    items = api.get(f"/imports/{import_id}/findings")["items"]
    assert [(f["row"], f["code"], f["source"], f["column"]) for f in items] == [
        (3, "V11", "records", "1.03 Gender"),
        (4, "V07", "records", None),
        (5, "HELD", "records", None),
    ]
    api("POST", f"/imports/{import_id}/confirmation")
    world.records.held = [5, 6]
    world.run()
    items = api.get(f"/imports/{import_id}/findings", code="HELD")["items"]
    assert [f["row"] for f in items] == [5, 6]
    assert api.get(f"/imports/{import_id}")["counts"]["held"] == 2
    titles = [g["title"] for g in api.get(f"/imports/{import_id}/finding-groups")["items"]]
    assert "Held for a decision" in titles


def test_chunks_are_asked_for_a_window_at_a_time(world: World, api: Api) -> None:
    import_id = started(api, make_file(22_000))
    world.run(only=1)
    states = world.look.rows("SELECT number, state, row_count FROM chunk ORDER BY number")
    assert [row["state"] for row in states] == ["wanted"] * WINDOW + ["waiting"] * 3
    assert sum(row["row_count"] for row in states) == 22_000
    world.run()
    found = api.get(f"/imports/{import_id}")
    assert (found["state"], found["counts"]["new"]) == ("checked", 22_000)
    asked = [e.data["number"] for e in world.sent if e.envelope.type == CHUNK]
    assert sorted(asked) == [1, 2, 3, 4, 5]


def test_every_step_twice_has_the_effect_of_once(world: World, api: Api) -> None:
    """Without the inbox: each handler must by itself do nothing twice."""
    import_id = started(api, mixed_file())
    world.run()
    api("POST", f"/imports/{import_id}/confirmation")
    world.run()
    before = {t: world.look.rows(f'SELECT * FROM "{t}" ORDER BY 1, 2') for t in _TABLES}
    world.take_outbox()
    for event in list(world.sent):
        if event.envelope.type in world.handlers:
            world.handle(Event(event.envelope, event.data), claim=False)
    assert world.take_outbox() == []
    after = {t: world.look.rows(f'SELECT * FROM "{t}" ORDER BY 1, 2') for t in _TABLES}
    assert after == before


_TABLES = ("import", "import_event", "upload_part", "chunk", "finding", "file_finding")


def test_answers_of_records_twice_have_the_effect_of_once(world: World, api: Api) -> None:
    import_id = started(api, make_file(3))
    world.run()
    outcome = dict.fromkeys(("new", "changed", "same", "held", "rejected"), 0) | {"new": 3}
    for _ in range(2):
        data = {"import_id": import_id, "number": 1, "findings": []}
        world.deliver("records.rows_staged.v1", data, site_id=_site(api))
        data = {"import_id": import_id, **outcome}
        world.deliver("records.import_compared.v1", data, site_id=_site(api))
    api("POST", f"/imports/{import_id}/confirmation")
    for _ in range(2):
        world.deliver("records.import_applied.v1", data, site_id=_site(api))
        late = {"import_id": import_id, "rows_done": 1, "rows_total": 3}
        world.deliver("records.apply_advanced.v1", late, site_id=_site(api))
    found = api.get(f"/imports/{import_id}")
    assert (found["state"], found["rows_applied"]) == ("applied", 3)
    assert len(found["history"]) == 5


def _site(api: Api) -> UUID | None:
    assert api.actor is not None
    return api.actor.site_id


# --- files that cannot be taken ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "F01", "picture"),
        (csv_bytes([make_row(1)], keys=[k for k in KEYS if k != "gender"]), "H02", "1.03 Gender"),
        (csv_bytes([make_row(1)], keys=[*KEYS, "gender"]), "H03", "same meaning"),
        (make_file(2) + b"a\0b\r\n", "F01", "NUL"),
        (make_file(0), "F01", "no rows"),
        (make_file(1) + b'H9,"', "F01", "never closed"),
        (make_file(1).replace(b"H00000", b"H\x81"), "F01", "encoding"),
    ],
    ids=[
        "picture",
        "no key heading",
        "heading twice",
        "NUL",
        "no rows",
        "open quote",
        "bytes",
    ],
)
def test_a_file_that_cannot_be_taken_is_refused(
    world: World, api: Api, data: bytes, code: str, words: str
) -> None:
    import_id = started(api, data, confirm="automatic")
    world.run()
    found = api.get(f"/imports/{import_id}")
    assert (found["state"], found["live"]) == ("refused", False)
    errors = [f for f in found["file_findings"] if f["level"] == "error"]
    assert [f["code"] for f in errors] == [code]
    assert words in errors[0]["message"]
    # Where setting the file up could mend it, it is kept for a while.
    assert found["file_kept"] is code.startswith("H")
    assert (world.look.count("upload_part") > 0) is found["file_kept"]
    assert world.look.count("converted_part") == 0
    assert world.look.count("chunk") == 0
    assert {e.envelope.type for e in world.sent} == {"imports.upload_received.v1"}
    assert api.upload(data).status_code == 201


def test_too_many_rows_are_refused(world: World, api: Api) -> None:
    import_id = started(api, make_file(25_001))
    world.run()
    assert api.get(f"/imports/{import_id}")["file_findings"][0]["code"] == "F04"


def test_an_unknown_heading_is_told_and_the_file_goes_on(world: World, api: Api) -> None:
    headings = make_file(0).decode().strip().split(",")
    data = csv_bytes([make_row(1)], keys=[*KEYS, "x"], headings=[*headings, "Ward"])
    import_id = started(api, data, confirm="automatic")
    world.run()
    found = api.get(f"/imports/{import_id}")
    assert found["state"] == "applied"
    assert [(f["code"], f["level"]) for f in found["file_findings"]] == [("H01", "warning")]


def test_what_was_found_of_a_row_as_new_falls_when_it_was_merged(world: World, api: Api) -> None:
    world.records.known = frozenset({2, 4})
    partial = {"gender": "", "site_1": ""}
    rows = [make_row(0, **partial), make_row(1, **partial), make_row(2, **partial, smoker="?")]
    import_id = started(api, csv_bytes(rows, keys=[*KEYS, "smoker"]))
    world.run()
    found = api.get(f"/imports/{import_id}")
    assert found["state"] == "checked"
    counts = {"received": 3, "new": 0, "changed": 1, "rejected": 2, "with_warnings": 0}
    assert found["counts"] == found["counts"] | counts
    listed = api.get(f"/imports/{import_id}/findings")["items"]
    assert [(each["row"], each["code"]) for each in listed] == [(3, "R01"), (3, "R01"), (4, "T03")]


def test_a_warning_of_a_row_as_new_is_no_warning_of_what_it_was_merged_with(
    world: World, api: Api
) -> None:
    world.records.known = frozenset({2})
    rows = [make_row(at, date_of_birth="13/03/1915") for at in range(2)]
    import_id = started(api, csv_bytes(rows))
    world.run()
    found = api.get(f"/imports/{import_id}")
    assert found["counts"]["with_warnings"] == 1
    listed = api.get(f"/imports/{import_id}/findings")["items"]
    assert [(each["row"], each["level"]) for each in listed] == [(3, "warning")]


# --- cancelling -------------------------------------------------------------------------------


@pytest.mark.parametrize("rounds", [0, 1, 2, 9])
def test_cancelled_at_any_step_before_it_is_stored(world: World, api: Api, rounds: int) -> None:
    import_id = started(api, make_file(9_000))
    world.run(only=rounds) if rounds else None
    answer = api("POST", f"/imports/{import_id}/cancellation", json={})
    assert (answer.status_code, answer.json["state"]) == (200, "cancelled")
    assert api("POST", f"/imports/{import_id}/cancellation").json["state"] == "cancelled"
    world.run()
    found = api.get(f"/imports/{import_id}")
    assert found["state"] == "cancelled"
    assert world.records.cancelled == {UUID(import_id)}
    assert world.look.count("upload_part") == 0
    assert api("POST", f"/imports/{import_id}/confirmation").status_code == 409


def test_too_late_to_cancel(world: World, api: Api) -> None:
    import_id = started(api, make_file(3))
    world.run()
    api("POST", f"/imports/{import_id}/confirmation")
    answer = api("POST", f"/imports/{import_id}/cancellation")
    assert answer.status_code == 409
    assert "being stored" in answer.json["detail"]


# --- a ledger that does not add up, steps that got stuck ----------------------------------------


def test_a_row_lost_before_the_comparison_fails_the_import(world: World, api: Api) -> None:
    world.records.lose = 1
    import_id = started(api, make_file(5), confirm="automatic")
    world.run()
    found = api.get(f"/imports/{import_id}")
    assert found["state"] == "failed"
    assert "do not add up" in found["failure"]
    assert UUID(import_id) in world.records.cancelled


def test_a_row_lost_in_storing_fails_the_import(world: World, api: Api) -> None:
    import_id = started(api, make_file(5))
    world.run()
    api("POST", f"/imports/{import_id}/confirmation")
    world.records.lose = 1
    world.run()
    found = api.get(f"/imports/{import_id}")
    assert found["state"] == "failed"
    assert UUID(import_id) not in world.records.cancelled


def age(world: World, minutes: int) -> None:
    for table in ("import", "chunk"):
        world.look.rows(
            f"UPDATE {table} SET asked_at = asked_at - make_interval(mins => %s)", minutes
        )


def test_a_lost_message_about_a_file_is_asked_for_again(world: World, api: Api) -> None:
    import_id = started(api, make_file(3))
    world.take_outbox()
    sweep = sweeper(world.settings)
    sweep(world.engine)
    assert world.take_outbox() == []
    age(world, 3)
    sweep(world.engine)
    sweep(world.engine)
    world.run()
    assert api.get(f"/imports/{import_id}")["state"] == "checked"


def test_a_lost_message_about_a_chunk_is_asked_for_again(world: World, api: Api) -> None:
    import_id = started(api, make_file(22_000))
    world.run(only=1)
    world.take_outbox()
    age(world, 3)
    sweeper(world.settings)(world.engine)
    asked = world.take_outbox()
    assert [(e.envelope.type, e.data["number"]) for e in asked] == [(CHUNK, 1), (CHUNK, 2)]
    assert {e.envelope.site_id for e in asked} == {_site(api)}
    world.records.complete[UUID(import_id)] = {"batches": 5}
    for event in asked:
        world.handle(event)
    world.run()
    assert api.get(f"/imports/{import_id}")["state"] == "checked"


def test_a_window_that_stands_empty_is_filled(world: World, api: Api) -> None:
    import_id = started(api, make_file(22_000))
    world.run(only=1)
    world.take_outbox()
    world.look.rows("UPDATE chunk SET state = 'waiting'")
    sweeper(world.settings)(world.engine)
    assert len([e for e in world.take_outbox() if e.envelope.type == CHUNK]) == WINDOW
    assert api.get(f"/imports/{import_id}")["state"] == "checking"


def test_what_is_asked_for_in_vain_fails_openly(world: World, api: Api) -> None:
    import_id = started(api, make_file(3))
    world.look.rows("UPDATE import SET asks = %s", MOST_ASKS)
    age(world, 60)
    sweeper(world.settings)(world.engine)
    found = api.get(f"/imports/{import_id}")
    assert found["state"] == "failed"
    assert "tried for hours" in found["failure"]


def test_an_answer_about_an_unknown_chunk_is_an_error(world: World, api: Api) -> None:
    import_id = started(api, make_file(3))
    world.run(only=1)
    data = {"import_id": import_id, "number": 99, "findings": []}
    with pytest.raises(NotFound):
        world.deliver("records.rows_staged.v1", data, site_id=_site(api))


# --- sites ------------------------------------------------------------------------------------


def test_a_site_sees_nothing_of_another(world: World, api: Api) -> None:
    import_id = started(api, mixed_file())
    world.run()
    other = world.api(world.site("BRD"))
    assert other.get("/imports")["total"] == 0
    for path in ("", "/findings", "/finding-groups"):
        assert other("GET", f"/imports/{import_id}{path}").status_code == 404
    for path in ("/confirmation", "/cancellation"):
        assert other("POST", f"/imports/{import_id}{path}").status_code == 404
    assert api.get("/imports")["total"] == 1
    assert api("GET", f"/imports/{uuid4()}").status_code == 404


def test_raw_sql_without_a_site_sees_nothing(world: World, api: Api, databases: Any) -> None:
    started(api, mixed_file())
    world.run()
    with transaction(world.engine, site_id=_site(api)) as session:
        assert session.scalar(text("SELECT count(*) FROM import")) == 1
    # The pool gives the same connection again, which remembers an empty setting.
    with transaction(world.engine) as session:
        for table in ("site", *_TABLES):
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
    with psycopg.connect(databases.url("imports", "owner")) as owner:
        assert owner.execute("SELECT count(*) FROM import").fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM import_event",
        "UPDATE import_event SET kind = 'x'",
        "UPDATE finding SET code = 'x'",
        "DELETE FROM import",
        "ALTER TABLE import DISABLE ROW LEVEL SECURITY",
    ],
)
def test_the_service_may_not_rewrite_history(world: World, databases: Any, statement: str) -> None:
    service = psycopg.connect(databases.url("imports"))
    with service, pytest.raises(psycopg.errors.InsufficientPrivilege):
        service.execute(statement)  # type: ignore[call-overload]


def test_the_service_takes_back_only_what_was_found_of_rows_as_new(world: World, api: Api) -> None:
    started(api, csv_bytes([make_row(0, gender="?", site_1="")]))
    world.run()
    with transaction(world.engine, site_id=_site(api)) as session:
        session.execute(text("DELETE FROM finding"))
        assert session.scalars(text("SELECT code FROM finding")).all() == ["T03"]


def test_a_reader_may_look_but_not_decide(world: World, api: Api) -> None:
    import_id = started(api, make_file(3))
    world.run()
    reader = world.api(_site(api), frozenset({"records.read"}))
    assert reader.get(f"/imports/{import_id}")["state"] == "checked"
    assert reader("POST", f"/imports/{import_id}/confirmation").status_code == 403
    assert reader("POST", f"/imports/{import_id}/cancellation").status_code == 403
    assert world.visitor()("GET", "/imports").status_code == 401


def test_the_list_has_the_newest_first(world: World, api: Api) -> None:
    ids = [started(api, make_file(count)) for count in (1, 2, 3)]
    page = api.get("/imports", page=1, page_size=2)
    assert page["total"] == 3
    assert [item["import_id"] for item in page["items"]] == ids[:0:-1]


def test_the_api_describes_itself(world: World) -> None:
    answer = world.visitor()("GET", "/openapi.json")
    assert answer.status_code == 200
    assert "/api/imports/v1/imports/{import_id}/findings" in answer.json["paths"]


def test_what_is_to_be_stored_whole_waits_while_a_row_is_rejected(world: World, api: Api) -> None:
    for confirm in ("person", "automatic"):
        import_id = started(api, mixed_file(), all_or_nothing="true", confirm=confirm, again="true")
        world.run()
        found = api.get(f"/imports/{import_id}")
        assert (found["state"], found["all_or_nothing"]) == ("checked", True)
        answer = api("POST", f"/imports/{import_id}/confirmation")
        assert (answer.status_code, answer.json["code"]) == (409, "all_or_nothing")
        api("POST", f"/imports/{import_id}/cancellation")
    import_id = started(api, make_file(3), all_or_nothing="true")
    world.run()
    api("POST", f"/imports/{import_id}/confirmation")
    world.run()
    assert api.get(f"/imports/{import_id}")["state"] == "applied"


def test_an_import_to_be_stored_whole_comes_back_when_a_row_became_held(
    world: World, api: Api
) -> None:
    import_id = started(api, make_file(3), all_or_nothing="true")
    world.run()
    api("POST", f"/imports/{import_id}/confirmation")
    data = {
        "import_id": import_id, "new": 2, "changed": 0, "same": 0, "held": 1, "rejected": 0,
        "held_rows": [{"row": 4, "reason": "The record was stored by someone else."}],
        "passed_over": {},
    }  # fmt: skip
    site_id = api.actor.site_id  # type: ignore[union-attr]
    world.deliver("records.import_compared.v1", data, site_id=site_id)
    found = api.get(f"/imports/{import_id}")
    assert (found["state"], found["counts"]["held"]) == ("checked", 1)
    assert [f["code"] for f in api.get(f"/imports/{import_id}/findings")["items"]] == ["HELD"]


@pytest.mark.parametrize("said", [True, False])
def test_what_was_chosen_about_unknown_answers_goes_to_records(
    world: World, api: Api, said: bool
) -> None:
    started(api, make_file(3), overwrite_unknown=str(said).lower())
    world.run()
    (event,) = [e for e in world.sent if e.envelope.type == "imports.rows_complete.v1"]
    assert event.data["overwrite_unknown"] is said


def test_how_dates_were_read_is_shown(world: World, api: Api) -> None:
    rows = [make_row(at, date_of_birth="03/04/1950") for at in range(3)]
    import_id = started(api, csv_bytes(rows, keys=[*KEYS, "dxa_date"]))
    world.run()
    dates = api.get(f"/imports/{import_id}")["dates"]
    assert [(d["field"], d["order"], d["settled_by"], d["row"]) for d in dates] == [
        ("date_of_birth", "dmy", "file", 2),
        ("date_index_diagnosed", "dmy", "cells", 2),
    ]


def test_the_place_among_the_files_of_all_sites_is_told(world: World, api: Api) -> None:
    other = world.api(world.site("XYZ"))
    first = started(other, make_file(3))
    mine = started(api, make_file(3))
    later = started(other, make_file(4))
    assert api.get(f"/imports/{mine}")["queue"] == {"ahead": 1, "beside": 0}
    assert other.get(f"/imports/{first}")["queue"] == {"ahead": 0, "beside": 0}
    assert other.get(f"/imports/{later}")["queue"] == {"ahead": 2, "beside": 0}
    world.run(only=1)
    world.run()
    assert api.get(f"/imports/{mine}")["queue"] is None
    waiting = started(api, make_file(5))
    world.look.rows(
        "UPDATE import SET state = 'checking', rows_total = 3 WHERE import_id = %s RETURNING 1",
        first,
    )
    assert api.get(f"/imports/{waiting}")["queue"] == {"ahead": 0, "beside": 1}


def test_the_answers_that_would_change_are_told_most_rows_first(world: World, api: Api) -> None:
    import_id = started(api, make_file(3))
    world.records.changed_fields = {"postcode": 1, "smoker": 2, "dxa": 2}
    world.run()
    assert api.get(f"/imports/{import_id}")["changed_fields"] == [
        {"field": "dxa", "rows": 2},
        {"field": "smoker", "rows": 2},
        {"field": "postcode", "rows": 1},
    ]
