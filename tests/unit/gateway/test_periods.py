"""Audit periods: deadlines told in time, unlocking asked for and decided, deadlines set."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from gateway.pages.periods.presenters import EXTENSION_REASONS, deadlines_of
from tests.fakes.services import RECORD_ID, SITE_ID, FakeServices, problem
from tests.fakes.working import PERIODS, REQUEST_ID, UNLOCK_REQUEST
from tests.unit.gateway.conftest import Person
from tests.unit.gateway.test_pages import check

PERIODS_OF = "GET", "/records/v1/periods"
REQUESTS_OF = "GET", "/records/v1/unlock-requests"
ASKING = "POST", "/records/v1/unlock-requests"
DECISION = "POST", f"/records/v1/unlock-requests/{REQUEST_ID}/decision"
TODAY = date(2026, 6, 1)


def _sent(services: FakeServices, call: tuple[str, str]) -> bool:
    return call in [each[:2] for each in services.calls]


def _period(**changed: Any) -> dict[str, Any]:
    days = {"entry_deadline": "2026-06-30", "locks_on": "2026-10-01", "unlocked_until": None}
    return {"year": 2025, "status": "open", **days, **changed}


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (
            _period(),
            "Enter the records of fractures diagnosed in 2025 by 30 June 2026, in 29 days.",
        ),
        (_period(entry_deadline="2026-06-02"), "by 2 June 2026, in 1 day."),
        (_period(entry_deadline="2026-06-01"), "by 1 June 2026, today."),
        (_period(entry_deadline="2026-08-30"), "by 30 August 2026, in 90 days."),
        (_period(entry_deadline="2026-08-31"), None),
        (_period(entry_deadline=None, locks_on=None), None),
        (
            _period(status="grace", entry_deadline="2026-05-31"),
            "Records can still be added and corrected until 30 September 2026.",
        ),
        (_period(status="locked"), None),
        (
            _period(status="grace", unlocked_until="2026-07-01"),
            "2025 is unlocked for your site until 1 July 2026.",
        ),
    ],
)
def test_a_deadline_is_told_when_it_is_near(period: dict[str, Any], words: str | None) -> None:
    told = deadlines_of([period], TODAY)
    assert len(told) == (0 if words is None else 1)
    if words:
        assert told[0].words.endswith(words)


def test_the_nearest_deadline_is_told_first() -> None:
    later = _period(year=2024, status="grace", locks_on="2026-11-01")
    assert ["2025" in told.words for told in deadlines_of([later, _period()], TODAY)] == [
        True,
        False,
    ]


def test_the_home_page_tells_of_the_sites_deadlines(lead: Person) -> None:
    text = lead.get("/").text
    assert "The deadline for fractures diagnosed in 2024 has passed." in text
    assert 'href="/periods"' in text


def test_a_site_sees_its_years_and_may_ask_for_locked_ones(
    lead: Person, person_with: Callable[..., Person]
) -> None:
    text = lead.get("/periods").text
    rows = re.findall(r"<tr[^>]*>\s*<th scope=.row.*?</tr>", text, re.S)
    assert [re.search(r"\b20\d\d\b", row)[0] for row in rows[:3]] == ["2025", "2024", "2023"]
    assert re.findall(r'href="/periods/(\d+)/unlock"', text) == ["2023"]
    assert "30 September 2024" in rows[2], "the day before it locks is the last"
    assert "The dates of one clinic were a month out." in text and "by Kim Clerk" in text
    assert "/unlock" not in person_with("records.read").get("/periods").text


def test_without_deadlines_everything_is_open(lead: Person, services: FakeServices) -> None:
    services.replies[PERIODS_OF] = {"items": []}
    services.replies[REQUESTS_OF] = {"items": []}
    text = lead.get("/periods").text
    assert "has not set any deadline yet" in text and "Your requests" not in text


@pytest.mark.parametrize(
    ("address", "about"),
    [
        ("/periods/2023/unlock", {"record_id": None, "year": 2023}),
        (f"/records/{RECORD_ID}/unlock", {"record_id": RECORD_ID, "year": None}),
    ],
)
def test_unlocking_is_asked_for(
    lead: Person, services: FakeServices, address: str, about: dict[str, Any]
) -> None:
    check(lead.get(address).text)
    empty = lead.post(address, {"reason": "  "})
    assert empty.status_code == 422 and 'href="#reason"' in empty.text
    assert not _sent(services, ASKING)
    check(empty.text)
    answer = lead.post(address, {"reason": " The dates were a month out. "})
    assert answer.headers["Location"] == "/periods?notice=asked"
    assert services.body_of(*ASKING) == {**about, "reason": "The dates were a month out."}
    for status in (409, 422):
        services.replies[ASKING] = problem(status, "It is asked for already.")
        refused = lead.post(address, {"reason": "The dates."})
        assert refused.status_code == status and "It is asked for already." in refused.text
        assert "The dates.</textarea>" in refused.text, "nothing typed is lost"


def test_a_year_that_is_none_of_the_audit_cannot_be_asked_for(lead: Person) -> None:
    assert lead.get("/periods/1999/unlock").status_code == 404


def test_the_audit_team_sees_requests_with_their_sites(team: Person) -> None:
    text = team.get("/unlock-requests").text
    assert "Demo General Hospital (AAA)" in text and "All records of 2023" in text
    assert f'href="/unlock-requests/{REQUEST_ID}"' in text
    page = team.get(f"/unlock-requests/{REQUEST_ID}").text
    assert "The dates of one clinic were a month out." in page and "Kim Clerk" not in page
    assert team.get(f"/unlock-requests/{RECORD_ID}").status_code == 404


GRANT = {"granted": "yes", "until-day": "31", "until-month": "3", "until-year": "2026"}


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        (GRANT, {"granted": True, "until_on": "2026-03-31", "reason": None}),
        (
            {"granted": "no", "reason": "Too late. ", "until-day": "31"},
            {"granted": False, "until_on": None, "reason": "Too late."},
        ),
    ],
)
def test_a_request_is_granted_or_refused(
    team: Person, services: FakeServices, form: dict[str, object], sent: dict[str, Any]
) -> None:
    answer = team.post(f"/unlock-requests/{REQUEST_ID}", form)
    notice = "granted" if sent["granted"] else "refused"
    assert answer.headers["Location"] == f"/unlock-requests?notice={notice}"
    assert services.body_of(*DECISION) == sent
    assert "nhsuk-notification-banner--success" in team.get(answer.headers["Location"]).text


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "granted"),
        ({"granted": "yes"}, "until-day"),
        (GRANT | {"until-day": "32"}, "until-day"),
        ({"granted": "no"}, "reason"),
    ],
)
def test_a_decision_says_until_when_or_why(
    team: Person, services: FakeServices, form: dict[str, object], field: str
) -> None:
    answer = team.post(f"/unlock-requests/{REQUEST_ID}", form)
    assert answer.status_code == 422 and f'href="#{field}"' in answer.text
    assert not _sent(services, DECISION)
    check(answer.text)


def test_what_the_service_says_of_a_decision_stands_at_its_field(
    team: Person, services: FakeServices
) -> None:
    services.replies[DECISION] = problem(422, errors={"until_on": ["At most 92 days."]})
    answer = team.post(f"/unlock-requests/{REQUEST_ID}", GRANT)
    assert answer.status_code == 422
    assert re.search(r'<a href="#until-day">\s*At most 92 days\.', answer.text)
    services.replies[DECISION] = problem(409, "Somebody decided it already.")
    answer = team.post(f"/unlock-requests/{REQUEST_ID}", GRANT)
    assert answer.status_code == 409 and "Somebody decided it already." in answer.text
    check(answer.text)


def test_a_decided_request_has_no_form(team: Person, services: FakeServices) -> None:
    decided = {
        "state": "granted",
        "until_on": "2026-03-31",
        "decided_at": "2026-02-06T09:00:00Z",
        "decision_reason": "Well explained.",
    }
    services.replies[REQUESTS_OF] = {"items": [UNLOCK_REQUEST | decided]}
    text = team.get(f"/unlock-requests/{REQUEST_ID}").text
    assert "31 March 2026" in text and "Well explained." in text and "<textarea" not in text


YEAR = {
    "year": "2025", "version": "0",
    "entry-day": "30", "entry-month": "6", "entry-year": "2026",
    "locks-day": "1", "locks-month": "10", "locks-year": "2026",
}  # fmt: skip


def test_a_years_deadlines_are_set(team: Person, services: FakeServices) -> None:
    filled = team.get("/periods/manage/year?year=2024").text
    assert 'name="version" value="2"' in filled
    for box, text in (("entry-day", "30"), ("entry-month", "6"), ("locks-year", "2099")):
        assert re.search(rf'id="{box}"[^>]* value="{text}"', filled), box
    answer = team.post("/periods/manage/year", YEAR)
    assert answer.headers["Location"] == "/periods/manage?notice=set"
    assert services.body_of("PUT", "/records/v1/periods/2025") == {
        "entry_deadline": "2026-06-30",
        "locks_on": "2026-10-01",
        "version": 0,
    }


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"year": "15"}, "year"),
        ({"year": "2015"}, "year"),
        ({"entry-day": ""}, "entry-day"),
        ({"locks-day": "", "locks-month": "", "locks-year": ""}, "locks-day"),
        ({"locks-year": "2025"}, "locks-day"),
    ],
)
def test_deadlines_that_make_no_sense_are_not_sent(
    team: Person, services: FakeServices, changed: dict[str, str], field: str
) -> None:
    answer = team.post("/periods/manage/year", {**YEAR, **changed})
    assert answer.status_code == 422 and f'href="#{field}"' in answer.text
    assert not _sent(services, ("PUT", "/records/v1/periods/2025"))
    check(answer.text)


def test_two_who_set_a_year_at_once_are_told(team: Person, services: FakeServices) -> None:
    services.replies["PUT", "/records/v1/periods/2025"] = problem(409, "Somebody set it meanwhile.")
    services.replies[PERIODS_OF] = {"items": [PERIODS[2] | {"version": 7}]}
    answer = team.post("/periods/manage/year", YEAR)
    assert answer.status_code == 409 and "Somebody set it meanwhile." in answer.text
    assert 'name="version" value="7"' in answer.text
    assert re.search(r'id="entry-day"[^>]* value="30"', answer.text), "what was typed stays"
    check(answer.text)


EXTENSION = {
    "site_id": SITE_ID, "year": "2024", "reason_code": "it_failure", "reason": "A long failure.",
    "until-day": "31", "until-month": "12", "until-year": "2026",
}  # fmt: skip


def test_a_site_is_given_more_time(team: Person, services: FakeServices) -> None:
    assert f'value="{SITE_ID}"' in team.get("/periods/manage/extension").text
    answer = team.post("/periods/manage/extension", EXTENSION)
    assert answer.headers["Location"] == "/periods/manage?notice=extended"
    assert services.body_of("POST", "/records/v1/period-extensions") == {
        "site_id": SITE_ID,
        "year": 2024,
        "until_on": "2026-12-31",
        "reason_code": "it_failure",
        "reason": "A long failure.",
    }
    listed = team.get("/periods/manage").text
    assert "A failure of computers or networks at the site. The ward system was down" in listed


@pytest.mark.parametrize("field", ["site_id", "year", "until-day", "reason_code", "reason"])
def test_more_time_needs_every_answer(team: Person, services: FakeServices, field: str) -> None:
    answer = team.post("/periods/manage/extension", {**EXTENSION, field: ""})
    assert answer.status_code == 422 and f'href="#{field}"' in answer.text
    assert not _sent(services, ("POST", "/records/v1/period-extensions"))
    check(answer.text)


def test_pages_and_records_know_the_same_reasons() -> None:
    from services.records.domain.periods import EXTENSION_REASONS as of_records

    assert of_records == EXTENSION_REASONS


def test_a_visitor_sees_the_requests_of_the_visited_site_alone(
    lead: Person, services: FakeServices
) -> None:
    other = UNLOCK_REQUEST | {"site_id": RECORD_ID, "reason": "Of another site."}
    services.replies[REQUESTS_OF] = {"items": [UNLOCK_REQUEST, other]}
    text = lead.get("/periods").text
    assert UNLOCK_REQUEST["reason"] in text and "Of another site." not in text
