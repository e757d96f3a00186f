"""Typing a record: every page of it, and that nothing typed is lost whatever refuses it."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import httpx
import pytest
from werkzeug.datastructures import MultiDict

from tests.fakes import forms as fakes
from tests.fakes.forms import OTHER_RECORD_ID
from tests.fakes.services import RECORD_ID, FakeServices, problem
from tests.unit.gateway.conftest import LEAD, Person
from tests.unit.gateway.sent import fields_sent
from tests.unit.gateway.test_pages import check

RECORD = f"/records/v1/records/{RECORD_ID}"
FORM = f"/records/v1/forms/{RECORD_ID}"
BEGIN = "/records/v1/forms"
LOOK_UP = "/records/v1/records/lookup"
ADDRESS = f"/records/{RECORD_ID}"
STEP = "?step=followup_16_due~3~57~abc"
PAGES = [
    "/records/new", ADDRESS, *(f"{ADDRESS}/sections/{number}" for number in range(1, 8)),
    f"{ADDRESS}/follow-up/16", f"{ADDRESS}/follow-up/52{STEP}",
]  # fmt: skip


@pytest.fixture
def clerk(person_with: Callable[..., Person]) -> Person:
    return person_with(*(LEAD - {"records.acknowledge"}))


@pytest.fixture
def reader(person_with: Callable[..., Person]) -> Person:
    return person_with("records.read")


def _with(**changes: Any) -> dict[str, Any]:
    """The stored record with something else in it."""
    return deepcopy(fakes.STORED) | changes


def _finding(code: str, field: str, message: str = "Wrong.", **more: Any) -> dict[str, Any]:
    return {
        "code": code, "level": "error", "field": field, "fields": [], "message": message,
        "token": None, "acknowledged": None, **more,
    }  # fmt: skip


def _sent_by(person: Person, path: str, **changes: Any) -> dict[str, Any]:
    """What a browser sends of a page: its fields as they stand, some of them changed."""
    sent = fields_sent(person.get(path).text, "typing")
    for name, value in changes.items():
        sent.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    return sent.to_dict(flat=False)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("record", [fakes.STORED, fakes.BEGUN], ids=["stored", "begun"])
def test_every_page_is_sound(
    lead: Person, services: FakeServices, path: str, record: dict[str, object]
) -> None:
    services.replies["GET", RECORD] = record
    answer = lead.get(path)
    assert answer.status_code == 200
    check(answer.text)


@pytest.mark.parametrize(
    "path", [f"{ADDRESS}/sections/0", f"{ADDRESS}/sections/8", f"{ADDRESS}/follow-up/17"]
)
def test_there_are_no_other_pages(lead: Person, path: str) -> None:
    assert lead.get(path).status_code == 404


# --- saving -----------------------------------------------------------------------------------


def test_a_section_sends_its_questions_as_texts(lead: Person, services: FakeServices) -> None:
    path = f"{ADDRESS}/sections/2"
    sent = _sent_by(lead, path, height_cm=" 17o ", smoker="U", therapy_at_fracture=["1", "3"])
    answer = lead.post(path, sent)
    assert answer.headers["Location"] == f"{ADDRESS}/sections/3?saved=2"
    assert services.body_of("PUT", FORM) == {
        "version": 2,
        "autosave": False,
        "texts": {
            "height_cm": "17o", "weight_kg": "", "previous_fracture": "",
            "parental_hip_fracture": "", "smoker": "U", "therapy_at_fracture": "1;3",
        },
    }  # fmt: skip
    assert "Saved: Risk factors." in lead.get(answer.headers["Location"]).text


@pytest.mark.parametrize(
    ("place", "then", "target"),
    [
        ("sections/1", "next", f"{ADDRESS}/sections/2?saved=1"),
        ("sections/5", "next", f"{ADDRESS}?saved=5"),
        ("sections/2", "overview", f"{ADDRESS}?saved=2"),
        ("sections/2", "section-7", f"{ADDRESS}/sections/7?saved=2"),
        ("sections/2", "section-9", f"{ADDRESS}?saved=2"),
        ("follow-up/16", "next", f"{ADDRESS}?saved=6"),
        ("follow-up/16", "list", f"{ADDRESS}?saved=6"),
    ],
)  # fmt: skip
def test_each_button_leads_to_its_place(lead: Person, place: str, then: str, target: str) -> None:
    path = f"{ADDRESS}/{place}"
    assert lead.post(path, _sent_by(lead, path, then=then)).headers["Location"] == target


def test_a_work_list_goes_on_with_its_next_record(lead: Person) -> None:
    path = f"{ADDRESS}/follow-up/16{STEP}"
    page = lead.get(path).text
    assert "3 of 57" in re.sub(r"<[^>]+>", "", page)
    assert "Save and go to the next record" in page
    answer = lead.post(path, _sent_by(lead, path, then="list"))
    assert (
        answer.headers["Location"] == "/worklists/followup_16_due/next?after=abc&number=4&total=57"
    )
    kept = lead.post(path, _sent_by(lead, path, then="overview")).headers["Location"]
    assert kept == f"{ADDRESS}?step=followup_16_due~3~57~abc&saved=6"


def test_the_quick_form_shows_what_one_needs_to_know(lead: Person) -> None:
    text = lead.get(f"{ADDRESS}/follow-up/16").text
    for words in ("999 000 0018", "3 February 2024", "Alendronate, Alfacalcidol or calcitriol",
                  "27 April 2024 to 25 May 2024", "It is overdue."):  # fmt: skip
        assert words in text
    assert 'name="shown" value="smoker"' not in text


def test_new_errors_are_shown_once_before_it_goes_on(lead: Person, services: FakeServices) -> None:
    path = f"{ADDRESS}/sections/2"
    wrong = _with(findings=[_finding("T02", "height_cm", "No number.")], texts={"height_cm": "17o"})
    sent = _sent_by(lead, path, height_cm="17o")
    services.replies["PUT", FORM] = wrong
    answer = lead.post(path, sent)
    assert answer.headers["Location"] == f"{path}?checked=1"

    services.replies["GET", RECORD] = wrong
    text = lead.get(answer.headers["Location"]).text
    assert re.search(r'<a href="#height_cm">\s*Height: No number\.', text)
    assert re.search(r'id="height_cm-error".*No number\.', text)
    assert 'value="17o"' in text and "Kept as typed until it is mended" in text
    assert "<title>Error: Risk factors" in text
    check(text)
    assert (
        lead.post(path, _sent_by(lead, path)).headers["Location"] == f"{ADDRESS}/sections/3?saved=2"
    )


def test_the_summary_of_errors_follows_the_form_and_leads_to_fields(
    lead: Person, services: FakeServices
) -> None:
    found = [_finding("V02", "date_of_birth", "Too young."), _finding("V01", "nhs_number", "Bad.")]
    services.replies["GET", RECORD] = _with(findings=found)
    text = lead.get(f"{ADDRESS}/sections/1").text
    links = re.findall(r'<a href="#([\w-]+)">\s*([^<]+?)\s*</a>', text)
    assert [link for link in links if link[0] != "maincontent"] == [
        ("nhs_number", "NHS number: Bad."), ("date_of_birth-day", "Date of birth: Too young."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/3/1950", "The day is missing."),
        ("1//", "The month and the year are missing."),
        ("31/2/1950", "No such day."),
        ("1", "No such day."),
    ],
)
def test_a_date_with_a_gap_says_which(
    lead: Person, services: FakeServices, text: str, words: str
) -> None:
    services.replies["GET", RECORD] = _with(
        findings=[_finding("T01", "date_of_birth", "No such day.")], texts={"date_of_birth": text}
    )
    page = lead.get(f"{ADDRESS}/sections/1").text
    assert f"Date of birth: {words}" in page
    assert "Born" not in page, "nothing is said of a day that nobody can read"


def test_what_is_only_begun_is_not_scolded_before_it_was_sent(
    lead: Person, services: FakeServices
) -> None:
    services.replies["GET", RECORD] = fakes.BEGUN
    path = f"{ADDRESS}/sections/1"
    assert "is missing" not in lead.get(path).text
    services.replies["PUT", FORM] = fakes.BEGUN
    answer = lead.post(path, _sent_by(lead, path))
    assert "Date of birth is missing" in lead.get(answer.headers["Location"]).text
    assert services.body_of("PUT", FORM)["version"] == 1


@pytest.mark.parametrize(
    ("reply", "status", "words"),
    [
        (problem(503), 503, "could not be saved just now"),
        (httpx.ConnectError("refused"), 503, "could not be saved just now"),
        (httpx.ReadTimeout("slow"), 503, "could not be saved just now"),
        (problem(500, "psycopg says secret"), 503, "could not be saved just now"),
        (problem(429, "Wait a minute."), 503, "Wait a minute."),
        (problem(409, "Fractures of 2024 are locked.", code="period_locked"), 409, "are locked"),
        (problem(404), 404, "somebody has deleted it meanwhile"),
        (problem(422, errors={"height_cm": ["Too long."]}), 422, "Too long."),
        (problem(422, "This cannot be saved."), 422, "This cannot be saved."),
    ],
)
def test_what_is_refused_comes_back_as_it_was_typed(
    lead: Person, services: FakeServices, reply: Any, status: int, words: str
) -> None:
    path = f"{ADDRESS}/sections/2"
    sent = _sent_by(lead, path, height_cm="17o", smoker="1", therapy_at_fracture=["3", "U"])
    services.replies["PUT", FORM] = reply
    if status == 503:
        services.replies["GET", RECORD] = reply
    answer = lead.post(path, sent)
    assert answer.status_code == status
    assert words in answer.text and "secret" not in answer.text
    again = fields_sent(answer.text, "typing")
    typed = MultiDict(sent)
    for name in ("height_cm", "smoker", "therapy_at_fracture", "shown", "version"):
        assert again.getlist(name) == typed.getlist(name), name
    assert " data-unsaved" in answer.text, "it is kept as soon as it can be"
    check(answer.text)


def test_a_refusal_leads_to_the_field_it_speaks_of(lead: Person, services: FakeServices) -> None:
    services.replies["PUT", FORM] = problem(409, "Has opted out.", code="opted_out")
    for section, href in ((1, 'href="#nhs_number"'), (2, "")):
        path = f"{ADDRESS}/sections/{section}"
        answer = lead.post(path, _sent_by(lead, path))
        assert answer.status_code == 409 and "Has opted out." in answer.text
        assert href in answer.text
        check(answer.text)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_the_services_twice_at_most(
    lead: Person, services: FakeServices, path: str
) -> None:
    lead.get(path)
    assert len(services.calls) <= 2
    assert [call[0] for call in services.calls] == ["GET"] * len(services.calls)


def test_an_answer_that_is_not_offered_is_kept_and_shown(
    lead: Person, services: FakeServices
) -> None:
    stored = _with()
    stored["values"]["site_1"] = "7"
    services.replies["GET", RECORD] = stored | {"texts": {"gender": "X"}}
    path = f"{ADDRESS}/sections/1"
    text = lead.get(path).text
    assert "“Non hip/non spine” (not offered for fractures of this date)" in text
    assert "“X” (not an answer of the list)" in text
    sent = _sent_by(lead, path)
    assert sent["site_1"] == ["7"] and sent["gender"] == ["X"]


def test_the_answers_are_those_of_the_time_of_the_fracture(
    lead: Person, services: FakeServices
) -> None:
    path = f"{ADDRESS}/sections/1"
    assert "Non hip/non spine" not in lead.get(path).text
    stored = _with()
    stored["values"]["date_index_diagnosed"] = "2023-12-31"
    services.replies["GET", RECORD] = stored
    assert "Non hip/non spine" in lead.get(path).text


# --- conditions, warnings ---------------------------------------------------------------------


def test_conditional_questions_have_their_condition_in_words_and_as_data(
    lead: Person, services: FakeServices
) -> None:
    def group(text: str) -> str:
        found = re.search(r'<div class="(fa-when[^"]*)"[^>]*data-asked-if="([^"]+)"', text)
        assert (
            found
            and found[2] == "{&#34;key&#34;:&#34;falls_assessed&#34;,&#34;codes&#34;:[&#34;1&#34;]}"
        )
        return found[1]

    path = f"{ADDRESS}/sections/5"
    text = lead.get(path).text
    assert "Only asked if 5.01 is Yes." in text
    assert group(text) == "fa-when fa-when--hidden"
    stored = _with()
    stored["values"] |= {"vision": "1"}
    services.replies["GET", RECORD] = stored
    assert group(lead.get(path).text) == "fa-when", "an answer is never hidden"
    stored["values"] |= {"falls_assessed": "1"}
    assert group(lead.get(path).text) == "fa-when fa-when--holds"


def test_a_warning_is_acknowledged_beside_its_question_and_the_page_is_saved_first(
    lead: Person, services: FakeServices
) -> None:
    path = f"{ADDRESS}/sections/4"
    text = lead.get(path).text
    assert "Two drugs are recommended." in text and "This is right: acknowledge" in text
    answer = lead.post(path, _sent_by(lead, path, acknowledge="V13:therapy_recommended"))
    assert answer.headers["Location"] == f"{path}#therapy_recommended"
    assert [call[:2] for call in services.calls[-2:]] == [
        ("PUT", FORM), ("POST", f"{RECORD}/acknowledgements"),
    ]  # fmt: skip
    assert services.body_of("POST", f"{RECORD}/acknowledgements") == {
        "version": 3, "tokens": ["V13:therapy_recommended"]
    }  # fmt: skip


def test_a_warning_that_lapsed_with_the_save_is_no_error(
    lead: Person, services: FakeServices
) -> None:
    services.replies["POST", f"{RECORD}/acknowledgements"] = problem(
        422, errors={"tokens": ["No."]}
    )
    path = f"{ADDRESS}/sections/4"
    answer = lead.post(path, _sent_by(lead, path, acknowledge="V13:therapy_recommended"))
    assert answer.status_code == 303


def test_who_may_not_acknowledge_is_told_who_may(clerk: Person) -> None:
    text = clerk.get(f"{ADDRESS}/sections/4").text
    assert "This is right" not in text
    assert "a clinician or the lead of your site can acknowledge it" in text


def test_an_acknowledged_warning_names_who_and_when(lead: Person, services: FakeServices) -> None:
    assert "Acknowledged by Kim Clerk on 3 February 2026." in lead.get(f"{ADDRESS}/sections/2").text
    services.replies["GET", "/registration/v1/people"] = problem(503)
    text = lead.get(f"{ADDRESS}/sections/2").text
    assert "Acknowledged by Somebody who is not at your site on 3 February 2026." in text


# --- two people at once -----------------------------------------------------------------------


def test_identifiers_that_two_people_changed_come_from_form_and_record(
    lead: Person, services: FakeServices
) -> None:
    path = f"{ADDRESS}/sections/1"
    sent = _sent_by(lead, path, postcode="AB1 2CD", then="overview")
    services.replies["PUT", FORM] = problem(
        409, "Changed.", code="version_moved", version=5,
        conflicts={"postcode": {"yours": None, "theirs": None}},
    )  # fmt: skip
    text = lead.post(path, sent).text
    stored = fakes.STORED["values"]["postcode"]
    assert "Yours: AB1 2CD" in text and f"Theirs: {stored}" in text
    check(text)


def test_two_people_at_once_choose_field_by_field(lead: Person, services: FakeServices) -> None:
    path = f"{ADDRESS}/sections/2"
    sent = _sent_by(lead, path, height_cm="170", smoker="1", weight_kg="8o", then="overview")
    services.replies["PUT", FORM] = problem(
        409, "Somebody else has changed it.", code="version_moved", version=5,
        conflicts={"height_cm": {"yours": "170", "theirs": "172.5"},
                   "smoker": {"yours": "1", "theirs": ""}},
    )  # fmt: skip
    answer = lead.post(path, sent)
    assert answer.status_code == 409
    kept = [body for method, _, body in services.calls if method == "PUT"][-1]
    assert kept["autosave"] and kept["texts"]["weight_kg"] == "8o", "whatever they do next"
    for words in ("Yours: 170.0 cm", "Theirs: 172.5 cm", "By Kim Clerk, 3 February 2026, 2:05pm",
                  "Yours: Yes", "Theirs: blank"):  # fmt: skip
        assert words in answer.text, words
    check(answer.text)

    chosen = fields_sent(answer.text, "choosing")
    again = lead.post(path, chosen.to_dict(flat=False))
    assert again.status_code == 422
    assert 'href="#choice-height_cm"' in again.text and "Theirs: 172.5 cm" in again.text
    check(again.text)

    services.replies["PUT", FORM] = fakes.STORED
    chosen = fields_sent(again.text, "choosing")
    chosen["choice-height_cm"], chosen["choice-smoker"] = "theirs", "yours"
    chosen["then"] = "overview"
    answer = lead.post(path, chosen.to_dict(flat=False))
    assert answer.headers["Location"] == f"{ADDRESS}?saved=2"
    first, second = (body for method, _, body in services.calls[-2:] if method == "PUT")
    decided = {"smoker": "1", "height_cm": "172.5"}
    assert first == {"version": 5, "texts": decided, "autosave": False}
    assert second["version"] == 2, "what only the others changed since then stays"
    assert not decided.keys() & second["texts"].keys()
    assert second["texts"]["weight_kg"] == "8o"


def test_a_third_person_changing_it_meanwhile_is_asked_about_too(
    lead: Person, services: FakeServices
) -> None:
    def moved(version: int, **conflicts: Any) -> httpx.Response:
        return problem(
            409, "Changed.", code="version_moved", version=version,
            conflicts={key: {"yours": "1", "theirs": "0"} for key in conflicts},
        )  # fmt: skip

    path = f"{ADDRESS}/sections/2"
    services.replies["PUT", FORM] = moved(5, smoker=1, previous_fracture=1)
    chosen = fields_sent(lead.post(path, _sent_by(lead, path, smoker="1")).text, "choosing")
    chosen["choice-smoker"], chosen["choice-previous_fracture"] = "yours", "theirs"
    services.replies["PUT", FORM] = moved(6, smoker=1)
    again = lead.post(path, chosen.to_dict(flat=False))
    assert again.status_code == 409
    chosen = fields_sent(again.text, "choosing")
    assert chosen["seen_version"] == "6"
    assert chosen.getlist("conflict") == ["previous_fracture", "smoker"]
    assert chosen["choice-previous_fracture"] == "theirs", "what was chosen before"
    assert "choice-smoker" not in chosen, "somebody has changed it again"
    check(again.text)


# --- beginning --------------------------------------------------------------------------------


def _begin(person: Person, **changes: str) -> dict[str, Any]:
    sent = fields_sent(person.get("/records/new").text)
    for name, value in changes.items():
        sent[name.replace("__", "-")] = value
    return sent.to_dict(flat=False)


GOOD = {
    "nhs_number": "999 000 0018", "opt_out_checked_on__day": "5",
    "opt_out_checked_on__month": "2", "opt_out_checked_on__year": "2024",
}  # fmt: skip


def test_a_record_begins_with_its_number(lead: Person, services: FakeServices) -> None:
    sent = _begin(lead, **GOOD, local_id="H-1")
    answer = lead.post("/records/new", sent)
    record_id = sent["record_id"][0]
    assert answer.headers["Location"] == f"/records/{record_id}/sections/1"
    assert services.body_of("POST", BEGIN) == {
        "record_id": record_id,
        "texts": {"nhs_number": "999 000 0018", "local_id": "H-1"},
        "opt_out_checked_on": "2024-02-05",
    }
    assert lead.post("/records/new", sent).headers["Location"] == answer.headers["Location"], (
        "twice"
    )


def test_each_new_form_has_an_id_of_its_own(lead: Person) -> None:
    assert _begin(lead)["record_id"] != _begin(lead)["record_id"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({}, "nhs_number", "Enter the NHS number"),
        ({"nhs_number__none": "NOT_UK"}, "local_id", "needs a local identifier"),
        ({**GOOD, "nhs_number__none": "NOT_UK"}, "nhs_number-none", "Keep one of the two"),
        ({**GOOD, "opt_out_checked_on__day": "31"}, "opt_out_checked_on-day", "no such day"),
    ],
)
def test_what_is_missing_is_named_and_the_rest_comes_back(
    lead: Person, services: FakeServices, typed: dict[str, str], field: str, words: str
) -> None:
    sent = _begin(lead, **typed)
    answer = lead.post("/records/new", sent)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text and words in answer.text
    again = fields_sent(answer.text).to_dict(flat=False)
    assert {name: again[name] for name in sent if name != "author"} == {
        name: value for name, value in sent.items() if name != "author"
    }
    assert not [call for call in services.calls if call[1] == BEGIN]
    check(answer.text)


def test_no_number_is_possible_with_a_reason_and_a_local_identifier(
    lead: Person, services: FakeServices
) -> None:
    lead.post("/records/new", _begin(lead, nhs_number__none="UNTRACED", local_id="H-1"))
    assert services.body_of("POST", BEGIN)["texts"] == {"nhs_number": "UNTRACED", "local_id": "H-1"}


def test_who_is_recorded_already_is_shown_before_anything_is_begun(
    lead: Person, services: FakeServices
) -> None:
    services.replies["POST", LOOK_UP] = fakes.LOOKED_UP | {
        "records": [{"record_id": RECORD_ID, "diagnosed_on": "2024-02-03", "site_1": "3",
                     "state": "valid"}],
        "entries": [{"record_id": OTHER_RECORD_ID, "updated_at": "2026-02-03T14:05:00Z"}],
    }  # fmt: skip
    answer = lead.post("/records/new", _begin(lead, **GOOD))
    assert answer.status_code == 422
    assert f'href="/records/{RECORD_ID}"' in answer.text
    assert "Fracture diagnosed 3 February 2024, Wrist" in answer.text
    assert f'href="/records/{OTHER_RECORD_ID}"' in answer.text
    assert not [call for call in services.calls if call[1] == BEGIN]
    check(answer.text)
    sent = fields_sent(answer.text)
    assert lead.post("/records/new", sent.to_dict(flat=False)).status_code == 303, (
        "seen, so it goes on"
    )


def test_what_a_double_click_has_begun_is_no_other_record(
    lead: Person, services: FakeServices
) -> None:
    form = _begin(lead, **GOOD)
    services.replies["POST", LOOK_UP] = fakes.LOOKED_UP | {
        "entries": [{"record_id": form["record_id"][0], "updated_at": "2026-02-03T14:05:00Z"}]
    }
    answer = lead.post("/records/new", form)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"/records/{form['record_id'][0]}/")


def test_a_wrong_number_can_be_kept_and_mended_later(lead: Person, services: FakeServices) -> None:
    services.replies["POST", LOOK_UP] = fakes.LOOKED_UP | {
        "nhs_number": None, "findings": [_finding("V01", "nhs_number", "The check digit is wrong.")]
    }  # fmt: skip
    answer = lead.post("/records/new", _begin(lead, **GOOD))
    assert answer.status_code == 422 and "The check digit is wrong." in answer.text
    assert "Keep the number as typed and continue" in answer.text
    sent = fields_sent(answer.text).to_dict(flat=False) | {"keep": ["yes"]}
    assert lead.post("/records/new", sent).status_code == 303
    assert services.body_of("POST", BEGIN)["texts"]["nhs_number"] == "999 000 0018"


def test_nothing_is_kept_of_somebody_who_has_opted_out(
    lead: Person, services: FakeServices
) -> None:
    services.replies["POST", LOOK_UP] = fakes.LOOKED_UP | {
        "findings": [_finding("V24", "nhs_number", "This patient has opted out.")]
    }
    for more in ({}, {"keep": ["yes"]}):
        answer = lead.post("/records/new", _begin(lead, **GOOD) | more)
        assert answer.status_code == 422 and "This patient has opted out." in answer.text
        assert "Keep the number" not in answer.text
    assert not [call for call in services.calls if call[1] == BEGIN]


def test_the_attestation_is_asked_where_it_is_needed(lead: Person, services: FakeServices) -> None:
    assert "National data opt-out checked on\n" in lead.get("/records/new").text.replace("<", "\n<")
    me = deepcopy(services.replies["GET", "/registration/v1/me"])
    me["site"]["nation"] = "wales"
    services.replies["GET", "/registration/v1/me"] = me
    assert "National data opt-out checked on (optional)" in lead.get("/records/new").text
    services.replies["POST", BEGIN] = problem(422, errors={"opt_out_checked_on": ["Say the day."]})
    answer = lead.post("/records/new", _begin(lead, nhs_number="9990000018"))
    assert 'href="#opt_out_checked_on-day"' in answer.text and "Say the day." in answer.text


def test_the_day_of_the_check_can_be_taken_along(lead: Person) -> None:
    text = lead.get("/records/new?checked_on=2024-02-05").text
    sent = fields_sent(text)
    assert [sent[f"opt_out_checked_on-{part}"] for part in ("day", "month", "year")] == [
        "5",
        "2",
        "2024",
    ]
    assert lead.get("/records/new?checked_on=x").status_code == 200


def test_sent_again_with_another_number_it_corrects_what_was_begun(
    lead: Person, services: FakeServices
) -> None:
    sent = _begin(lead, **GOOD)
    record_id = sent["record_id"][0]
    services.replies["POST", BEGIN] = problem(
        409, "Changed.", code="version_moved", version=4, conflicts={}
    )
    services.replies["PUT", f"/records/v1/forms/{record_id}"] = fakes.BEGUN
    assert lead.post("/records/new", sent).status_code == 303
    assert services.body_of("PUT", f"/records/v1/forms/{record_id}")["version"] == 4


@pytest.mark.parametrize(
    ("key", "reply", "words"),
    [
        (LOOK_UP, problem(503), "could not be saved just now"),
        (BEGIN, problem(503), "could not be saved just now"),
        (BEGIN, problem(409, "This patient has opted out.", code="opted_out"), "has opted out"),
    ],
)
def test_a_record_that_cannot_begin_keeps_what_was_typed(
    lead: Person, services: FakeServices, key: str, reply: Any, words: str
) -> None:
    sent = _begin(lead, **GOOD)
    services.replies["POST", key] = reply
    answer = lead.post("/records/new", sent)
    assert words in answer.text
    assert fields_sent(answer.text)["nhs_number"] == "999 000 0018"
    check(answer.text)


def test_the_script_is_told_what_is_known_about_a_number(
    lead: Person, services: FakeServices
) -> None:
    answer = lead.post("/records/check", {"nhs_number": "9990000018"})
    assert answer.json is not None
    assert answer.json["spoken"] == "The check digit fits. Not recorded here yet."
    services.replies["POST", LOOK_UP] = fakes.LOOKED_UP | {
        "records": [{"record_id": RECORD_ID, "diagnosed_on": "2024-02-03", "site_1": "3",
                     "state": "valid"}],
    }  # fmt: skip
    answer = lead.post("/records/check", {"nhs_number": "9990000018"})
    assert answer.json is not None
    assert answer.json["spoken"] == "Already recorded here: 1 record, listed below."
    assert f'href="/records/{RECORD_ID}"' in answer.json["html"]
    assert f'name="seen" value="{RECORD_ID}"' in answer.json["html"]


# --- keeping while one types ------------------------------------------------------------------


def test_what_is_typed_is_kept_without_being_saved(lead: Person, services: FakeServices) -> None:
    services.replies["PUT", FORM] = fakes.STORED | {"form_version": 2}
    sent = _sent_by(lead, f"{ADDRESS}/sections/2", height_cm="17")
    answer = lead.post(f"{ADDRESS}/autosave", sent)
    assert answer.json == {"version": 2}
    body = services.body_of("PUT", FORM)
    assert body["autosave"] is True and body["texts"]["height_cm"] == "17"
    assert set(body["texts"]) == set(sent["shown"])


def test_what_waits_to_be_saved_is_shown_with_what_is_stored(
    lead: Person, services: FakeServices
) -> None:
    services.replies["GET", RECORD] = _with(texts={"height_cm": "160"})
    text = lead.get(f"{ADDRESS}/sections/2").text
    assert 'value="160"' in text
    assert "Typed and not saved yet. What is stored: 172.5 cm." in text
    overview = lead.get(ADDRESS).text
    assert "Typed and not saved yet" in overview and f"{ADDRESS}/sections/2#height_cm" in overview
    lead.post(f"{ADDRESS}/typed")
    assert services.body_of("PUT", FORM)["texts"] == {"height_cm": "172.5"}


def test_what_is_only_begun_can_be_thrown_away(lead: Person, services: FakeServices) -> None:
    services.replies["GET", RECORD] = fakes.BEGUN
    assert "Throw it away" in lead.get(ADDRESS).text
    assert lead.post(f"{ADDRESS}/typed").headers["Location"] == "/records"
    assert ("DELETE", FORM, None) in services.calls


# --- the record as a whole --------------------------------------------------------------------


def test_the_overview_says_how_far_it_is_and_where_to_go_on(lead: Person) -> None:
    text = lead.get(ADDRESS).text
    for words in (
        "<strong>9 of 20</strong> needed answers given",
        '<progress class="fa-progress" id="record-progress" max="20" value="9">',
        f'href="{ADDRESS}/sections/1#care_home">Lived in a care home?',
        f'href="{ADDRESS}/follow-up/16">Quick form',
        f'href="{ADDRESS}/sections/4#therapy_recommended">Bone therapy recommended (4.01)',
        "Acknowledged by Kim Clerk on 3 February 2026",
        "Last changed 3 February 2026, 2:05pm by Kim Clerk.",
        f'href="{ADDRESS}/history"',
        'href="/records/new?checked_on=2024-02-05"',
    ):
        assert words in text, words
    assert re.search(r'data-field="nhs_number">999 000 0018<', text)


def test_a_warning_is_acknowledged_on_the_overview(lead: Person, services: FakeServices) -> None:
    form = {"version": "2", "token": "V13:therapy_recommended"}
    answer = lead.post(f"{ADDRESS}/acknowledgements", form)
    assert answer.headers["Location"] == f"{ADDRESS}#findings"
    assert services.body_of("POST", f"{RECORD}/acknowledgements") == {
        "version": 2, "tokens": ["V13:therapy_recommended"]
    }  # fmt: skip


LOCKED = {"year": 2024, "status": "locked", "entry_deadline": "2025-03-31",
          "locks_on": "2025-05-01", "unlocked_until": None}  # fmt: skip


def _actions(text: str) -> list[str]:
    """The forms and links on a record's page that change something."""
    main = text[text.index("<main") :]
    found = re.findall(r'(?:href|action)="([^"]+)"', main)
    return [
        link for link in found if re.search("sections|follow-up|new|typed|acknowl|delete", link)
    ]


def test_who_only_reads_sees_values_and_no_buttons(reader: Person) -> None:
    text = reader.get(ADDRESS).text
    assert "999 000 0018" in text and "<button" not in text[text.index("<main") :]
    assert _actions(text) == []
    assert reader.get(f"{ADDRESS}/sections/1").status_code == 403
    check(text)


def test_a_locked_record_shows_values_and_how_to_ask(lead: Person, services: FakeServices) -> None:
    services.replies["GET", RECORD] = _with(period=LOCKED)
    text = lead.get(ADDRESS).text
    assert "Locked" in text and f'href="{ADDRESS}/unlock"' in text
    assert "<button" not in text[text.index("<main") :]
    # A patient who opts out is withdrawn whatever the year.
    assert _actions(text) == [f"{ADDRESS}/delete"]
    assert lead.get(f"{ADDRESS}/sections/1").headers["Location"] == ADDRESS
    check(text)


def test_a_record_that_was_unlocked_can_be_typed(lead: Person, services: FakeServices) -> None:
    period = LOCKED | {"status": "grace", "unlocked_until": "2026-03-01"}
    services.replies["GET", RECORD] = _with(period=period)
    text = lead.get(f"{ADDRESS}/sections/1").text
    assert "unlocked for you until 1 March 2026" in text


def test_duplicates_are_linked_and_other_sites_only_mentioned(
    lead: Person, services: FakeServices
) -> None:
    pair = {
        "pair_id": fakes.PAIR_ID,
        "record_id": OTHER_RECORD_ID,
        "kind": "near",
        "decision": None,
    }
    services.replies["GET", RECORD] = _with(pairs=[pair], recorded_elsewhere=True)
    text = lead.get(ADDRESS).text
    assert f'href="/duplicates/{fakes.PAIR_ID}"' in text
    assert "also recorded at another site" in text
    check(text)


def test_no_identifier_stands_in_a_title_or_an_address(lead: Person) -> None:
    for path in PAGES:
        text = lead.get(path).text
        title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
        assert title and "999" not in title[1] and "H-0001" not in title[1]
        for address in re.findall(r'(?:href|action|src)="([^"]+)"', text):
            assert "9990000018" not in address and "H-0001" not in address
