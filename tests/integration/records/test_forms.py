"""Typing records: nothing typed is lost, whatever it is and in whatever order it comes."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from services.records.today import today_in_london
from tests.factories.records import Imports, make_row
from tests.integration.records.conftest import Caller
from tests.integration.records.editing import CHECKED_ON, KEYS, Editor, codes, sent

OTHER_NUMBER = "9990000026"


@pytest.fixture
def editor(writer: Caller) -> Editor:
    return Editor(writer)


# --- before it is a record ----------------------------------------------------------------------


def test_the_first_character_is_kept(editor: Editor) -> None:
    answer = editor.start(nhs_number="9")
    assert (answer["state"], answer["stored"], answer["version"]) == ("unfinished", False, 0)
    assert (answer["entry_version"], answer["form_version"]) == (1, 1)
    assert answer["texts"] == {"nhs_number": "9"}
    assert ("R01", "gender") in codes(answer) and ("V01", "nhs_number") in codes(answer)
    assert editor.open()["texts"] == {"nhs_number": "9"}


def test_an_entry_becomes_a_record_with_its_last_key_field(editor: Editor, imports) -> None:
    editor.start(**{key: text for key, text in KEYS.items() if key != "site_1"})
    answer = editor.save(smoker="yes", dxa_date="31/2/2024")
    assert answer["state"] == "unfinished"
    answer = editor.save(site_1="wrist")
    assert (answer["stored"], answer["state"], answer["version"]) == (True, "invalid", 3)
    assert answer["values"] == {
        "nhs_number": "9990000018",
        "date_of_birth": "1950-03-01",
        "gender": "2",
        "date_index_diagnosed": "2024-01-10",
        "site_1": "3",
        "smoker": "1",
    }
    assert answer["texts"] == {"dxa_date": "31/2/2024"}
    assert ("T01", "dxa_date") in codes(answer)
    assert (answer["age_at_diagnosis"], answer["dataset_version"]) == (73, "v4")
    assert answer["opt_out_checked_on"] == CHECKED_ON
    (item,) = answer["history"]
    assert (item["kind"], item["door"], item["by"]) == (
        "created",
        "page",
        str(editor.caller.account_id),
    )
    assert imports.one("SELECT count(*) FROM entry WHERE wrapped_key IS NOT NULL") == 0


@pytest.mark.parametrize("key", sorted(KEYS))
def test_without_any_one_key_field_it_stays_unfinished(editor: Editor, key: str) -> None:
    answer = editor.start(**{**KEYS, key: "nonsense" if key != "nhs_number" else "9990000019"})
    assert answer["state"] == "unfinished"
    assert editor.save(**{key: ""})["state"] == "unfinished"
    assert editor.save(**{key: KEYS[key]})["state"] == "draft"


def test_key_fields_alone_make_a_draft(editor: Editor) -> None:
    assert editor.start(**KEYS)["state"] == "draft"
    assert editor.save(smoker="1")["state"] == "valid"


def test_errors_of_rules_are_stored(editor: Editor) -> None:
    answer = editor.start(**KEYS, dxa_date="1/1/2099")
    assert (answer["stored"], answer["state"]) == (True, "invalid")
    assert answer["values"]["dxa_date"] == "2099-01-01"


@pytest.mark.parametrize("reason", ["NOT_UK", "UNTRACED"])
def test_without_an_nhs_number_a_local_identifier_is_needed(editor: Editor, reason) -> None:
    answer = editor.start(**{**KEYS, "nhs_number": reason})
    assert answer["state"] == "unfinished" and ("R01", "local_id") in codes(answer)
    answer = editor.save(local_id="LOC-7")
    assert (answer["state"], answer["values"]["nhs_number"]) == ("draft", reason)


def test_an_autosaved_entry_is_no_record_before_it_is_saved(editor: Editor) -> None:
    editor.start(nhs_number="999")
    answer = editor.autosave(**KEYS)
    assert (answer["state"], answer["entry_version"]) == ("unfinished", 2)
    editor.open()
    assert editor.save(**KEYS)["state"] == "draft"


def test_nothing_typed_is_no_entry(editor: Editor, imports: Imports) -> None:
    answer = editor.post(gender=" ", smoker="")
    assert answer.status_code == 422 and "texts" in answer.json["errors"]
    assert imports.one("SELECT count(*) FROM entry") == 0


def test_an_unfinished_entry_can_be_dropped_and_a_record_cannot(editor: Editor, stranger) -> None:
    editor.start(nhs_number="999")
    path = f"/forms/{editor.record_id}"
    assert stranger.send("DELETE", path).status_code == 404
    assert editor.caller.send("DELETE", path).status_code == 204
    assert editor.caller.send("DELETE", path).status_code == 404
    assert editor.caller.get(f"/records/{editor.record_id}").status_code == 404
    again = Editor(editor.caller)
    again.start(**KEYS)
    assert again.caller.send("DELETE", f"/forms/{again.record_id}").status_code == 404
    again.save(dxa_date="?")
    assert again.caller.send("DELETE", f"/forms/{again.record_id}").status_code == 404


def test_sending_the_first_texts_twice_makes_one_record(editor: Editor, imports: Imports) -> None:
    first = editor.post(**KEYS)
    second = editor.post(**KEYS)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json["version"] == second.json["version"] == 1
    assert imports.one("SELECT count(*) FROM fls_record") == 1


def test_first_texts_sent_again_with_others_are_a_second_editor(editor: Editor) -> None:
    editor.post(**KEYS, smoker="1")
    more = editor.post(**KEYS, smoker="1", dxa="0")
    assert (more.status_code, more.json["values"]["dxa"]) == (200, "0")
    other = editor.post(**KEYS, smoker="0")
    assert (other.status_code, other.json["code"]) == (409, "version_moved")
    assert other.json["conflicts"] == {"smoker": {"yours": "0", "theirs": "1"}}


def test_another_site_sees_nothing_and_cannot_take_the_id(editor: Editor, stranger) -> None:
    editor.start(**KEYS)
    assert stranger.get(f"/records/{editor.record_id}").status_code == 404
    theirs = Editor(stranger, editor.record_id, 1)
    assert theirs.put({"smoker": "0"}).status_code == 404
    answer = theirs.post(**KEYS)
    assert answer.status_code == 409 and answer.json["code"] == "record_id_taken"
    unfinished = Editor(editor.caller)
    unfinished.start(gender="2")
    answer = Editor(stranger, unfinished.record_id).post(gender="2")
    assert answer.status_code == 409 and answer.json["code"] == "record_id_taken"


# --- the opt-out is looked up first -------------------------------------------------------------


def test_a_site_in_england_says_when_it_looked_the_opt_out_up(writer: Caller, imports) -> None:
    body = sent(str(uuid4()), KEYS, opt_out_checked_on=None)
    answer = writer.post("/forms", body)
    assert answer.status_code == 422 and list(answer.json["errors"]) == ["opt_out_checked_on"]
    assert imports.one("SELECT count(*) FROM entry") == 0
    tomorrow = (today_in_london() + timedelta(days=1)).isoformat()
    assert writer.post("/forms", {**body, "opt_out_checked_on": tomorrow}).status_code == 422
    today = today_in_london().isoformat()
    assert writer.post("/forms", {**body, "opt_out_checked_on": today}).status_code == 201


def test_elsewhere_it_may_be_said(writer: Caller, imports: Imports) -> None:
    imports.site_changed(version=2, nation="wales")
    body = sent(str(uuid4()), KEYS, opt_out_checked_on=None)
    assert writer.post("/forms", body).json["opt_out_checked_on"] is None
    tomorrow = (today_in_london() + timedelta(days=1)).isoformat()
    assert writer.post("/forms", {**body, "opt_out_checked_on": tomorrow}).status_code == 422


def test_of_a_patient_who_opted_out_nothing_is_kept(
    editor: Editor, other_site, imports, keys
) -> None:
    opt_out(other_site, keys, OTHER_NUMBER)
    answer = editor.post(**{**KEYS, "nhs_number": OTHER_NUMBER})
    assert (answer.status_code, answer.json["code"]) == (409, "opted_out")
    editor.start(nhs_number="999")
    assert editor.put({"nhs_number": OTHER_NUMBER}).status_code == 409
    assert editor.put({"nhs_number": OTHER_NUMBER}, autosave=True).status_code == 409
    assert editor.save(**KEYS)["state"] == "draft"
    assert editor.put({"nhs_number": OTHER_NUMBER}).json["code"] == "opted_out"
    assert editor.put({"nhs_number": OTHER_NUMBER}, autosave=True).json["code"] == "opted_out"
    assert editor.open()["texts"] == {}
    assert imports.one("SELECT count(*) FROM draft") == 0


def opt_out(site: Imports, keys, number: str) -> None:
    """Somebody wants nothing recorded; it holds everywhere."""
    site.act(
        "INSERT INTO opt_out (nhs_hash, site_id, recorded_by) VALUES (:hash, :site, :by)",
        hash=keys.hashes.hash("nhs_number", number),
        site=site.site_id,
        by=uuid4(),
    )


# --- a stored record ----------------------------------------------------------------------------


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_key_field_is_not_emptied_but_the_text_waits(editor: Editor, key: str) -> None:
    stored = editor.start(**KEYS, smoker="1")["values"]
    answer = editor.save(**{key: ""})
    assert (answer["state"], answer["version"]) == ("invalid", 2)
    assert answer["values"] == stored and answer["texts"] == {key: ""}
    assert ("R01", key) in codes(answer)
    answer = editor.save(**{key: "nonsense"})
    assert answer["values"] == stored and answer["texts"] == {key: "nonsense"}
    answer = editor.save(**{key: KEYS[key]})
    assert (answer["state"], answer["texts"], answer["values"]) == ("valid", {}, stored)


def test_an_unreadable_text_waits_until_it_is_mended(editor: Editor, imports: Imports) -> None:
    editor.start(**KEYS, dxa="1", dxa_date="1/2/2024")
    answer = editor.save(dxa_date="1/2/24")
    assert answer["values"]["dxa_date"] == "2024-02-01"
    assert answer["texts"] == {"dxa_date": "1/2/24"} and answer["state"] == "invalid"
    assert imports.one("SELECT unreadable FROM fls_record") == ["dxa_date"]
    answer = editor.save(smoker="1")
    assert answer["texts"] == {"dxa_date": "1/2/24"} and answer["state"] == "invalid"
    answer = editor.save(dxa_date="")
    assert answer["texts"] == {} and "dxa_date" not in answer["values"]
    assert imports.one("SELECT count(*) FROM entry") == 0
    assert imports.one("SELECT unreadable FROM fls_record") is None


def test_what_follows_from_answers_follows(editor: Editor, imports: Imports) -> None:
    before = {**KEYS, "date_index_diagnosed": "31/12/2023", "site_1": "7"}
    editor.start(**before, postcode="ex501aa")
    columns = "dataset_version, age_at_diagnosis, age_band, outward_postcode, own_state"
    row = imports.all(f"SELECT {columns} FROM fls_record")[0]
    assert tuple(row) == ("v3", 73, "65-74", "EX50", "valid")
    answer = editor.save(date_index_diagnosed="1/3/2025", postcode="B2 2BB")
    assert ("T03", "site_1") in codes(answer)
    row = imports.all(f"SELECT {columns} FROM fls_record")[0]
    assert tuple(row) == ("v4", 75, "75-84", "B2", "invalid")
    assert editor.save(postcode="")["state"] == "invalid"
    assert imports.one("SELECT outward_postcode FROM fls_record") is None


def test_saving_the_same_twice_changes_nothing_the_second_time(editor: Editor, imports) -> None:
    editor.start(**KEYS)
    twice = editor.beside(editor.caller)
    first = editor.save(smoker="1", dxa_date="?", gender="")
    second = twice.save(smoker="1", dxa_date="?", gender="")
    assert first["version"] == second["version"] == 2
    assert imports.one("SELECT count(*) FROM record_change") == 2


def test_an_old_form_sent_again_changes_only_what_was_changed_in_it(editor: Editor) -> None:
    editor.start(**KEYS, smoker="1", dxa="0", dxa_not_ordered="1")
    old = editor.beside(editor.caller)
    editor.save(smoker="0")
    answer = old.save(smoker="1", dxa="0", dxa_not_ordered="2")
    assert (answer["values"]["smoker"], answer["values"]["dxa_not_ordered"]) == ("0", "2")
    assert answer["version"] == 3


def test_a_version_to_come_is_refused(editor: Editor) -> None:
    editor.start(gender="2")
    editor.version = 7
    assert "version" in editor.put({"gender": "1"}).json["errors"]
    editor.version = 1
    editor.save(**KEYS)
    editor.version = 3
    assert "version" in editor.put({"gender": "1"}).json["errors"]


@pytest.mark.parametrize(
    "texts",
    [{"service_code": "ABC"}, {"colour": "red"}, {"smoker": "x" * 2001}, {"smoker": None}],
)
def test_what_no_form_sends_is_refused(editor: Editor, texts) -> None:
    body = sent(editor.record_id, texts)
    assert editor.caller.post("/forms", body).status_code == 422


def test_texts_of_any_kind_are_kept_as_they_are(editor: Editor) -> None:
    texts = {
        "postcode": "\u0000\u202e",
        "local_id": "\N{PILE OF POO}" * 60,
        "smoker": "'; DROP TABLE entry; --",
        "height_cm": "1e999",
        "therapy_recommended": ";;9;;",
        "dxa_date": "30/02/2024",
    }
    answer = editor.start(**KEYS, **texts)
    assert answer["stored"] and answer["state"] == "invalid"
    waiting = {key: text for key, text in texts.items() if key != "therapy_recommended"}
    assert answer["texts"] == waiting
    assert answer["values"]["therapy_recommended"] == ["9"]


def test_a_locked_year_takes_no_record_and_no_change(editor: Editor, imports: Imports) -> None:
    editor.start(**{**KEYS, "date_index_diagnosed": "1/2/2023"})
    late = Editor(editor.caller)
    imports.act(
        "INSERT INTO audit_period (year, entry_deadline, locks_on, version, updated_by) "
        "VALUES (2023, '2024-03-31', '2024-05-01', 1, :by)",
        by=uuid4(),
    )
    answer = late.start(**{**KEYS, "date_index_diagnosed": "1/3/2023"})
    assert answer["state"] == "unfinished" and ("R05", "date_index_diagnosed") in codes(answer)
    assert answer["period"]["status"] == "locked"
    for texts in ({"smoker": "1"}, {"dxa_date": "?"}, {"date_index_diagnosed": "1/2/2024"}):
        refused = editor.put(texts)
        assert (refused.status_code, refused.json["code"]) == (409, "period_locked")
    assert editor.save(gender="female")["version"] == 1
    open_one = Editor(editor.caller)
    open_one.start(**{**KEYS, "date_index_diagnosed": "1/6/2024"})
    assert open_one.put({"date_index_diagnosed": "1/6/2023"}).json["code"] == "period_locked"
    assert late.save(date_index_diagnosed="1/7/2024")["stored"]


def test_a_deleted_record_is_not_there(editor: Editor, imports: Imports) -> None:
    editor.start(**KEYS, dxa_date="?")
    imports.act("UPDATE fls_record SET state = 'deleted', deleted_reason = 'other'")
    assert editor.put({"smoker": "1"}).status_code == 404
    assert editor.post(**KEYS).status_code == 404
    for path in ("", "/history", "/versions/1"):
        assert editor.caller.get(f"/records/{editor.record_id}{path}").status_code == 404


def test_an_erased_record_can_be_read_and_not_changed(editor: Editor, imports: Imports) -> None:
    editor.start(**KEYS, postcode="EX50 1AA", dxa_date="?")
    editor.save(postcode="B2 2BB")
    editor.autosave(smoker="1")
    imports.act("DELETE FROM patient_key")
    answer = editor.open()
    assert answer["values"] == {
        "gender": "2",
        "date_index_diagnosed": "2024-01-10",
        "site_1": "3",
    }
    assert answer["texts"] == {} and codes(answer) == []
    for save in (editor.put({"smoker": "1"}), editor.put({"smoker": "1"}, autosave=True)):
        assert (save.status_code, save.json["code"]) == (409, "identifiers_erased")
    history = editor.caller.get(f"/records/{editor.record_id}/history").json
    assert history[0]["changes"] == [{"key": "postcode", "old": None, "new": None}]
    version = editor.caller.get(f"/records/{editor.record_id}/versions/1").json
    assert "postcode" not in version["values"] and version["texts"] == {}


# --- whose it is --------------------------------------------------------------------------------


def test_a_corrected_number_moves_the_record_to_its_patient(
    editor: Editor, imports, colleague
) -> None:
    first = editor.start(**KEYS, postcode="EX50 1AA", local_id="L1", dxa_date="?")
    patient = imports.one("SELECT patient_id FROM fls_record")
    draft = editor.beside(colleague)
    draft.autosave(smoker="1")
    answer = editor.save(nhs_number=OTHER_NUMBER, postcode="B2 2BB")
    assert answer["values"] == {
        **first["values"],
        "nhs_number": OTHER_NUMBER,
        "postcode": "B2 2BB",
    }
    assert answer["texts"] == {"dxa_date": "?"}
    assert imports.one("SELECT patient_id FROM fls_record") != patient
    assert imports.one("SELECT patient_id = (SELECT patient_id FROM fls_record) FROM draft")
    assert draft.open()["texts"] == {"dxa_date": "?", "smoker": "1"}
    editor.save(date_of_birth="2/3/1950")
    editor.save(nhs_number=KEYS["nhs_number"])
    assert imports.one("SELECT patient_id FROM fls_record") == patient
    path = f"/records/{editor.record_id}"
    versions = [editor.caller.get(f"{path}/versions/{n}").json["values"] for n in range(1, 5)]
    assert [v["nhs_number"] for v in versions] == [
        "9990000018",
        OTHER_NUMBER,
        OTHER_NUMBER,
        "9990000018",
    ]
    assert [v["postcode"] for v in versions] == ["EX50 1AA", "B2 2BB", "B2 2BB", "B2 2BB"]
    assert [v["date_of_birth"][-2:] for v in versions] == ["01", "01", "02", "02"]
    history = editor.caller.get(f"{path}/history").json
    assert history[2]["changes"] == [
        {"key": "nhs_number", "old": "9990000018", "new": OTHER_NUMBER},
        {"key": "postcode", "old": "EX50 1AA", "new": "B2 2BB"},
    ]


def test_a_record_leaves_a_patient_who_has_others(editor: Editor, writer, imports) -> None:
    editor.start(**KEYS)
    other = Editor(writer)
    other.start(**{**KEYS, "date_index_diagnosed": "1/9/2024"})
    other.save(nhs_number=OTHER_NUMBER)
    assert editor.open()["values"]["nhs_number"] == "9990000018"
    assert imports.one("SELECT count(DISTINCT patient_id) FROM fls_record") == 2


def test_a_named_record_does_not_go_to_another_stored_patient(editor: Editor, writer) -> None:
    Editor(writer).start(**{**KEYS, "nhs_number": OTHER_NUMBER})
    editor.start(**KEYS, local_id="L1")
    answer = editor.save(nhs_number=OTHER_NUMBER)
    assert answer["values"]["nhs_number"] == "9990000018"
    assert answer["texts"] == {"nhs_number": OTHER_NUMBER}
    assert answer["state"] == "invalid" and ("R07", "nhs_number") in codes(answer)
    answer = editor.save(local_id="", nhs_number=OTHER_NUMBER)
    assert (answer["values"]["nhs_number"], answer["texts"]) == (OTHER_NUMBER, {})


def test_a_traced_patient_may_be_one_who_is_stored(editor: Editor, writer, imports) -> None:
    Editor(writer).start(**{**KEYS, "date_index_diagnosed": "1/9/2023"})
    editor.start(**{**KEYS, "nhs_number": "UNTRACED"}, local_id="L1")
    answer = editor.save(nhs_number="9990000018")
    assert answer["values"]["nhs_number"] == "9990000018" and answer["texts"] == {}
    assert imports.one("SELECT count(DISTINCT patient_id) FROM fls_record") == 1


def test_without_a_number_the_local_identifier_is_a_key(editor: Editor) -> None:
    editor.start(**{**KEYS, "nhs_number": "UNTRACED"}, local_id="L1")
    answer = editor.save(local_id="")
    assert answer["values"]["local_id"] == "L1" and answer["texts"] == {"local_id": ""}
    assert ("R01", "local_id") in codes(answer)
    answer = editor.save(nhs_number="9990000018", local_id="")
    assert "local_id" not in answer["values"] and answer["texts"] == {}
    answer = editor.save(nhs_number="NOT_UK")
    assert answer["values"]["nhs_number"] == "9990000018"
    assert answer["texts"] == {"nhs_number": "NOT_UK"} and ("R01", "local_id") in codes(answer)
    answer = editor.save(local_id="L2", nhs_number="NOT_UK")
    assert (answer["values"]["nhs_number"], answer["values"]["local_id"]) == ("NOT_UK", "L2")


def test_a_local_identifier_names_one_record(editor: Editor, writer, stranger) -> None:
    Editor(writer).start(**{**KEYS, "nhs_number": OTHER_NUMBER}, local_id="L1")
    Editor(stranger).start(**KEYS, local_id="L2")
    answer = editor.start(**KEYS, local_id="L1")
    assert answer["stored"] and answer["texts"] == {"local_id": "L1"}
    assert answer["state"] == "invalid" and ("R07", "local_id") in codes(answer)
    answer = editor.save(local_id="L2")
    assert (answer["state"], answer["values"]["local_id"]) == ("valid", "L2") or answer[
        "state"
    ] == "to_confirm"
    untraced = Editor(writer)
    answer = untraced.start(**{**KEYS, "nhs_number": "UNTRACED"}, local_id="L1")
    assert answer["state"] == "unfinished" and ("R07", "local_id") in codes(answer)


def test_the_same_fracture_typed_twice_is_a_duplicate(editor: Editor, writer) -> None:
    first = Editor(writer)
    first.start(**KEYS, smoker="1")
    answer = editor.start(**KEYS, smoker="0")
    assert (answer["stored"], answer["state"]) == (True, "duplicate")
    assert ("V20", "nhs_number") in codes(answer)
    (pair,) = answer["pairs"]
    assert (pair["record_id"], pair["kind"], pair["decision"]) == (
        first.record_id,
        "same_day",
        None,
    )
    assert first.open()["state"] == "valid"
    answer = editor.save(date_index_diagnosed="10/1/2023")
    assert (answer["state"], answer["pairs"]) == ("valid", [])


def test_a_typed_record_and_an_imported_one_are_one_store(editor: Editor, imports) -> None:
    imports.store(make_row(0))
    editor.record_id = str(imports.one("SELECT record_id FROM fls_record"))
    opened = editor.open()
    assert opened["values"] == make_row(0)
    editor.save(smoker="0", postcode="B2 2BB")
    assert imports.store(make_row(0, smoker="U", dxa="0", dxa_not_ordered="1"))["changed"] == 1
    answer = editor.open()
    assert (answer["version"], answer["values"]["smoker"], answer["values"]["dxa"]) == (3, "0", "0")
    assert answer["values"]["postcode"] == "EX50 1AA"
    assert [item["door"] for item in answer["history"]] == ["import", "page", "import"]


# --- two people ---------------------------------------------------------------------------------


def test_two_people_on_different_fields_both_win(editor: Editor, colleague) -> None:
    editor.start(**KEYS, smoker="1", dxa="0", dxa_not_ordered="1")
    other = editor.beside(colleague)
    editor.save(smoker="0", dxa="0", dxa_not_ordered="1")
    answer = other.save(smoker="1", dxa="0", dxa_not_ordered="9")
    assert (answer["values"]["smoker"], answer["values"]["dxa_not_ordered"]) == ("0", "9")


def test_two_people_on_one_field_see_both_values(editor: Editor, colleague) -> None:
    editor.start(**KEYS, postcode="EX50 1AA", dxa="0", dxa_not_ordered="1")
    other = editor.beside(colleague)
    editor.save(postcode="B2 2BB", dxa_date="?")
    refused = other.put({"postcode": "C3 3CC", "dxa_date": "!", "smoker": "1"})
    assert (refused.status_code, refused.json["code"]) == (409, "version_moved")
    assert refused.json["version"] == 2
    assert refused.json["conflicts"] == {
        "postcode": {"yours": None, "theirs": None},
        "dxa_date": {"yours": "!", "theirs": "?"},
    }
    assert "smoker" not in editor.open()["values"]
    other.version = refused.json["version"]
    answer = other.save(postcode="C3 3CC", dxa_date="!", smoker="1")
    assert answer["values"]["postcode"] == "C3 3CC" and answer["texts"] == {"dxa_date": "!"}


def test_both_typing_the_same_is_no_conflict(editor: Editor, colleague) -> None:
    editor.start(**KEYS, height_cm="160")
    other = editor.beside(colleague)
    editor.save(height_cm="162,5", therapy_recommended="2;1")
    answer = other.save(height_cm=" 162.5", therapy_recommended="1;Risedronate")
    assert answer["version"] == 2


def test_a_mended_text_and_a_form_that_still_has_it_are_no_conflict(editor, colleague) -> None:
    editor.start(**KEYS, dxa_date="31/31/2024")
    other = editor.beside(colleague)
    editor.save(dxa_date="31/1/2024", dxa="1", t_score="-2.5")
    answer = other.save(dxa_date="31/31/2024", smoker="1")
    assert answer["values"]["dxa_date"] == "2024-01-31" and answer["texts"] == {}


def test_a_form_opened_before_it_was_a_record_still_merges(editor: Editor, colleague) -> None:
    editor.start(nhs_number="999 000 0018", smoker="1", dxa_date="?")
    other = editor.beside(colleague)
    editor.save(smoker="0")
    third = editor.beside(colleague)
    editor.save(**KEYS)
    editor.save(dxa="0", dxa_not_ordered="1")
    answer = other.save(nhs_number="999 000 0018", smoker="1", dxa_date="?", vision="1")
    assert (answer["values"]["smoker"], answer["values"]["vision"]) == ("0", "1")
    refused = third.put({"dxa": "1", "smoker": "1"})
    assert refused.status_code == 409 and list(refused.json["conflicts"]) == ["dxa"]


def test_two_people_at_an_unfinished_entry(editor: Editor, colleague) -> None:
    editor.start(smoker="1", dxa="0")
    other = editor.beside(colleague)
    editor.save(smoker="0")
    editor.save(smoker="U")
    answer = other.save(smoker="1", dxa="1")
    assert answer["texts"] == {"smoker": "U", "dxa": "1"}
    refused = editor.beside(colleague).put({"dxa": "2"})
    assert refused.json["conflicts"] == {"dxa": {"yours": "2", "theirs": "1"}}
    assert refused.json["version"] == 4


def test_an_import_in_between_is_another_editor(editor: Editor, imports: Imports) -> None:
    imports.store(make_row(0))
    editor.record_id = str(imports.one("SELECT record_id FROM fls_record"))
    editor.open()
    imports.store(make_row(0, smoker="0", postcode="B2 2BB"))
    refused = editor.put({"smoker": "U", "postcode": "EX50 1AA", "vision": "1"})
    assert refused.json["conflicts"] == {"smoker": {"yours": "U", "theirs": "0"}}


# --- autosave -----------------------------------------------------------------------------------


def test_autosave_keeps_texts_for_their_author_and_changes_nothing(editor, colleague) -> None:
    editor.start(**KEYS, smoker="1")
    other = editor.beside(colleague)
    answer = editor.autosave(smoker="0", dxa_date="1/", gender="2")
    assert (answer["version"], answer["values"]["smoker"], answer["state"]) == (1, "1", "valid")
    assert answer["texts"] == {"smoker": "0", "dxa_date": "1/"}
    assert other.open()["texts"] == {}
    assert editor.autosave(smoker="1")["texts"] == {"dxa_date": "1/"}
    answer = editor.save(dxa_date="1/2/2024", dxa="1", t_score="-1")
    assert answer["texts"] == {} and answer["values"]["dxa_date"] == "2024-02-01"
    assert editor.open()["texts"] == {}


def test_texts_that_waited_over_a_lost_session_meet_what_others_did(editor, colleague) -> None:
    editor.start(**KEYS, smoker="1", vision="1")
    other = editor.beside(colleague)
    editor.autosave(smoker="U", vision="0")
    other.save(smoker="0")
    answer = editor.open()
    assert answer["texts"] == {"smoker": "U", "vision": "0"}
    assert (answer["version"], answer["form_version"]) == (2, 1)
    refused = editor.put({"smoker": "U", "vision": "0"})
    assert refused.json["conflicts"] == {"smoker": {"yours": "U", "theirs": "0"}}
    editor.version = refused.json["version"]
    answer = editor.save(smoker="U", vision="0")
    assert (answer["values"]["smoker"], answer["values"]["vision"]) == ("U", "0")
    assert (answer["texts"], answer["form_version"]) == ({}, 3)


def test_a_form_that_saves_itself_is_not_in_its_own_way(editor, colleague) -> None:
    editor.start(nhs_number="9")
    other = editor.beside(colleague)
    for text in ("99", "999", "9990000018"):
        editor.autosave(nhs_number=text, smoker="1")
    refused = other.put({"nhs_number": "9990000026"}, autosave=True)
    assert refused.json["conflicts"] == {"nhs_number": {"yours": None, "theirs": None}}
    answer = editor.save(**KEYS, smoker="0")
    assert (answer["stored"], answer["values"]["smoker"]) == (True, "0")


# --- openings and rights ------------------------------------------------------------------------


def test_every_opening_is_logged_and_saving_in_a_row_is_one(editor, imports, colleague) -> None:
    editor.start(nhs_number="999")
    editor.open()
    assert imports.one("SELECT count(*) FROM read_log") == 1
    for text in ("9990", "99900", "999000"):
        editor.autosave(nhs_number=text)
    assert imports.one("SELECT count(*) FROM read_log") == 1
    other = editor.beside(colleague)
    other.put({"nhs_number": "1"})
    assert imports.one("SELECT count(*) FROM read_log") == 2
    reads = editor.caller.get(f"/records/{editor.record_id}/reads").json
    assert (reads["total"], [item["by"] for item in reads["items"]]) == (
        2,
        [str(colleague.account_id), str(editor.caller.account_id)],
    )


def test_what_cannot_be_logged_is_neither_saved_nor_shown(editor, superuser) -> None:
    editor.start(**KEYS)
    editor.caller.account_id = uuid4()
    superuser.execute("REVOKE INSERT ON read_log FROM records_service")
    try:
        answer = editor.put({"smoker": "1"})
    finally:
        superuser.execute("GRANT INSERT ON read_log TO records_service")
    assert answer.status_code >= 500 and "9990000018" not in answer.text
    assert editor.open()["version"] == 1


def test_nothing_typed_lies_open_in_the_database(editor: Editor, superuser) -> None:
    secret = "SECRET-IDENTIFIER"
    editor.start(nhs_number="9990000018", local_id=secret)
    editor.save(**KEYS, postcode=f"? {secret}")
    editor.save(local_id=f"{secret}-2", postcode=f"! {secret}", dxa_date=secret)
    editor.autosave(postcode=f"{secret} 3")
    for table in ("entry", "draft", "record_change", "record_identity", "patient", "read_log"):
        rows = superuser.execute(f"SELECT t::text FROM {table} t").fetchall()
        assert rows
        hexed = secret.encode().hex()
        assert not any(secret in row[0] or hexed in row[0] for row in rows), table
        assert not any("9990000018" in row[0] for row in rows), table


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/forms"),
        ("PUT", f"/forms/{uuid4()}"),
        ("DELETE", f"/forms/{uuid4()}"),
        ("POST", "/records/lookup"),
        ("POST", "/records"),
        ("PATCH", f"/records/{uuid4()}"),
        ("POST", f"/records/{uuid4()}/acknowledgements"),
        ("GET", f"/records/{uuid4()}/history"),
        ("GET", f"/records/{uuid4()}/versions/1"),
        ("GET", f"/records/{uuid4()}/reads"),
    ],
)
def test_every_view_wants_its_right_and_a_site(app, imports: Imports, method, path) -> None:
    everything = frozenset(
        {"records.read", "records.write", "records.acknowledge", "records.reads"}
    )
    needed = {"GET": "records.reads" if path.endswith("reads") else "records.read"}.get(method)
    needed = needed or (
        "records.acknowledge" if path.endswith("acknowledgements") else "records.write"
    )
    without = Caller(app, imports.site_id, everything - {needed})
    body = {
        "record_id": str(uuid4()),
        "texts": {},
        "version": 1,
        "values": {},
        "tokens": [],
        "nhs_number": "",
    }
    wanted = {
        "/forms": ("record_id", "texts"),
        "/records/lookup": ("nhs_number",),
        "/records": ("values",),
    }.get(path) or (("version", "tokens") if "ack" in path else ("version", "texts"))
    if method == "PATCH":
        wanted = ("version", "values")
    json = {key: body[key] for key in wanted} if method in ("POST", "PUT", "PATCH") else None
    assert without.send(method, path, json=json).status_code == 403
    nowhere = Caller(app, None, everything)
    assert nowhere.send(method, path, json=json).status_code == 403
    assert app.test_client().open(f"/api/records/v1{path}", method=method).status_code == 401
