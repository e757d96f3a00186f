"""Programs that send records, look-up of NHS numbers, and acknowledgement of warnings."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from services.records.today import today_in_london
from tests.factories.records import Imports, make_row
from tests.integration.records.conftest import WRITER, Caller
from tests.integration.records.editing import CHECKED_ON, KEYS, VALUES, Editor, codes

TWO_SITES = {**VALUES, "site_1": "1", "site_2": "1"}
"""Answers with one warning."""
V18 = "V18:site_2"


def body(values=VALUES, **more) -> dict:
    return {"values": values, "opt_out_checked_on": CHECKED_ON, **more}


def create(caller: Caller, values=VALUES, **more) -> dict:
    answer = caller.post("/records", body(values, **more))
    assert answer.status_code == 201, answer.text
    return answer.json


def change(caller: Caller, record: dict, values: dict, **more):
    path = f"/records/{record['record_id']}"
    return caller.patch(path, {"version": record["version"], "values": values, **more})


def acknowledge(caller: Caller, record: dict, *tokens: str, version: int | None = None):
    path = f"/records/{record['record_id']}/acknowledgements"
    return caller.post(path, {"version": version or record["version"], "tokens": list(tokens)})


# --- adding -------------------------------------------------------------------------------------


def test_a_record_is_added(writer: Caller) -> None:
    values = {**VALUES, "height_cm": "162.5", "therapy_recommended": ["2", "1"], "smoker": None}
    record = create(writer, values, opt_out_checked_on="2024-06-02")
    assert record["values"] == {
        **VALUES,
        "height_cm": "162.5",
        "therapy_recommended": ["1", "2"],
    }
    assert (record["version"], record["opt_out_checked_on"]) == (1, "2024-06-02")
    assert record["history"][0]["door"] == "api"
    assert writer.get(f"/records/{record['record_id']}").json["values"] == record["values"]


@pytest.mark.parametrize(
    ("values", "code", "key"),
    [
        ({"gender": None}, "R01", "gender"),
        ({"gender": "7"}, "T03", "gender"),
        ({"gender": 2}, "T03", "gender"),
        ({"nhs_number": "9990000019"}, "V01", "nhs_number"),
        ({"nhs_number": "NOT_UK"}, "R01", "local_id"),
        ({"date_of_birth": "1/3/1950"}, "T01", "date_of_birth"),
        ({"date_of_birth": "1990-01-01"}, "V02", "date_of_birth"),
        ({"height_cm": 160}, "T02", "height_cm"),
        ({"height_cm": "1600"}, "T06", "height_cm"),
        ({"refracture_count": "12"}, "T06", "refracture_count"),
        ({"refracture_count": ["1"]}, "T02", "refracture_count"),
        ({"therapy_recommended": "1"}, "T03", "therapy_recommended"),
        ({"therapy_recommended": ["99"]}, "T03", "therapy_recommended"),
        ({"local_id": "x" * 51}, "T05", "local_id"),
        ({"local_id": 7}, "T05", "local_id"),
        ({"service_code": "XYZ"}, "R04", "service_code"),
    ],
)
def test_errors_are_refused_and_told(writer: Caller, imports, values, code, key) -> None:
    answer = writer.post("/records", body({**VALUES, **values}))
    assert answer.status_code == 422
    assert key in answer.json["errors"]
    errors = [f for f in answer.json["findings"] if f["level"] == "error"]
    assert (code, key) in [(f["code"], f["field"]) for f in errors]
    assert imports.one("SELECT count(*) FROM fls_record") == 0


def test_all_errors_and_warnings_are_told_at_once(writer: Caller) -> None:
    answer = writer.post("/records", body({**TWO_SITES, "gender": "7", "smoker": "9"}))
    assert [(f["code"], f["field"]) for f in answer.json["findings"]] == [
        ("T03", "gender"),
        ("T03", "smoker"),
        ("V18", "site_2"),
    ]
    assert "9990000018" not in answer.text


def test_the_own_service_code_may_be_sent(writer: Caller) -> None:
    assert "service_code" not in create(writer, {**VALUES, "service_code": "ABC"})["values"]


@pytest.mark.parametrize("field", ["colour", "record_id"])
def test_what_is_no_field_is_refused(writer: Caller, field) -> None:
    assert writer.post("/records", body({**VALUES, field: "1"})).status_code == 422


def test_what_is_recorded_already_is_refused_with_its_record(writer, imports, other_site) -> None:
    other_site.store(make_row(0))
    first = create(writer, {**VALUES, "local_id": "L1"})
    for values in (
        VALUES,
        {**VALUES, "nhs_number": "9990000026", "local_id": "L1"},
        {**VALUES, "local_id": "L2", "gender": "1"},
    ):
        answer = writer.post("/records", body(values))
        assert (answer.status_code, answer.json["code"]) == (409, "already_recorded")
        assert answer.json["record_id"] == first["record_id"]
    imports.act("UPDATE fls_record SET state = 'deleted', deleted_reason = 'other'")
    create(writer)


def test_another_day_of_the_same_patient_is_another_record(writer: Caller) -> None:
    create(writer)
    near = create(writer, {**VALUES, "date_index_diagnosed": "2024-01-20"})
    assert (near["state"], codes(near)) == ("to_confirm", [("V20", "date_index_diagnosed")])
    far = create(writer, {**VALUES, "date_index_diagnosed": "2024-06-20"})
    assert far["state"] == "draft"


def test_the_opt_out_is_looked_up_for_a_new_record(writer: Caller, imports: Imports) -> None:
    answer = writer.post("/records", {"values": VALUES})
    assert answer.status_code == 422 and list(answer.json["errors"]) == ["opt_out_checked_on"]
    tomorrow = (today_in_london() + timedelta(days=1)).isoformat()
    assert writer.post("/records", body(opt_out_checked_on=tomorrow)).status_code == 422
    imports.site_changed(version=2, nation="scotland")
    assert writer.post("/records", {"values": VALUES}).status_code == 201


def test_a_patient_who_opted_out_is_refused(writer, imports, keys, other_site) -> None:
    record = create(writer, {**VALUES, "nhs_number": "9990000034"})
    other_site.act(
        "INSERT INTO opt_out (nhs_hash, site_id, recorded_by) VALUES (:hash, :site, :by)",
        hash=keys.hashes.hash("nhs_number", "9990000018"),
        site=other_site.site_id,
        by=uuid4(),
    )
    assert writer.post("/records", body()).json["code"] == "opted_out"
    assert change(writer, record, {"nhs_number": "9990000018"}).json["code"] == "opted_out"
    looked_up = writer.post("/records/lookup", {"nhs_number": "9990000018"}).json
    assert codes(looked_up) == [("V24", "nhs_number")]


def test_a_locked_year_is_refused(writer: Caller, imports: Imports) -> None:
    record = create(writer, {**VALUES, "date_index_diagnosed": "2023-01-10"})
    imports.act(
        "INSERT INTO audit_period (year, entry_deadline, locks_on, version, updated_by) "
        "VALUES (2023, '2024-03-31', '2024-05-01', 1, :by)",
        by=uuid4(),
    )
    new = body({**VALUES, "date_index_diagnosed": "2023-06-10"})
    assert writer.post("/records", new).json["code"] == "period_locked"
    assert change(writer, record, {"smoker": "1"}).json["code"] == "period_locked"
    assert change(writer, record, {"gender": "2"}).status_code == 200


# --- changing -----------------------------------------------------------------------------------


def test_answers_are_changed_and_emptied(writer: Caller) -> None:
    record = create(writer, {**VALUES, "smoker": "1", "postcode": "EX50 1AA"})
    after = change(writer, record, {"smoker": None, "postcode": "B2 2BB", "dxa": "1"}).json
    assert after["values"] == {**VALUES, "postcode": "B2 2BB", "dxa": "1"}
    assert after["version"] == 2
    assert after["history"][0]["changed"] == ["dxa", "postcode", "smoker"]


@pytest.mark.parametrize(
    ("values", "code", "key"),
    [
        ({"nhs_number": None}, "R01", "nhs_number"),
        ({"gender": None}, "R01", "gender"),
        ({"dxa_date": "2099-01-01"}, "V05", "dxa_date"),
        ({"smoker": "perhaps"}, "T03", "smoker"),
    ],
)
def test_a_change_into_an_error_is_refused(writer: Caller, values, code, key) -> None:
    record = create(writer)
    answer = change(writer, record, values)
    assert answer.status_code == 422
    assert (code, key) in codes(answer.json)
    assert writer.get(f"/records/{record['record_id']}").json["version"] == 1


def test_a_record_that_stays_wrong_is_refused(writer: Caller) -> None:
    editor = Editor(writer)
    record = editor.start(**KEYS, dxa_date="?")
    answer = change(writer, record, {"smoker": "1"})
    assert answer.status_code == 422 and codes(answer.json) == [("T01", "dxa_date")]
    after = change(writer, record, {"smoker": "1", "dxa_date": None})
    assert after.status_code == 200 and after.json["texts"] == {}
    assert after.json["state"] == "valid"


def test_two_programs_on_one_field_see_both_values(writer: Caller, colleague: Caller) -> None:
    record = create(writer, {**VALUES, "smoker": "1", "therapy_recommended": ["1"]})
    change(writer, record, {"therapy_recommended": ["2"], "smoker": "0"})
    answer = change(colleague, record, {"therapy_recommended": ["3"], "smoker": "1", "dxa": "1"})
    assert (answer.status_code, answer.json["code"]) == (409, "version_moved")
    assert answer.json["conflicts"] == {"therapy_recommended": {"yours": ["3"], "theirs": ["2"]}}
    again = {**record, "version": answer.json["version"]}
    after = change(colleague, again, {"therapy_recommended": ["3"], "dxa": "1"}).json
    assert (after["values"]["therapy_recommended"], after["values"]["smoker"]) == (["3"], "0")


def test_sending_twice_changes_once(writer: Caller) -> None:
    record = create(writer)
    first, second = (change(writer, record, {"smoker": "1"}).json for _ in range(2))
    assert first["version"] == second["version"] == 2


def test_another_patients_number_is_refused(writer: Caller) -> None:
    create(writer, {**VALUES, "nhs_number": "9990000026"})
    record = create(writer, {**VALUES, "local_id": "L1"})
    answer = change(writer, record, {"nhs_number": "9990000026"})
    assert answer.status_code == 422 and ("R07", "nhs_number") in codes(answer.json)
    after = change(writer, record, {"nhs_number": "9990000034"}).json
    assert after["values"]["nhs_number"] == "9990000034"


def test_a_change_into_a_record_that_is_there_is_refused(writer: Caller) -> None:
    create(writer)
    record = create(writer, {**VALUES, "date_index_diagnosed": "2024-06-10"})
    answer = change(writer, record, {"date_index_diagnosed": "2024-01-10"})
    assert answer.status_code == 422 and ("V20", "nhs_number") in codes(answer.json)


def test_another_sites_record_cannot_be_changed(writer: Caller, stranger: Caller) -> None:
    record = create(writer)
    assert change(stranger, record, {"smoker": "1"}).status_code == 404
    assert acknowledge(stranger, record, V18).status_code == 404
    for path in ("/history", "/versions/1"):
        assert stranger.get(f"/records/{record['record_id']}{path}").status_code == 404
    assert stranger.get(f"/records/{record['record_id']}/reads").json["total"] == 0


# --- looking up ---------------------------------------------------------------------------------


def test_a_number_is_looked_up(writer: Caller, stranger: Caller) -> None:
    record = create(writer)
    unfinished = Editor(writer)
    unfinished.start(nhs_number="999 000 0018")
    create(stranger, {**VALUES, "date_index_diagnosed": "2024-09-10"})
    found = writer.post("/records/lookup", {"nhs_number": " 999-000-0018 "}).json
    assert found["nhs_number"] == "9990000018" and found["findings"] == []
    assert found["records"] == [
        {
            "record_id": record["record_id"],
            "diagnosed_on": "2024-01-10",
            "site_1": "3",
            "state": record["state"],
        }
    ]
    assert [entry["record_id"] for entry in found["entries"]] == [unfinished.record_id]
    unknown = writer.post("/records/lookup", {"nhs_number": "9990000026"}).json
    assert (unknown["nhs_number"], unknown["records"], unknown["entries"]) == ("9990000026", [], [])


@pytest.mark.parametrize(
    ("text", "number", "code"),
    [
        ("9990000019", None, "V01"),
        ("12", None, "V01"),
        ("9.99E+09", None, "T07"),
        ("untraced", "UNTRACED", None),
        ("", None, None),
    ],
)
def test_what_is_no_number_is_said(writer: Caller, text, number, code) -> None:
    found = writer.post("/records/lookup", {"nhs_number": text}).json
    assert found["nhs_number"] == number
    assert [finding["code"] for finding in found["findings"]] == ([code] if code else [])


# --- acknowledging ------------------------------------------------------------------------------


def test_a_warning_is_acknowledged_with_name_and_time(writer: Caller, colleague: Caller) -> None:
    record = create(writer, TWO_SITES)
    (warning,) = record["findings"]
    assert (record["state"], warning["token"], warning["acknowledged"]) == ("to_confirm", V18, None)
    after = acknowledge(colleague, record, V18).json
    (warning,) = after["findings"]
    assert (after["state"], after["version"]) == ("valid", 2)
    assert warning["acknowledged"]["by"] == str(colleague.account_id)
    assert warning["acknowledged"]["at"] == after["history"][0]["at"]
    assert (after["history"][0]["kind"], after["history"][0]["acknowledged"]) == (
        "acknowledged",
        [V18],
    )
    assert acknowledge(colleague, record, V18).json["version"] == 2
    assert acknowledge(colleague, after, V18).json["version"] == 2


def test_an_acknowledgement_lapses_when_its_fields_change(writer: Caller) -> None:
    record = create(writer, TWO_SITES, acknowledged=[V18])
    assert record["state"] == "valid"
    after = change(writer, record, {"smoker": "1"}).json
    assert after["state"] == "valid" and after["findings"][0]["acknowledged"]
    after = change(writer, after, {"site_3": "1"}).json
    assert after["state"] == "to_confirm"
    assert all(finding["acknowledged"] is None for finding in after["findings"])


def test_it_lapses_too_while_a_text_of_its_fields_waits(writer: Caller) -> None:
    editor = Editor(writer)
    editor.start(**{**KEYS, "site_1": "1"}, site_2="1")
    acknowledge(writer, editor.open(), V18)
    editor.open()
    assert editor.save(site_2="?")["state"] == "invalid"
    assert editor.save(site_2="1")["state"] == "to_confirm"


def test_a_warning_on_other_answers_is_not_acknowledged(writer: Caller) -> None:
    record = create(writer, TWO_SITES)
    after = change(writer, record, {"site_1": "2", "site_2": "3", "site_3": "3"}).json
    token = after["findings"][0]["token"]
    refused = acknowledge(writer, record, token)
    assert (refused.status_code, refused.json["code"]) == (409, "version_moved")
    assert refused.json["version"] == 2
    assert acknowledge(writer, after, token).status_code == 200


@pytest.mark.parametrize("token", ["V13:therapy_recommended", "V99:x", "nonsense"])
def test_a_warning_that_the_record_has_not_is_refused(writer: Caller, token) -> None:
    record = create(writer, TWO_SITES)
    assert acknowledge(writer, record, V18, token).status_code == 422
    assert writer.get(f"/records/{record['record_id']}").json["version"] == 1


def test_an_error_cannot_be_acknowledged(writer: Caller) -> None:
    record = Editor(writer).start(**KEYS, dxa_date="1/1/2099")
    assert acknowledge(writer, record, "V05:dxa_date").status_code == 422


def test_acknowledging_with_a_record_wants_the_right(app, imports: Imports) -> None:
    typist = Caller(app, imports.site_id, WRITER - {"records.acknowledge"})
    answer = typist.post("/records", body(TWO_SITES, acknowledged=[V18]))
    assert answer.status_code == 403
    assert create(typist, TWO_SITES)["state"] == "to_confirm"
    answer = typist.post("/records", body(TWO_SITES, acknowledged=["nonsense"]))
    assert answer.status_code == 403


def test_near_records_are_confirmed_by_acknowledging(writer: Caller) -> None:
    first = create(writer)
    near = create(writer, {**VALUES, "date_index_diagnosed": "2024-01-20"})
    assert near["state"] == "to_confirm"
    after = acknowledge(writer, near, "V20:near").json
    assert (after["state"], after["findings"]) == ("draft", [])
    assert after["pairs"][0]["decision"] == "both_right"
    assert writer.get(f"/records/{first['record_id']}").json["state"] == "draft"
    assert acknowledge(writer, near, "V20:near").status_code == 200


def test_recorded_elsewhere_is_acknowledged(writer: Caller, stranger: Caller) -> None:
    theirs = create(stranger)
    ours = create(writer, {**VALUES, "date_index_diagnosed": "2024-01-14"})
    assert (ours["state"], ours["recorded_elsewhere"]) == ("to_confirm", True)
    assert theirs["record_id"] not in str(ours)
    after = acknowledge(writer, ours, "V20:elsewhere").json
    assert after["state"] == "draft" and after["findings"][0]["acknowledged"]


# --- all about a record -------------------------------------------------------------------------


def test_a_record_says_how_far_it_is(writer: Caller) -> None:
    record = create(writer, {**VALUES, "date_index_diagnosed": "2024-01-01"})
    assert [section["section"] for section in record["sections"]] == [1, 2, 3, 4, 5, 6, 7]
    assert record["sections"][1]["state"] == "incomplete"
    assert "smoker" in record["sections"][1]["missing"]
    assert record["progress"]["answered"] < record["progress"]["needed"]
    assert record["follow_up"]["first"] == {
        "state": "overdue",
        "due_on": "2024-03-25",
        "until": "2024-04-22",
    }
    assert record["period"] == {
        "year": 2024,
        "status": "open",
        "entry_deadline": None,
        "locks_on": None,
        "unlocked_until": None,
    }


def test_earlier_states_can_be_seen(writer: Caller) -> None:
    record = create(writer, {**VALUES, "postcode": "EX50 1AA", "height_cm": "160.0"})
    change(writer, record, {"height_cm": None, "postcode": "B2 2BB"})
    path = f"/records/{record['record_id']}"
    first = writer.get(f"{path}/versions/1").json
    assert first["values"] == record["values"]
    assert (first["by"], first["kind"], first["door"]) == (
        str(writer.account_id),
        "created",
        "api",
    )
    assert "height_cm" not in writer.get(f"{path}/versions/2").json["values"]
    assert writer.get(f"{path}/versions/3").status_code == 404
    newest, _ = writer.get(f"{path}/history").json
    assert newest["changes"] == [
        {"key": "postcode", "old": "EX50 1AA", "new": "B2 2BB"},
        {"key": "height_cm", "old": "160.0", "new": None},
    ]
