"""Deleting, restoring, opting out, erasing: what stays, what goes, and who finds what."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from services.records.actions.guarding import ERASED
from tests.factories.records import NHS_NUMBERS, Imports, make_row
from tests.integration.records.conftest import WRITER, Caller
from tests.integration.records.editing import CHECKED_ON, VALUES, Editor

LEAD = WRITER | {"records.delete", "records.erase", "records.reads"}


@pytest.fixture
def lead(app, imports: Imports) -> Caller:
    return Caller(app, imports.site_id, LEAD)


@pytest.fixture
def other_lead(app, other_site: Imports) -> Caller:
    return Caller(app, other_site.site_id, LEAD)


def add(caller: Caller, **values: Any) -> dict[str, Any]:
    body = {"values": {**VALUES, **values}, "opt_out_checked_on": CHECKED_ON}
    answer = caller.post("/records", body)
    assert answer.status_code == 201, answer.text
    return answer.json


def delete(caller: Caller, record: dict[str, Any], reason: str = "entered_in_error") -> Any:
    body = {"version": record["version"], "reason": reason}
    return caller.post(f"/records/{record['record_id']}/deletion", body)


def restore(caller: Caller, record_id: str, version: int) -> Any:
    return caller.post(f"/records/{record_id}/restoration", {"version": version})


def deleted(caller: Caller) -> list[dict[str, Any]]:
    return caller.get("/records/deleted").json["items"]


def lock_year(imports: Imports) -> None:
    imports.act(
        "INSERT INTO audit_period (year, entry_deadline, locks_on, version, updated_by) "
        "VALUES (2024, '2025-01-01', '2025-02-01', 1, :by)",
        by=uuid4(),
    )


def test_a_deleted_record_is_found_by_nothing_and_stays_in_the_list_of_deleted(lead) -> None:
    record = add(lead, local_id="H-1")
    assert delete(lead, record).status_code == 204
    assert lead.get(f"/records/{record['record_id']}").status_code == 404
    assert lead.get("/records").json["items"] == []
    for query in ("H-1", VALUES["nhs_number"]):
        assert lead.post("/records/search", {"query": query}).json["items"] == []
    (item,) = deleted(lead)
    assert item["record_id"] == record["record_id"]
    assert (item["reason"], item["deleted_by"]) == ("entered_in_error", str(lead.account_id))
    assert item["local_id"] == "H-1"


def test_the_same_deletion_twice_is_one_and_another_reason_is_refused(lead) -> None:
    record = add(lead)
    assert delete(lead, record).status_code == 204
    assert delete(lead, record).status_code == 204
    assert delete(lead, record, "other").status_code == 404
    assert len(deleted(lead)) == 1


def test_a_deletion_on_an_older_version_is_refused(lead) -> None:
    record = add(lead)
    change = {"version": record["version"], "values": {"smoker": "1"}}
    assert lead.patch(f"/records/{record['record_id']}", change).status_code == 200
    answer = delete(lead, record)
    assert (answer.status_code, answer.json["code"]) == (409, "version_moved")
    assert deleted(lead) == []


def test_its_local_identifier_is_free_again_and_comes_back_with_it_if_it_still_is(lead) -> None:
    first = add(lead, local_id="H-1")
    delete(lead, first)
    second = add(lead, local_id="H-1", nhs_number=NHS_NUMBERS[1])
    refused = restore(lead, first["record_id"], first["version"] + 1)
    assert (refused.status_code, refused.json["code"]) == (409, "local_id_taken")
    delete(lead, second)
    answer = restore(lead, first["record_id"], first["version"] + 1)
    assert answer.status_code == 200
    assert answer.json["values"]["local_id"] == "H-1"
    assert len(lead.post("/records/search", {"query": "H-1"}).json["items"]) == 1


def test_a_restored_record_has_all_it_had_and_its_history_says_so(lead) -> None:
    record = add(lead, smoker="1", postcode="AA1 1AA")
    delete(lead, record, "not_eligible")
    answer = restore(lead, record["record_id"], record["version"] + 1).json
    assert answer["values"] == record["values"]
    assert answer["state"] == record["state"]
    kinds = [(step["kind"], step["reason"]) for step in answer["history"]]
    assert kinds == [("restored", None), ("deleted", "not_eligible"), ("created", None)]
    again = restore(lead, record["record_id"], record["version"] + 1)
    assert (again.status_code, again.json["version"]) == (200, answer["version"])


def test_an_import_does_not_find_a_deleted_record(lead, imports: Imports) -> None:
    record = add(lead, local_id="H-1")
    delete(lead, record)
    row = make_row(0, **VALUES, local_id="H-1")
    assert imports.store(row)["new"] == 1


def test_records_of_a_locked_year_are_neither_deleted_nor_restored(lead, imports) -> None:
    gone, stays = add(lead), add(lead, nhs_number=NHS_NUMBERS[1])
    delete(lead, gone)
    lock_year(imports)
    for answer in (delete(lead, stays), restore(lead, gone["record_id"], gone["version"] + 1)):
        assert (answer.status_code, answer.json["code"]) == (409, "period_locked")
        assert "unlock" in answer.json["detail"]


def test_another_site_can_neither_delete_nor_restore(lead, other_lead) -> None:
    record = add(lead)
    assert delete(other_lead, record).status_code == 404
    delete(lead, record)
    assert restore(other_lead, record["record_id"], record["version"] + 1).status_code == 404
    assert deleted(other_lead) == []


# --- opting out ------------------------------------------------------------------------------


def test_withdrawing_takes_all_records_of_the_patient_and_what_identifies_them(
    lead, imports: Imports
) -> None:
    first = add(lead, local_id="H-1")
    second = add(lead, local_id="H-2", date_index_diagnosed="2024-09-01")
    other = add(lead, local_id="H-3", nhs_number=NHS_NUMBERS[1])
    typing = Editor(lead)
    typing.start(nhs_number=VALUES["nhs_number"], local_id="H-9")
    assert delete(lead, first, "opt_out").status_code == 204
    assert {item["record_id"] for item in deleted(lead)} == {
        first["record_id"],
        second["record_id"],
    }
    assert all(
        (item["nhs_number_masked"], item["local_id"], item["reason"]) == ("erased", None, "opt_out")
        for item in deleted(lead)
    )
    assert lead.get(f"/records/{other['record_id']}").json["values"]["local_id"] == "H-3"
    assert lead.get(f"/records/{typing.record_id}").status_code == 404
    assert imports.one("SELECT count(*) FROM patient_key") == 1
    assert imports.one("SELECT count(*) FROM patient WHERE nhs_absent = :e", e=ERASED) == 1
    area = "SELECT count(*) FROM fls_record WHERE outward_postcode IS NOT NULL"
    assert imports.one(area) == 0


def test_nobody_can_record_the_patient_again_anywhere(lead, other_lead, other_site) -> None:
    delete(lead, add(lead), "opt_out")
    body = {"values": VALUES, "opt_out_checked_on": CHECKED_ON}
    for caller in (lead, other_lead):
        answer = caller.post("/records", body)
        assert (answer.status_code, answer.json["code"]) == (409, "opted_out")
        found = caller.post("/records/lookup", {"nhs_number": VALUES["nhs_number"]}).json
        assert [finding["code"] for finding in found["findings"]] == ["V24"]


def test_after_an_opt_out_there_is_no_way_back(lead) -> None:
    record = add(lead)
    delete(lead, record, "opt_out")
    answer = restore(lead, record["record_id"], record["version"] + 1)
    assert (answer.status_code, answer.json["code"]) == (409, "withdrawn")


def test_an_opt_out_is_honoured_in_a_locked_year(lead, imports) -> None:
    record = add(lead)
    lock_year(imports)
    assert delete(lead, record, "opt_out").status_code == 204


def test_only_a_keyed_hash_of_the_patient_is_kept(lead, imports: Imports, superuser) -> None:
    delete(lead, add(lead), "opt_out")
    (row,) = superuser.execute("SELECT * FROM opt_out").fetchall()
    assert len(row[0]) == 32
    assert VALUES["nhs_number"] not in str(row)
    assert lead.get("/opt-outs/count").json == {"count": 1}


def test_a_patient_without_a_record_can_be_kept_out(lead, other_lead) -> None:
    body = {"nhs_number": "999 000 0026"}
    assert lead.post("/opt-outs", body).status_code == 204
    assert lead.post("/opt-outs", body).status_code == 204
    assert lead.get("/opt-outs/count").json == {"count": 1}
    assert other_lead.get("/opt-outs/count").json == {"count": 0}
    found = other_lead.post("/records/lookup", body).json
    assert [finding["code"] for finding in found["findings"]] == ["V24"]


def test_a_patient_with_records_is_withdrawn_not_only_kept_out(lead) -> None:
    record = add(lead)
    answer = lead.post("/opt-outs", {"nhs_number": VALUES["nhs_number"]})
    assert (answer.status_code, answer.json["code"]) == (409, "has_records")
    assert lead.get(f"/records/{record['record_id']}").status_code == 200


def test_a_number_that_is_none_is_refused_without_repeating_it(lead) -> None:
    answer = lead.post("/opt-outs", {"nhs_number": "999 000 0011"})
    assert answer.status_code == 422
    assert "0011" not in answer.text


# --- erasure ---------------------------------------------------------------------------------


def erase(caller: Caller, record: dict[str, Any], reason: str = "Asked for in a letter.") -> Any:
    body = {"version": record["version"], "reason": reason}
    return caller.post(f"/records/{record['record_id']}/erasure", body)


def test_an_erased_record_counts_on_without_identifiers_and_cannot_be_changed(lead) -> None:
    record = add(lead, local_id="H-1", postcode="AA1 1AA", smoker="1")
    answer = erase(lead, record)
    assert answer.status_code == 200
    after = answer.json
    assert not {"nhs_number", "date_of_birth", "postcode", "local_id"} & set(after["values"])
    assert after["values"]["smoker"] == "1"
    assert after["state"] == record["state"]
    change = {"version": after["version"], "values": {"smoker": "0"}}
    refused = lead.patch(f"/records/{record['record_id']}", change)
    assert (refused.status_code, refused.json["code"]) == (409, "identifiers_erased")
    assert lead.get(f"/records/{record['record_id']}").json["identifiers_erased"]


def test_erasing_blinds_the_history_too(lead, superuser) -> None:
    record = add(lead, local_id="H-1")
    change = {"version": record["version"], "values": {"local_id": "H-2"}}
    record = lead.patch(f"/records/{record['record_id']}", change).json
    path = f"/records/{record['record_id']}"
    assert "H-1" in lead.get(f"{path}/history").text
    erase(lead, record)
    assert "H-1" not in lead.get(f"{path}/history").text
    assert "local_id" not in lead.get(f"{path}/versions/1").json["values"]


def test_a_corrected_number_leaves_no_key_of_the_earlier_patient(lead, superuser) -> None:
    editor = Editor(lead)
    editor.start(
        nhs_number=NHS_NUMBERS[1], date_of_birth="1/3/1950", gender="2",
        date_index_diagnosed="10/1/2024", site_1="3",
    )  # fmt: skip
    record = editor.save(nhs_number=NHS_NUMBERS[2])
    assert superuser.execute("SELECT count(*) FROM patient_key").fetchone() == (2,)
    erase(lead, record)
    assert superuser.execute("SELECT count(*) FROM patient_key").fetchone() == (0,)


def test_the_key_of_somebody_who_has_another_record_stays(lead, superuser) -> None:
    other = add(lead, nhs_number=NHS_NUMBERS[1], date_index_diagnosed="2023-01-10", local_id="H-8")
    editor = Editor(lead)
    editor.start(
        nhs_number=NHS_NUMBERS[1], date_of_birth="1/3/1950", gender="2",
        date_index_diagnosed="10/1/2024", site_1="3", local_id="H-7",
    )  # fmt: skip
    record = editor.save(nhs_number=NHS_NUMBERS[2])
    erase(lead, record)
    opened = lead.get(f"/records/{other['record_id']}").json
    assert opened["values"]["nhs_number"] == NHS_NUMBERS[1]


def test_erasing_twice_is_erasing_once_and_the_reason_holds_no_number(lead) -> None:
    record = add(lead)
    refused = erase(lead, record, "Patient 999 000 0018 asked for it")
    assert refused.status_code == 422
    assert "0018" not in refused.text
    first = erase(lead, record).json
    second = erase(lead, record).json
    assert second["version"] == first["version"]
    assert [step["kind"] for step in first["history"]] == ["erased", "created"]


@pytest.mark.parametrize("right", ["records.delete", "records.erase"])
def test_each_asks_for_its_right(app, imports: Imports, lead, right: str) -> None:
    record = add(lead)
    without = Caller(app, imports.site_id, LEAD - {right})
    answers = {
        "records.delete": lambda: delete(without, record),
        "records.erase": lambda: erase(without, record),
    }
    assert answers[right]().status_code == 403
