"""Visits of the audit team and going to another own site, as pages."""

from __future__ import annotations

import httpx
import pytest

from tests.fakes.people import OTHER_SITE_ID
from tests.fakes.services import ME, SITE_ID, FakeServices, problem
from tests.unit.gateway.conftest import Person

VISIT = "/registration/v1/sessions/current/visit"
SITE = "/registration/v1/sessions/current/site"
ME_PATH = "/registration/v1/me"


def test_a_visit_begins_with_a_reason_and_a_new_cookie(
    team: Person, services: FakeServices
) -> None:
    answer = team.post(f"/sites/{OTHER_SITE_ID}/visit", {"reason": " Help with\n  an import "})
    assert answer.headers["Location"] == "/"
    assert services.body_of("POST", VISIT) == {
        "site_id": OTHER_SITE_ID,
        "reason": "Help with an import",
    }
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("fls_session=another;")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Secure"):
        assert part in cookie


@pytest.mark.parametrize(
    ("refusal", "status", "words"),
    [
        (problem(422, errors={"reason": ["Take the long number out."]}), 422, "Take the long"),
        (problem(409, "Other Hospital is suspended."), 409, "is suspended"),
    ],
)
def test_a_refused_visit_keeps_what_was_typed(
    team: Person, services: FakeServices, refusal: httpx.Response, status: int, words: str
) -> None:
    services.replies["POST", VISIT] = refusal
    answer = team.post(f"/sites/{OTHER_SITE_ID}/visit", {"reason": "why indeed"})
    assert answer.status_code == status
    assert words in answer.text and ">why indeed</textarea>" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_ending_gives_a_new_cookie_and_leads_to_the_sites(visiting: Person) -> None:
    answer = visiting.post("/visit/end")
    assert answer.headers["Location"] == "/sites?notice=ended"
    assert answer.headers["Set-Cookie"].startswith("fls_session=another;")


def test_every_page_of_a_visit_says_where_one_is_and_how_to_end_it(
    visiting: Person, team: Person
) -> None:
    for path in ("/", "/records", "/sites", "/about", "/no-such-page"):
        text = visiting.get(path).text
        assert "You are looking at <strong>Demo General Hospital</strong> (AAA)" in text, path
        assert "until 3:05pm at the latest. Reason: Help with the import of May" in text
        assert 'action="/visit/end"' in text
        assert "fa-visit" not in team.get(path).text


def test_a_visit_is_seen_even_while_registration_is_silent(
    visiting: Person, services: FakeServices
) -> None:
    services.replies["GET", ME_PATH] = httpx.ConnectError("down")
    text = visiting.get("/records").text
    assert "You are looking at a site as the audit team." in text
    assert 'action="/visit/end"' in text


def test_the_menu_of_a_visit_is_the_sites(visiting: Person, team: Person) -> None:
    there, before = visiting.get("/").text, team.get("/").text
    for href in ("/records", "/imports", "/facilities", "/people", "/imports/new"):
        assert f'href="{href}"' in there and f'href="{href}"' not in before
    for href in ("/review", "/accounts", "/rounds"):
        assert f'href="{href}"' not in there and f'href="{href}"' in before
    assert 'href="/sites"' in there and 'href="/tokens"' not in there


def test_registration_is_asked_once_for_the_start_page_of_a_visit(
    visiting: Person, services: FakeServices
) -> None:
    visiting.get("/")
    assert [call[1] for call in services.calls].count(ME_PATH) == 1


def test_who_visits_none_is_told_why_a_sites_page_is_closed(team: Person, lead: Person) -> None:
    refused = team.get("/records")
    assert refused.status_code == 403 and "A visit ends after an hour" in refused.text
    assert "A visit ends" not in lead.get("/review").text


def test_the_list_of_sites_offers_what_one_may(team: Person, services: FakeServices) -> None:
    services.replies["GET", "/registration/v1/sites"] = lambda request: {
        "items": [],
        "page": 1,
        "page_size": 25,
        "total": 0,
    }
    text = team.get("/sites?search=<b>").text
    assert "No site has a name that contains “&lt;b&gt;”" in text
    assert "There are no sites yet" in team.get("/sites").text


def test_sites_are_visited_by_some_and_managed_by_others(person_with) -> None:  # type: ignore[no-untyped-def]
    visit, people = f'href="/sites/{OTHER_SITE_ID}/visit"', f'href="/people?site={OTHER_SITE_ID}"'
    for rights, seen in (
        (("sites.read", "sites.visit", "accounts.manage"), (True, True)),
        (("sites.read", "accounts.manage"), (False, True)),
        (("sites.read",), (False, False)),
    ):
        text = person_with(*rights).get("/sites").text
        assert (visit in text, people in text) == seen


def test_a_suspended_site_is_not_offered(team: Person, services: FakeServices) -> None:
    listed = services.replies["GET", "/registration/v1/sites"]
    listed["items"] = [listed["items"][0] | {"state": "suspended"}]
    text = team.get("/sites").text
    assert "Suspended" in text and f"/sites/{OTHER_SITE_ID}/visit" not in text


def test_who_belongs_to_two_sites_goes_to_the_other(lead: Person, services: FakeServices) -> None:
    assert "You also belong to" not in lead.get("/").text
    second = {"site_id": OTHER_SITE_ID, "code": "BBB", "name": "Other Hospital"}
    services.replies["GET", ME_PATH] = ME | {"sites": [*ME["sites"], second]}
    text = lead.get("/").text
    assert "You also belong to" in text and f'value="{OTHER_SITE_ID}"' in text
    answer = lead.post("/change-site", {"site_id": OTHER_SITE_ID})
    assert answer.headers["Location"] == "/"
    assert answer.headers["Set-Cookie"].startswith("fls_session=another;")
    assert services.body_of("PUT", SITE) == {"site_id": OTHER_SITE_ID}
    assert lead.post("/change-site", {"site_id": "x"}).status_code == 404
    services.replies["PUT", SITE] = problem(404)
    assert lead.post("/change-site", {"site_id": SITE_ID}).status_code == 404


@pytest.mark.parametrize(
    ("roles", "title"),
    [
        (["audit_team"], "Audit team"),
        (["auditor"], "Auditor"),
        (["system_admin"], "System administration"),
        ([], "No site"),
    ],
)
def test_who_acts_for_no_site_is_told_what_they_are(
    team: Person, services: FakeServices, roles: list[str], title: str
) -> None:
    services.replies["GET", ME_PATH] = ME | {"site": None, "sites": [], "roles": roles}
    assert f"<h1>{title}</h1>" in team.get("/").text
