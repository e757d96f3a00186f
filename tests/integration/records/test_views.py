"""The API: own site only, masked lists, a read log that comes first."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.factories.records import Imports, make_row
from tests.integration.records.conftest import Caller


def record_ids(imports: Imports) -> list[str]:
    rows = imports.all("SELECT record_id FROM fls_record ORDER BY date_index_diagnosed, record_id")
    return [str(row[0]) for row in rows]


def test_a_list_shows_own_records_with_masked_numbers(imports, other_site, caller) -> None:
    imports.store(make_row(1), make_row(2, nhs_number="NOT_UK", date_index_diagnosed="2024-03-01"))
    other_site.store(make_row(3))
    answer = caller.get("/records")
    assert answer.status_code == 200
    assert {key: answer.json[key] for key in ("page", "page_size", "total")} == {
        "page": 1,
        "page_size": 25,
        "total": 2,
    }
    newest, older = answer.json["items"]
    assert newest["nhs_number_masked"] == "NOT_UK"
    assert older["nhs_number_masked"] == "*** *** *026"
    assert older["local_id"] == "LOC-0001"
    assert older["diagnosed_on"] == "2024-01-10"
    assert (older["site_1"], older["age_at_diagnosis"], older["state"], older["version"]) == (
        "3",
        73,
        "valid",
        1,
    )


def test_pages_and_order(imports: Imports, caller: Caller) -> None:
    imports.store(*(make_row(n, date_index_diagnosed=f"2024-02-{n + 1:02d}") for n in range(7)))
    first = caller.get("/records?page=1&page_size=3&sort=diagnosed_on").json
    last = caller.get("/records?page=3&page_size=3&sort=diagnosed_on").json
    assert [i["diagnosed_on"][-2:] for i in first["items"]] == ["01", "02", "03"]
    assert [i["diagnosed_on"][-2:] for i in last["items"]] == ["07"]
    assert last["total"] == 7
    imports.store(make_row(4, date_index_diagnosed="2024-02-05", smoker="0"))
    newest = caller.get("/records?page_size=1&sort=-updated_at").json["items"]
    assert newest[0]["diagnosed_on"] == "2024-02-05"


@pytest.mark.parametrize("query", ["page=0", "page_size=101", "sort=name", "colour=red"])
def test_a_wrong_query_is_refused_with_its_field(imports, caller: Caller, query) -> None:
    answer = caller.get(f"/records?{query}")
    assert answer.status_code == 422
    assert query.split("=")[0] in answer.json["errors"]


def test_a_record_shows_what_was_sent(imports: Imports, caller: Caller) -> None:
    row = make_row(1, site_2="3", fu16_date=None)
    person = uuid4()
    import_id = imports.check([row])
    imports.apply(import_id, by=person)
    (record_id,) = record_ids(imports)
    answer = caller.get(f"/records/{record_id}").json
    assert answer["values"] == {key: value for key, value in row.items() if value is not None}
    assert (answer["version"], answer["state"], answer["dataset_version"]) == (1, "valid", "v4")
    assert [f["code"] for f in answer["findings"]] == ["V18"]
    (created,) = answer["history"]
    assert created["kind"] == "created" and created["door"] == "import"
    assert (created["by"], created["import_id"]) == (str(person), str(import_id))
    assert answer["created_at"].endswith("Z")


def test_history_names_the_fields_newest_first(imports: Imports, caller: Caller) -> None:
    imports.store(make_row(1))
    imports.store(make_row(1, smoker="0", postcode="B2 2BB"))
    (record_id,) = record_ids(imports)
    history = caller.get(f"/records/{record_id}").json["history"]
    assert [(h["version"], h["kind"], h["changed"]) for h in history] == [
        (2, "updated", ["postcode", "smoker"]),
        (1, "created", []),
    ]


def test_opening_a_record_is_logged_each_time(imports: Imports, caller: Caller) -> None:
    imports.store(make_row(1))
    (record_id,) = record_ids(imports)
    for _ in range(2):
        caller.get(f"/records/{record_id}")
    logged = imports.all("SELECT record_id::text, actor_id, length(request_id) FROM read_log")
    assert logged == [(record_id, caller.account_id, 32)] * 2


def test_a_list_is_no_opening(imports: Imports, caller: Caller) -> None:
    imports.store(make_row(1))
    caller.get("/records")
    assert imports.one("SELECT count(*) FROM read_log") == 0


def test_what_cannot_be_logged_is_not_shown(imports: Imports, caller: Caller, superuser) -> None:
    imports.store(make_row(1))
    (record_id,) = record_ids(imports)
    superuser.execute("REVOKE INSERT ON read_log FROM records_service")
    try:
        answer = caller.get(f"/records/{record_id}")
    finally:
        superuser.execute("GRANT INSERT ON read_log TO records_service")
    assert answer.status_code >= 500
    assert "9990000026" not in answer.text


def test_another_sites_record_is_not_there(imports, other_site, caller: Caller, app) -> None:
    imports.store(make_row(1))
    (record_id,) = record_ids(imports)
    stranger = Caller(app, other_site.site_id)
    assert stranger.get(f"/records/{record_id}").status_code == 404
    assert stranger.get("/records").json["total"] == 0
    assert imports.one("SELECT count(*) FROM read_log") == 0
    assert caller.get(f"/records/{uuid4()}").status_code == 404


def test_a_site_without_patient_audit_is_told_so(imports: Imports, caller: Caller) -> None:
    imports.site_changed(version=2, patient_audit=False, has_fls=False)
    answer = caller.get("/records")
    assert answer.status_code == 403
    assert "facilities audit only" in answer.json["detail"]


def test_a_suspended_site_reads_nothing(imports: Imports, caller: Caller) -> None:
    imports.site_changed(version=2, state="suspended")
    assert caller.get("/records").status_code == 403


def test_a_site_we_have_not_heard_of_is_asked_to_wait(app, engine) -> None:
    answer = Caller(app, uuid4()).get("/records")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize("path", ["/records", f"/records/{uuid4()}", f"/imports/{uuid4()}/ledger"])
def test_every_view_wants_the_right(imports: Imports, app, path) -> None:
    nobody = Caller(app, imports.site_id, frozenset({"facilities.read"}))
    assert nobody.get(path).status_code == 403
    team = Caller(app, None, frozenset({"records.read"}))
    assert team.get(path).status_code == 403
    assert app.test_client().get(f"/api/records/v1{path}").status_code == 401


def test_the_ledger_of_an_import(imports: Imports, caller: Caller, other_site, app) -> None:
    import_id = imports.check([make_row(1), make_row(2)])
    before = caller.get(f"/imports/{import_id}/ledger").json
    assert (before["state"], before["compared"]["new"], before["applied"]) == ("compared", 2, None)
    imports.apply(import_id)
    after = caller.get(f"/imports/{import_id}/ledger").json
    assert (after["state"], after["applied"]["new"], after["rows_done"]) == ("applied", 2, 2)
    stranger = Caller(app, other_site.site_id)
    assert stranger.get(f"/imports/{import_id}/ledger").status_code == 404


def test_the_api_describes_itself(app) -> None:
    answer = app.test_client().get("/api/records/v1/openapi.json")
    assert "/api/records/v1/records/{record_id}" in answer.json["paths"]
