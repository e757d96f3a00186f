"""Rounds of the facilities audit, for the audit team and auditors."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fakes import facilities as fakes
from tests.fakes.facilities import ROUND_ID
from tests.fakes.services import SITE_ID, FakeServices, problem
from tests.unit.gateway.conftest import Person
from tests.unit.gateway.test_pages import check

PAGE = f"/rounds/{ROUND_ID}"
SITE_PAGE = f"{PAGE}/sites/{SITE_ID}"
API = f"/facilities/v1/rounds/{ROUND_ID}"
SITE_API = f"{API}/sites/{SITE_ID}"
UNTIL = {"until-day": "5", "until-month": "1", "until-year": "2027"}
NEW = {
    "questionnaire_id": "facilities-2026-2",
    "title": "Facilities audit 2027",
    "name": "2027",
    "year": "2027",
    "opens-day": "1",
    "opens-month": "9",
    "opens-year": "2027",
    "asked_part": "patient",
    "asked_kinds": ["hospital", "network"],
    "reminds": "yes",
}


def test_rounds_lead_to_their_sites_and_these_to_their_answers(team: Person) -> None:
    assert f'href="{PAGE}"' in team.get("/rounds").text
    text = team.get(PAGE).text
    assert f'href="{SITE_PAGE}"' in text and "until 5 January 2027" in text
    assert "Demo General Hospital" in team.get(SITE_PAGE).text


def test_a_round_is_opened(team: Person, services: FakeServices) -> None:
    answer = team.post("/rounds/new", NEW)
    assert answer.headers["Location"] == f"{PAGE}?notice=opened"
    assert services.body_of("POST", "/facilities/v1/rounds") == {
        "year": 2027,
        "name": "2027",
        "title": "Facilities audit 2027",
        "questionnaire_id": "facilities-2026-2",
        "opens_on": "2027-09-01",
        "closes_on": None,
        "asked_kinds": ["hospital", "network"],
        "asked_part": "patient",
        "reminds": True,
    }


@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        ({"opens-day": ""}, 422, "Enter the day as well."),
        ({"year": "27"}, 422, "Enter the year with its four digits."),
        ({"name": "2026"}, 409, "There is a round of this name."),
        ({"name": "", "year": "2026"}, 409, "There is a round of this name."),
    ],
)
def test_a_round_that_cannot_be_opened_comes_back_as_it_was_typed(
    team: Person, services: FakeServices, wrong: dict[str, Any], status: int, words: str
) -> None:
    answer = team.post("/rounds/new", {**NEW, **wrong})
    assert answer.status_code == status and words in answer.text
    assert 'value="Facilities audit 2027"' in answer.text
    assert not [c for c in services.calls if c[0] == "POST"]
    check(answer.text)


def test_a_retired_questionnaire_is_not_offered(team: Person) -> None:
    text = team.get("/rounds/new").text
    assert "facilities-2026-2" in text and "facilities-2019" not in text


def test_the_last_day_is_changed_with_a_reason(team: Person, services: FakeServices) -> None:
    form = {"closes-day": "5", "closes-month": "1", "closes-year": "2027", "day_reason": " Snow\n"}
    assert team.post(f"{PAGE}/last-day", form).headers["Location"] == f"{PAGE}?notice=last-day"
    sent = services.body_of("PUT", f"{API}/last-day")
    assert sent == {"closes_on": "2027-01-05", "reason": "Snow"}
    services.replies["PUT", f"{API}/last-day"] = problem(
        422, errors={"reason": ["Give the reason."], "closes_on": ["Give a day from today on."]}
    )
    refused = team.post(f"{PAGE}/last-day", form)
    assert refused.status_code == 422 and 'href="#closes-day"' in refused.text
    assert 'href="#day_reason"' in refused.text
    check(refused.text)


def test_a_round_is_closed_with_a_reason(team: Person, services: FakeServices) -> None:
    answer = team.post(f"{PAGE}/closing", {"close_reason": "All are there"})
    assert answer.headers["Location"] == f"{PAGE}?notice=closed"
    assert services.body_of("POST", f"{API}/closing") == {"reason": "All are there"}


def test_reminding_says_whether_anybody_was_written_to(
    team: Person, services: FakeServices
) -> None:
    assert "notice=reminded" in team.post(f"{PAGE}/reminders").headers["Location"]
    services.replies["POST", f"{API}/reminders"] = {"sites": 0}
    assert "notice=nobody" in team.post(f"{PAGE}/reminders").headers["Location"]
    services.replies["POST", f"{API}/reminders"] = problem(409, "Nobody can answer at present.")
    assert "Nobody can answer at present." in team.post(f"{PAGE}/reminders").text


def test_answers_are_opened_again_with_a_reason_and_a_day(
    team: Person, services: FakeServices
) -> None:
    answer = team.post(f"{SITE_PAGE}/reopening", {"reason": " The number\n was wrong ", **UNTIL})
    assert answer.headers["Location"] == f"{SITE_PAGE}?notice=reopened"
    sent = services.body_of("POST", f"{SITE_API}/reopening")
    assert sent == {"reason": "The number was wrong", "until_on": "2027-01-05"}


def test_a_site_gets_more_time(team: Person, services: FakeServices) -> None:
    services.replies["GET", f"{SITE_API}/answers"] = fakes.ANSWERS | {"site": fakes.SITE}
    text = team.get(SITE_PAGE).text
    assert "6 of 40 questions answered, not submitted." in text
    assert "Open the answers again" not in text
    answer = team.post(f"{SITE_PAGE}/extension", {"reason": "Illness", **UNTIL})
    assert answer.headers["Location"] == f"{SITE_PAGE}?notice=extended"
    assert services.body_of("POST", f"{SITE_API}/extension")["until_on"] == "2027-01-05"
    none = team.post(f"{SITE_PAGE}/extension", {"reason": "Illness"})
    assert none.status_code == 422 and "Enter the last day." in none.text


@pytest.mark.parametrize(
    ("refusal", "status", "words"),
    [
        (problem(422, errors={"reason": ["Give the reason."]}), 422, "Give the reason."),
        (problem(409, "This site has not submitted."), 409, "This site has not submitted."),
    ],
)
def test_a_refusal_is_told_on_the_page(
    team: Person, services: FakeServices, refusal: httpx.Response, status: int, words: str
) -> None:
    services.replies["POST", f"{SITE_API}/reopening"] = refusal
    answer = team.post(f"{SITE_PAGE}/reopening", {"reason": "x"})
    assert answer.status_code == status
    assert "There is a problem" in answer.text and words in answer.text


def test_who_reads_only_is_offered_no_form(person_with) -> None:  # type: ignore[no-untyped-def]
    auditor = person_with("facilities.read_national")
    assert 'href="/rounds"' in auditor.get("/").text
    for path in ("/rounds", PAGE, SITE_PAGE, f"{PAGE}/results"):
        text = auditor.get(path).text.partition("<main")[2]
        assert 'method="post"' not in text and "/rounds/new" not in text
    assert auditor.get("/rounds/new").status_code == 403


def test_results_are_cut_by_kind_nation_and_region(team: Person, services: FakeServices) -> None:
    text = team.get(f"{PAGE}/results?nation=wales&kind=&colour=red").text
    assert "2 sites have submitted" in text and '<option value="wales" selected>' in text
    assert "West Yorkshire" in text and "Ward round" in text
    asked = [str(call) for call in services.calls if str(call).find("/results") > 0]
    assert asked and "colour" not in " ".join(asked)
    check(text)


def test_the_data_are_passed_on(team: Person) -> None:
    answer = team.get(f"{PAGE}/data.csv")
    assert answer.content_type.startswith("text/csv") and answer.text.startswith("\ufeff")
    assert "facilities-2026-data.csv" in answer.headers["Content-Disposition"]
