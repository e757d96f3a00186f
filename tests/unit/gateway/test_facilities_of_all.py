"""The facilities audit of all sites, for the audit team and auditors."""

from __future__ import annotations

import httpx
import pytest

from tests.fakes.services import ANSWERS, ROUND_ID, SITE_ID, FakeServices, problem
from tests.unit.gateway.conftest import Person

PAGE = f"/facilities/progress/{SITE_ID}"
ROUND = f"/facilities/v1/rounds/{ROUND_ID}"
REOPENING = f"{ROUND}/sites/{SITE_ID}/reopening"


def test_progress_leads_to_what_each_site_answered(team: Person) -> None:
    assert f'href="{PAGE}"' in team.get("/facilities/progress").text
    text = team.get(PAGE).text
    assert "Demo General Hospital" in text and "April 2019" in text


def test_answers_are_opened_again_with_a_reason(team: Person, services: FakeServices) -> None:
    answer = team.post(f"{PAGE}/reopening", {"reason": " The number\n was wrong "})
    assert answer.headers["Location"] == f"{PAGE}?notice=reopened"
    assert services.body_of("POST", REOPENING) == {"reason": "The number was wrong"}


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
    services.replies["POST", REOPENING] = refusal
    answer = team.post(f"{PAGE}/reopening", {"reason": "x"})
    assert answer.status_code == status
    assert "There is a problem" in answer.text and words in answer.text


def test_who_reads_only_is_offered_no_form(person_with) -> None:  # type: ignore[no-untyped-def]
    auditor = person_with("facilities.read_national")
    assert 'href="/facilities/progress"' in auditor.get("/").text
    assert f'href="{PAGE}"' in auditor.get("/facilities/progress").text
    assert "Open the answers again" not in auditor.get(PAGE).text


def test_a_draft_is_not_offered_to_be_opened(team: Person, services: FakeServices) -> None:
    draft = services.replies["GET", f"{ROUND}/sites/{SITE_ID}/answers"] | {
        "state": "in_progress",
        "submitted_at": None,
    }
    services.replies["GET", f"{ROUND}/sites/{SITE_ID}/answers"] = draft
    text = team.get(PAGE).text
    assert "3 of 7 questions answered, not submitted." in text
    assert "Open the answers again" not in text


def test_a_visitor_of_a_site_reads_its_answers_and_can_open_them_again(
    visiting: Person, services: FakeServices
) -> None:
    text = visiting.get("/facilities").text
    assert "You can read these answers and not change them." in text
    assert 'action="/facilities"' not in text
    services.replies["GET", f"{ROUND}/answers"] = ANSWERS | {
        "state": "submitted",
        "submitted_at": "2026-02-03T14:05:00Z",
    }
    assert f'href="{PAGE}"' in visiting.get("/facilities").text


def test_a_respondent_is_told_that_the_lead_submits(person_with) -> None:  # type: ignore[no-untyped-def]
    text = person_with("facilities.read", "facilities.answer").get("/facilities").text
    assert "lead submits them" in text and "Save and submit" not in text
