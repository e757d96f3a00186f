"""A site's pages of the facilities audit."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from werkzeug.datastructures import MultiDict

from gateway.pages.facilities.forms import answers_from, seen_in, shown_text, values_from
from tests.fakes import facilities as fakes
from tests.fakes.facilities import ANSWERS, QUESTIONNAIRE, ROUND_ID
from tests.fakes.services import ACCOUNT_ID, FakeServices, page, problem
from tests.unit.gateway.conftest import Person
from tests.unit.gateway.test_pages import check

PAGE = f"/facilities/{ROUND_ID}"
API = f"/facilities/v1/rounds/{ROUND_ID}"


def section(name: str) -> str:
    return f"{PAGE}/sections/{name}"


def checked(text: str, name: str, value: str) -> bool:
    return bool(re.search(rf'name="{name}"[^>]* value="{value}" checked', text))


def test_a_site_with_one_round_goes_straight_to_it(lead: Person, services: FakeServices) -> None:
    assert lead.get("/facilities").headers["Location"] == PAGE
    extra = fakes.OWN_ROUND | {"round_id": str(fakes.EXTRA_ROUND_ID), "title": "Spine 2026"}
    services.replies["GET", "/facilities/v1/rounds/own"] = page(extra, fakes.OWN_ROUND)
    text = lead.get("/facilities").text
    assert "Spine 2026" in text and f'href="{PAGE}"' in text
    check(text)


def test_between_rounds_the_page_says_so(lead: Person, services: FakeServices) -> None:
    services.replies["GET", "/facilities/v1/rounds/own"] = page()
    assert "asked in no round" in lead.get("/facilities").text


def test_the_overview_says_how_far_each_section_is(lead: Person) -> None:
    text = " ".join(lead.get(PAGE).text.split())
    assert "3 of 11 answered, 1 filled in and to be confirmed" in text
    assert "1 to mend or explain" in text and "The last day is 31 December 2026" in text
    assert "Not asked, by your answer to A3: K Without a fracture liaison service" in text


def test_a_site_without_a_service_sees_why_its_path_is_short(
    lead: Person, services: FakeServices
) -> None:
    services.replies["GET", f"{API}/answers"] = fakes.SHORT_PATH
    text = lead.get(PAGE).text
    assert "registered without a fracture liaison service" in text
    assert section("K") in text and section("D") not in text
    assert "left out, by your answer to A3" in lead.get(section("D")).text
    check(text)


def test_answers_come_back_as_they_were_given(lead: Person) -> None:
    text = lead.get(section("A")).text
    assert re.search(r'name="A6-month"[^>]* value="4"', text)
    assert re.search(r'name="A6-year"[^>]* value="2019"', text)
    assert "Only if you answered “Yes” to A3." in text
    assert "Select the present contract." not in text, "a draft is not scolded for what is missing"
    assert "3,000 is unusual" in text
    grid = lead.get(section("B")).text
    assert re.search(r'id="B2.nurse.6"[^>]* value="0.6"', grid)
    assert "B3 Nurses, whole-time equivalents: <strong>0.6</strong>" in grid


def test_what_is_proposed_is_filled_in_with_where_it_is_from(lead: Person) -> None:
    text = lead.get(section("A")).text
    assert re.search(r'name="A1"[^>]* value="R1A"', text)
    assert '<input type="hidden" name="was.A1" value="R1A">' in text
    assert "Filled in from your registration" in text
    assert checked(text, "A4", "1") and "Filled in from Facilities audit 2019" in text
    assert "Facilities audit 2019: Community service." in text
    assert "Facilities audit 2019: 210,000 people." in text


def test_a_question_that_changed_says_how(lead: Person) -> None:
    text = lead.get(section("D")).text
    assert "New options: A tool with artificial intelligence." in text
    assert "New since Facilities audit 2019." in text


def test_questions_of_other_sections_answers_are_left_out_and_those_of_this_one_offered(
    lead: Person, services: FakeServices
) -> None:
    text = lead.get(section("C")).text
    assert 'name="C3"' in text and "Only if you answered “The site of the fracture” to C2." in text
    asked = [each for each in ANSWERS["asked"] if each[0] == "A"]
    without = ANSWERS | {"answers": {"A3": "3"}, "asked": asked}
    services.replies["GET", f"{API}/answers"] = without
    assert 'name="C1"' not in lead.get(section("C")).text
    assert 'name="K1"' in lead.get(section("K")).text


def form_of(**more: Any) -> dict[str, Any]:
    return {"version": "3", "seen": "", "then": "save", **more}


def sent(services: FakeServices) -> dict[str, Any]:
    body: dict[str, Any] = services.body_of("PUT", f"{API}/answers")
    return body


def test_a_section_is_saved_as_a_draft(lead: Person, services: FakeServices) -> None:
    form = form_of(
        **{
            "shown": ["A1", "A3", "A5", "A6", "A8"],
            "A1": " R1A ",
            "A3": "3",
            "A5": "",
            "A6-month": "4",
            "A6-year": "2019",
            "A8": "350,000",
            "A9_email": "not shown, so not sent",
            "D1": "of another section",
        }
    )
    answer = lead.post(section("A"), form)
    assert answer.headers["Location"] == f"{section('A')}?notice=saved"
    assert sent(services) == {
        "version": 3,
        "seen": {},
        "answers": {"A1": "R1A", "A3": "3", "A5": None, "A6": "4 2019", "A8": "350,000"},
    }
    assert not [c for c in services.calls if c[1].endswith("/confirmation")]


def test_a_grid_is_saved_cell_by_cell(lead: Person, services: FakeServices) -> None:
    form = form_of(**{"shown": ["B2"], "B2.nurse.6": "0.6", "B2.gp.other": "1", "B2.gp.9": "2"})
    lead.post(section("B"), form)
    answers = sent(services)["answers"]
    assert answers["B2.nurse.6"] == "0.6" and answers["B2.gp.other"] == "1"
    assert answers["B2.nurse.2"] is None and "B2.gp.9" not in answers


def test_a_proposal_that_is_left_alone_stays_one(lead: Person, services: FakeServices) -> None:
    left = {"shown": ["A1", "A4"], "A1": "R1A", "was.A1": "R1A", "A4": "1", "was.A4": "1"}
    lead.post(section("A"), form_of(**left))
    assert sent(services)["answers"] == {}


@pytest.mark.parametrize(
    ("more", "answers"),
    [
        ({"still_right": "A4"}, {"A4": "1"}),
        ({"A4": "2"}, {"A4": "2"}),
        ({"A4": ""}, {"A4": None}),
        ({"then": "confirm"}, {"A1": "R1A", "A4": "1"}),
    ],
)
def test_a_proposal_is_confirmed_by_a_tick_a_change_or_with_its_section(
    lead: Person, services: FakeServices, more: dict[str, str], answers: dict[str, Any]
) -> None:
    left = {"shown": ["A1", "A4"], "A1": "R1A", "was.A1": "R1A", "A4": "1", "was.A4": "1"}
    lead.post(section("A"), form_of(**{**left, **more}))
    assert sent(services)["answers"] == answers


def test_every_proposed_field_left_as_it_is_shown_stays_a_proposal() -> None:
    values = {
        "A1": "R1A", "A3": "1", "A5": "One\nTwo", "A6": "2019-04", "A8": 3000, "B1": 1.0,
        "B2.nurse.6": 0.6, "C1": ["1", "4"], "A9_email": "sam@example.nhs.uk",
    }  # fmt: skip
    questions = [q for s in QUESTIONNAIRE["sections"] for q in s["questions"]]
    proposals = {key: {"value": value, "source": "x"} for key, value in values.items()}
    form: MultiDict[str, str] = MultiDict()
    for name, value in values_from(questions, {}, proposals).items():
        for one in value if isinstance(value, list) else [str(value).replace("\n", "\r\n")]:
            form.add(name, one)
    by_key = {key: q for q in questions for key in q["keys"]}
    for key, value in values.items():
        form.add("shown", by_key[key]["id"])
        form.add(f"was.{key}", shown_text(by_key[key], value))
    left = {key for key, value in answers_from(questions, form).items() if value is not None}
    assert left == set()


def test_a_section_is_confirmed_with_the_version_that_was_saved(
    lead: Person, services: FakeServices
) -> None:
    answer = lead.post(section("D"), form_of(shown=["D6"], D6="2", then="confirm"))
    assert answer.headers["Location"] == f"{PAGE}?notice=confirmed#section-D"
    assert services.body_of("PUT", f"{API}/sections/D/confirmation") == {"version": 4}


def test_what_keeps_a_section_from_being_confirmed_is_listed_with_links(
    lead: Person, services: FakeServices
) -> None:
    services.replies["PUT", f"{API}/sections/A/confirmation"] = problem(
        422, errors={"A7": ["Select the present contract."]}
    )
    answer = lead.post(section("A"), form_of(shown=["A3"], A3="1", then="confirm"))
    assert answer.status_code == 422
    assert re.search(r'<a href="#A7">\s*Select the present contract\.', answer.text)
    check(answer.text)


def test_a_contradiction_is_explained_in_its_place(lead: Person, services: FakeServices) -> None:
    text = lead.get(section("C")).text
    assert "The patient audit says otherwise:" in text and 'name="why.P03"' in text
    lead.post(section("C"), form_of(**{"why.P03": " Another\r\nsite does "}))
    assert sent(services)["answers"] == {"why.P03": "Another\r\nsite does"}
    services.replies["PUT", f"{API}/sections/C/confirmation"] = problem(422, errors={"C1": ["x"]})
    refused = lead.post(section("C"), form_of(then="confirm")).text
    assert 'href="#why.P03"' in refused
    check(refused)


def test_two_people_at_once_are_shown_both_answers_and_nothing_else_is_touched(
    lead: Person, services: FakeServices
) -> None:
    services.replies["PUT", f"{API}/answers"] = problem(
        409, "Somebody else changed these answers.", code="version_moved", version=5,
        conflicts={"A6": {"theirs": "2018-01", "yours": "2019-05"}}, changes={"A2": "Mine"},
    )  # fmt: skip
    newer = {**ANSWERS["answers"], "A6": "2018-01", "A8": 999000}
    services.replies["GET", f"{API}/answers"] = ANSWERS | {"version": 5, "answers": newer}
    form = form_of(
        **{"shown": ["A2", "A6", "A8"], "A2": "Mine", "A6-month": "5", "A6-year": "2019"},
        A8="3000",
    )
    answer = lead.post(section("A"), form)
    assert answer.status_code == 409
    assert "somebody else answered January 2018 meanwhile" in answer.text
    assert 'href="#A6-month"' in answer.text
    assert re.search(r'name="A6-month"[^>]* value="5"', answer.text)
    assert re.search(r'name="A2"[^>]* value="Mine"', answer.text), "nothing typed is lost"
    assert re.search(r'name="A8"[^>]* value="999000"', answer.text), "what was not touched is new"
    assert 'name="version" value="5"' in answer.text
    check(answer.text)


def test_a_cell_in_conflict_is_named(lead: Person, services: FakeServices) -> None:
    services.replies["PUT", f"{API}/answers"] = problem(
        409, "Moved.", code="version_moved", version=5, changes={},
        conflicts={"B2.nurse.6": {"theirs": 1.0, "yours": 2.0}},
    )  # fmt: skip
    answer = lead.post(section("B"), form_of(**{"shown": ["B2"], "B2.nurse.6": "2"}))
    assert "B2 Nurse, Band 6: somebody else answered 1 meanwhile" in answer.text
    assert re.search(r'id="B2.nurse.6"[^>]* value="2"', answer.text)
    check(answer.text)


def test_who_comes_too_late_is_told(lead: Person, services: FakeServices) -> None:
    services.replies["PUT", f"{API}/answers"] = problem(409, "Submitted.", code="submitted")
    services.replies["GET", f"{API}/answers"] = fakes.SUBMITTED
    answer = lead.post(section("A"), form_of(shown=["A1"], A1="x"))
    assert (
        "What you had changed was not saved" in answer.text
        and "<input" not in (answer.text.partition("<main")[2].partition("Comments")[0])
    )


def test_saving_by_itself_tells_the_page_what_it_saved(
    lead: Person, services: FakeServices
) -> None:
    form = form_of(shown=["A8"], A8="9", seen='{"A2":3}')
    answer = lead.post(f"{section('A')}/autosave", form)
    assert answer.json == {"version": 3, "seen": '{"A2":3,"A8":4}'}
    assert sent(services)["seen"] == {"A2": 3}


@pytest.mark.parametrize("seen", ["", "x", "[]", '{"A": "x", "B": true, "C": -1}', "[" * 30000])
def test_whatever_stands_in_the_hidden_field_is_read(seen: str) -> None:
    assert seen_in({"version": "x", "seen": seen}) == (0, {})


def test_a_section_is_taken_and_given_back(lead: Person, services: FakeServices) -> None:
    path = f"{API}/sections/B/owner"
    lead.post(f"{section('B')}/owner", {"owner": "me"})
    assert services.body_of("PUT", path) == {"owner": ACCOUNT_ID}
    lead.post(f"{section('B')}/owner", {"owner": ""})
    services.replies["PUT", path] = problem(403, "No.")
    refused = lead.post(f"{section('B')}/owner", {"owner": "me"})
    assert "notice=not-owner" in refused.headers["Location"]


def test_a_confirmation_is_withdrawn(lead: Person, services: FakeServices) -> None:
    answer = lead.post(f"{section('D')}/withdrawal")
    assert answer.headers["Location"] == f"{PAGE}?notice=withdrawn#section-D"


def test_comments_stand_beside_their_question(lead: Person, services: FakeServices) -> None:
    assert "One post is vacant" in lead.get(section("B")).text
    form = {"question": "B2", "section": "B", "words": " Vacant \r\n since May "}
    answer = lead.post(f"{PAGE}/comments", form)
    assert answer.headers["Location"] == f"{section('B')}?notice=commented#comments-B2"
    body = services.body_of("POST", f"{API}/comments")
    assert body == {"question": "B2", "words": "Vacant \n since May"}


def test_a_comment_that_is_refused_is_not_lost(lead: Person, services: FakeServices) -> None:
    services.replies["POST", f"{API}/comments"] = problem(422, errors={"words": ["Too long."]})
    answer = lead.post(f"{PAGE}/comments", {"question": "B2", "section": "B", "words": "My words"})
    assert answer.status_code == 422
    assert "Too long." in answer.text and ">My words</textarea>" in answer.text
    check(answer.text)


def test_nothing_can_be_signed_while_a_section_waits(lead: Person, services: FakeServices) -> None:
    text = lead.get(f"{PAGE}/submission").text
    assert "are not confirmed yet" in text and 'name="signed"' not in text
    services.replies["GET", f"{API}/answers"] = fakes.ALL_CONFIRMED
    text = lead.get(f"{PAGE}/submission").text
    assert 'name="signed"' in text
    check(text)


def test_the_lead_signs_and_gets_a_receipt(lead: Person, services: FakeServices) -> None:
    services.replies["GET", f"{API}/answers"] = fakes.ALL_CONFIRMED
    unsigned = lead.post(f"{PAGE}/submission", {"version": "3"})
    assert unsigned.status_code == 422 and "Tick the box" in unsigned.text
    signed = lead.post(f"{PAGE}/submission", {"version": "3", "signed": "yes"})
    assert signed.headers["Location"] == f"{PAGE}/receipt?notice=submitted"
    assert services.body_of("POST", f"{API}/submission") == {"version": 3}
    receipt = lead.get(f"{PAGE}/receipt").text
    assert "2026-AAA-4" in receipt and "3 July 2026, 3:05pm" in receipt
    assert "Hips are recorded by our other site." in receipt


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (problem(422, "Some questions have no answer."), 422),
        (problem(409, "Somebody else changed these answers."), 409),
    ],
)
def test_a_refused_submission_says_why(
    lead: Person, services: FakeServices, refusal: httpx.Response, status: int
) -> None:
    services.replies["GET", f"{API}/answers"] = fakes.ALL_CONFIRMED
    services.replies["POST", f"{API}/submission"] = refusal
    answer = lead.post(f"{PAGE}/submission", {"version": "3", "signed": "yes"})
    assert answer.status_code == status and "There is a problem" in answer.text
    check(answer.text)


def test_submitted_answers_are_shown_in_words(lead: Person, services: FakeServices) -> None:
    services.replies["GET", f"{API}/answers"] = fakes.SUBMITTED
    text = lead.get(PAGE).text
    assert "April 2019" in text and "3 July 2026, 3:05pm" in text and "Nurse, Band 6: 0.6" in text
    assert "/submission" not in text
    assert lead.get(f"{PAGE}/submission").headers["Location"] == PAGE
    check(text)


def test_a_respondent_is_told_that_the_lead_submits(person_with) -> None:  # type: ignore[no-untyped-def]
    respondent = person_with("facilities.read", "facilities.answer")
    text = respondent.get(PAGE).text
    assert "the lead of your site submits" in text and "Check and submit" not in text
    assert respondent.get(f"{PAGE}/submission").status_code == 403


def test_a_visitor_of_a_site_reads_and_changes_nothing(visiting: Person) -> None:
    assert "I look after it" not in visiting.get(PAGE).text
    text = visiting.get(section("A")).text.partition("<main")[2]
    assert "April 2019" in text and 'name="A8"' not in text and "Add the comment" not in text


def test_the_history_names_answers_and_people(lead: Person) -> None:
    text = " ".join(lead.get(f"{PAGE}/history").text.split())
    assert "B2 Nurse, Band 6" in text and "Somebody who is not at your site" in text


def test_what_changed_since_last_time_is_listed(lead: Person) -> None:
    text = lead.get(f"{PAGE}/last-time").text
    assert "210,000 people" in text and "3,000 people" in text
    assert "New options: A tool with artificial intelligence." in text


def test_a_site_is_shown_beside_all(lead: Person, services: FakeServices) -> None:
    text = lead.get(f"{PAGE}/results").text
    assert "2 sites have submitted" in text and "Yours: <strong>220,000 people</strong>" in text
    services.replies["GET", f"{API}/own-results"] = problem(409, "Later.", code="not_submitted")
    later = lead.get(f"{PAGE}/results")
    assert later.headers["Location"] == f"{PAGE}?notice=not-submitted"


@pytest.mark.parametrize("name", ["questionnaire.pdf", "answers.pdf"])
def test_the_questionnaire_comes_on_paper(lead: Person, name: str) -> None:
    answer = lead.get(f"{PAGE}/{name}")
    assert answer.content_type == "application/pdf" and answer.data.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="facilities-2026-{name}"'


def test_a_pdf_takes_whatever_was_typed(lead: Person, services: FakeServices) -> None:
    odd = {"A2": "Ω 漢字 <b>", "A8": "about 300", "B2.nurse.6": "half", "A6": "spring"}
    services.replies["GET", f"{API}/answers"] = ANSWERS | {"answers": odd}
    assert lead.get(f"{PAGE}/answers.pdf").status_code == 200


def test_the_definitions_are_passed_on(lead: Person) -> None:
    answer = lead.get(f"{PAGE}/definitions.csv")
    assert answer.text.startswith("\ufeffsite_code")
    assert "facilities-2026-definitions.csv" in answer.headers["Content-Disposition"]


def test_what_was_submitted_stands_in_the_statement_of_participation(
    lead: Person, services: FakeServices
) -> None:
    assert "answers submitted" not in lead.get("/participation?year=2025").text
    sent_in = fakes.OWN_ROUND | {"submitted_at": "2026-02-03T14:05:00Z"}
    other_year = fakes.OWN_ROUND | {"title": "Of 2024", "submitted_at": "2024-02-03T14:05:00Z"}
    services.replies["GET", "/facilities/v1/rounds/own"] = page(sent_in, other_year)
    text = lead.get("/participation?year=2025").text
    assert "Facilities audit 2026: answers submitted 3 February 2026." in text
    assert "Of 2024" not in text
    services.replies["GET", "/facilities/v1/rounds/own"] = problem(503)
    assert lead.get("/participation?year=2025").status_code == 200


def test_the_home_page_says_that_a_round_waits(lead: Person, services: FakeServices) -> None:
    card = re.compile(r'nhsuk-card__link" href="/facilities".*?</p>', re.S)
    assert "1 waits." in card.findall(lead.get("/").text)[0]
    done = fakes.OWN_ROUND | {"submitted_at": "2026-02-03T14:05:00Z"}
    services.replies["GET", "/facilities/v1/rounds/own"] = page(done)
    assert "waits." not in card.findall(lead.get("/").text)[0]
