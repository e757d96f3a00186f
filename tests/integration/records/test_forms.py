"""Typing records: nothing typed is lost, whatever it is and in whatever order it comes."""

from __future__ import annotations

import pytest

from tests.factories.records import Imports
from tests.integration.records.conftest import Caller
from tests.integration.records.editing import CHECKED_ON, KEYS, WRITER, Editor, codes


@pytest.fixture
def writer(app, imports: Imports) -> Caller:
    return Caller(app, imports.site_id, WRITER)


@pytest.fixture
def colleague(app, imports: Imports) -> Caller:
    return Caller(app, imports.site_id, WRITER)


@pytest.fixture
def stranger(app, other_site: Imports) -> Caller:
    return Caller(app, other_site.site_id, WRITER)


@pytest.fixture
def editor(writer: Caller) -> Editor:
    return Editor(writer)


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
    assert imports.one("SELECT count(*) FROM entry WHERE wrapped_key IS NOT NULL") == 0


def test_key_fields_alone_make_a_draft(editor: Editor) -> None:
    assert editor.start(**KEYS)["state"] == "draft"
    assert editor.save(smoker="1")["state"] == "valid"


def test_sending_the_first_texts_twice_makes_one_record(editor: Editor, imports: Imports) -> None:
    first = editor.post(**KEYS)
    second = editor.post(**KEYS)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json["version"] == second.json["version"] == 1
    assert imports.one("SELECT count(*) FROM fls_record") == 1


def test_another_site_sees_nothing_and_cannot_take_the_id(editor: Editor, stranger) -> None:
    editor.start(**KEYS)
    assert stranger.get(f"/records/{editor.record_id}").status_code == 404
    theirs = Editor(stranger, editor.record_id, 1)
    assert theirs.put({"smoker": "0"}).status_code == 404
    answer = theirs.post(**KEYS)
    assert answer.status_code == 409 and answer.json["code"] == "record_id_taken"
    assert editor.open()["values"]["gender"] == "2"
