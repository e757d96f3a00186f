"""Taking files in: sealed, once, and nothing of what breaks off."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from dataset.fields import COLUMN_BY_KEY
from tests.factories.imports import KEYS, csv_bytes, make_file, make_row
from tests.integration.imports.conftest import RIGHTS, Api, World

NOTHING = ("import", "upload_part", "import_event", "outbox_event", "finding", "chunk")


@pytest.fixture
def api(world: World) -> Api:
    return world.api(world.site("BNT"))


def nothing_is_stored(world: World) -> bool:
    return all(world.look.count(table) == 0 for table in NOTHING)


def test_a_file_is_kept_sealed_and_a_worker_asked(world: World, api: Api) -> None:
    data = make_file(30_000)
    assert len(data) > 1024 * 1024
    answer = api.upload(data)
    assert answer.status_code == 201
    made = answer.json
    assert answer.headers["Location"].endswith(f"/imports/{made['import_id']}")
    assert made["state"] == "received"
    assert made["size_bytes"] == len(data)
    assert made["sha256"] == hashlib.sha256(data).hexdigest()
    assert made["live"] is True
    assert made["rows_total"] is None
    parts = world.look.rows("SELECT number, length(sealed) AS size FROM upload_part ORDER BY 1")
    assert [part["number"] for part in parts] == [0, 1]
    assert parts[0]["size"] == 1024 * 1024 + 28
    (event,) = world.take_outbox()
    assert event.envelope.type == "imports.upload_received.v1"
    assert event.data == {"import_id": made["import_id"]}


@pytest.mark.parametrize("may", [True, False])
def test_acknowledgements_travel_if_the_uploader_may_confirm_warnings(
    world: World, may: bool
) -> None:
    keys = [*KEYS, "site_2", "acknowledged"]
    headings = [COLUMN_BY_KEY[key].heading for key in keys]
    rows = [make_row(0, site_2="1", acknowledged="V18:site_2")]
    site_id = world.site("BNT")
    api = world.api(site_id, RIGHTS | ({"records.acknowledge"} if may else set()))
    import_id = api.upload(csv_bytes(rows, keys=keys, headings=headings)).json["import_id"]
    world.run()
    shown = api.get(f"/imports/{import_id}")
    assert shown["state"] == "checked"
    said = [(finding["code"], finding["level"]) for finding in shown["file_findings"]]
    assert said == ([] if may else [("H01", "warning")])
    ((row,),) = world.records.batches[UUID(import_id)].values()
    assert row[1] == (0 if may else 1)
    assert (["V18:site_2"] in row) is may


def test_the_same_bytes_are_the_same_live_import(world: World, api: Api) -> None:
    first = api.upload(make_file(3))
    second = api.upload(make_file(3), file_name="other.csv")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json["import_id"] == second.json["import_id"]
    assert second.headers["Location"] == first.headers["Location"]
    assert world.look.count("import") == 1
    assert world.look.count("upload_part") == 1
    assert world.look.count("outbox_event") == 1


def test_twenty_at_once_are_one(world: World, api: Api) -> None:
    data = make_file(2_000)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: api.upload(data), range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json["import_id"] for answer in answers}) == 1
    assert world.look.count("import") == 1
    assert world.look.count("upload_part") == 1
    assert world.look.count("outbox_event") == 1


def test_the_same_bytes_of_another_site_are_another_import(world: World, api: Api) -> None:
    other = world.api(world.site("BRD"))
    assert api.upload(make_file(3)).status_code == 201
    assert other.upload(make_file(3)).status_code == 201
    assert world.look.count("import") == 2


def test_after_it_was_cancelled_the_same_bytes_are_new(world: World, api: Api) -> None:
    first = api.upload(make_file(3)).json["import_id"]
    api("POST", f"/imports/{first}/cancellation")
    second = api.upload(make_file(3))
    assert second.status_code == 201
    assert second.json["import_id"] != first


def test_after_it_was_applied_the_same_bytes_are_new_only_if_wanted(world: World, api: Api) -> None:
    first = api.upload(make_file(3), confirm="automatic").json["import_id"]
    world.run()
    assert api.get(f"/imports/{first}")["state"] == "applied"
    again = api.upload(make_file(3))
    assert (again.status_code, again.json["import_id"]) == (200, first)
    wanted = api.upload(make_file(3), again="true")
    assert wanted.status_code == 201
    assert wanted.json["import_id"] != first


def test_the_choices_are_kept(api: Api) -> None:
    made = api.upload(
        make_file(3), mode="add_only", date_order="dmy", confirm="automatic", file_name="../a/b.csv"
    ).json
    assert (made["mode"], made["date_order"], made["confirm"], made["file_name"]) == (
        "add_only",
        "dmy",
        "automatic",
        "b.csv",
    )


@pytest.mark.parametrize(
    ("query", "field"), [({"mode": "replace"}, "mode"), ({"date_order": "ymd"}, "date_order")]
)
def test_an_unknown_choice_is_refused(
    world: World, api: Api, query: dict[str, str], field: str
) -> None:
    answer = api.upload(make_file(3), **query)
    assert answer.status_code == 422
    assert field in answer.json["errors"]
    assert nothing_is_stored(world)


def test_an_empty_body_is_refused(world: World, api: Api) -> None:
    answer = api.upload(b"")
    assert answer.status_code == 422
    assert answer.json["detail"] == "The file is empty."
    assert nothing_is_stored(world)


def test_a_form_is_refused_where_the_file_is_wanted(world: World, api: Api) -> None:
    answer = api("POST", "/imports", data={"a": "b"}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert nothing_is_stored(world)


@pytest.mark.parametrize("announced", [True, False])
def test_a_file_over_the_limit_is_refused(world: World, api: Api, announced: bool) -> None:
    data = b"x" * (world.settings.upload_limit_bytes + 1)
    more: dict[str, Any] = {"data": data}
    if not announced:
        more["environ_overrides"] = {"CONTENT_LENGTH": "", "wsgi.input_terminated": True}
    answer = api("POST", "/imports", **more)
    assert answer.status_code == 413
    assert "larger than 4 MB" in answer.json["detail"]
    assert nothing_is_stored(world)


def test_a_body_that_stops_half_way_leaves_nothing(world: World, api: Api) -> None:
    data = make_file(20_000)
    longer = {"CONTENT_LENGTH": str(len(data) + 1)}
    answer = api("POST", "/imports", data=data, environ_overrides=longer)
    assert answer.status_code == 422
    assert "broke off" in answer.json["detail"]
    assert nothing_is_stored(world)


@pytest.mark.parametrize(
    ("site", "words"),
    [
        ({"patient_audit": False}, "facilities audit only"),
        ({"state": "suspended"}, "suspended"),
    ],
)
def test_a_site_that_does_not_take_part_may_not_upload(
    world: World, site: dict[str, Any], words: str
) -> None:
    answer = world.api(world.site("GPX", **site)).upload(make_file(3))
    assert answer.status_code == 403
    assert words in answer.json["detail"]
    assert nothing_is_stored(world)


def test_an_older_word_about_a_site_changes_nothing(world: World) -> None:
    site_id = world.site("BNT")
    world.tell_site(site_id, "BNT", 3, state="suspended")
    world.tell_site(site_id, "BNT", 2)
    assert world.api(site_id).upload(make_file(3)).status_code == 403


def test_without_the_right_nothing_is_taken(world: World) -> None:
    site_id = world.site("BNT")
    reader = world.api(site_id, frozenset({"records.read"}))
    assert reader.upload(make_file(3)).status_code == 403
    assert world.visitor().upload(make_file(3)).status_code == 401
    assert world.api(None).upload(make_file(3)).status_code == 403
    assert nothing_is_stored(world)


# --- the form of the page ---------------------------------------------------------------------


def test_the_form_is_taken_and_leads_to_its_import(world: World, api: Api) -> None:
    answer = api.send_form(make_file(30_000), mode="add_only", date_order="dmy")
    assert answer.status_code == 303
    (made,) = api.get("/imports")["items"]
    assert answer.headers["Location"] == f"/imports/{made['import_id']}"
    assert made["file_name"] == "march.csv"
    assert made["sha256"] == hashlib.sha256(make_file(30_000)).hexdigest()
    assert (made["mode"], made["date_order"]) == ("add_only", "dmy")
    known = api.send_form(make_file(30_000))
    assert known.headers["Location"] == answer.headers["Location"]


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"data": None}, "no_file"),
        ({"data": b""}, "empty_file"),
        ({"data": b"a,b\n", "csrf": "another"}, "form_expired"),
        ({"data": b"a,b\n", "mode": "replace"}, "form_expired"),
        ({"data": b"x" * (4 * 1024 * 1024 + 1)}, "too_large"),
        ({"data": b"x" * (5 * 1024 * 1024)}, "too_large"),
    ],
)
def test_a_problem_with_the_form_leads_back_to_it(
    world: World, api: Api, form: dict[str, Any], problem: str
) -> None:
    answer = api.send_form(**form)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/imports/new?problem={problem}"
    assert nothing_is_stored(world)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (
            b'--B\r\nContent-Disposition: form-data; name="mode"\r\n\r\nx\r\n--B--\r\n',
            "form_expired",
        ),
        (
            b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nx\r\n',
            "form_expired",
        ),
        (b"", "no_file"),
        (b"--B--\r\n", "no_file"),
    ],
    ids=["token not first", "file first", "nothing", "an empty form"],
)
def test_the_token_comes_before_anything_is_taken(
    world: World, api: Api, body: bytes, problem: str
) -> None:
    answer = api("POST", "/pages/upload", data=body, content_type="multipart/form-data; boundary=B")
    assert answer.headers["Location"] == f"/imports/new?problem={problem}"
    assert nothing_is_stored(world)


def test_a_form_that_stops_half_way_leaves_nothing(world: World, api: Api) -> None:
    assert api.actor is not None
    body = (
        b'--B\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
        + api.actor.csrf.encode()
        + b'\r\n--B\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        + make_file(20_000)
    )
    answer = api("POST", "/pages/upload", data=body, content_type="multipart/form-data; boundary=B")
    assert answer.headers["Location"] == "/imports/new?problem=cut_off"
    assert nothing_is_stored(world)


def test_who_may_not_upload_is_led_back(world: World) -> None:
    visitor = world.visitor()
    answer = visitor.send_form(b"a,b\n", csrf="x")
    assert answer.headers["Location"] == "/imports/new?problem=form_expired"
    site_id = world.site("BNT")
    reader = world.api(site_id, frozenset({"records.read"}))
    assert reader.send_form(b"a,b\n").headers["Location"].endswith("not_allowed")
    facilities = world.api(world.site("GPX", patient_audit=False))
    assert facilities.send_form(b"a,b\n").headers["Location"].endswith("not_allowed")
    assert nothing_is_stored(world)


# --- what lies in the database ----------------------------------------------------------------


def test_no_identifier_lies_in_clear_anywhere(world: World, api: Api) -> None:
    rows = [
        make_row(1, local_id="CANARY77"),
        make_row(2, local_id="CANARY78", gender="CANARYGENDER"),
        make_row(3, nhs_number="9990000777"),
    ]
    api.upload(csv_bytes(rows))
    world.run(only=2)
    assert world.look.count("finding") >= 2
    tables = world.look.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for needle in ("CANARY", "9990000777"):
        for table in (row["tablename"] for row in tables):
            text = world.look.value(
                f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} AS t"
            )
            raw = world.look.value(
                f"SELECT coalesce(string_agg(encode(t::text::bytea, 'hex'), ''), '') "
                f"FROM (SELECT replace(t::text, '\\', '/') AS t FROM {table} AS t) AS t"
            )
            assert needle not in text, table
            assert needle.encode().hex() not in text, table
            assert needle.encode().hex() not in raw, table


def test_a_state_cannot_be_skipped(world: World, api: Api) -> None:
    made = api.upload(make_file(3)).json
    answer = api("POST", f"/imports/{made['import_id']}/confirmation")
    assert answer.status_code == 409
    assert answer.json["code"] == "wrong_state"
