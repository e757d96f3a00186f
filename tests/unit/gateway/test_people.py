"""The people of a site: the list, adding, changing, taking out; in words and to registration."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fakes.people import FORMER_ID, OTHER_SITE_ID, PERSON_ID
from tests.fakes.services import ACCOUNT_ID, SITE_ID, FakeServices, problem
from tests.unit.gateway.conftest import Person

PEOPLE = "/registration/v1/people"
NEW = {"name": " Kim Clerk ", "email": "kim@demo.example", "role": "clinician"}


def test_the_list_tells_roles_grants_who_was_here_and_visits(lead: Person) -> None:
    text = lead.get("/people").text
    assert "Data entry; may upload files of records" in text
    assert "Sam Lead</a> (you)" in text
    assert "Lee Former" in text and "2 February 2026, 2:05pm" in text
    assert "Help with the import of May" in text
    assert "3 February 2026, 3:05pm at the latest" in text
    assert text.count("Audit team") == 0, "visitors are among the visits"


def test_a_person_is_added_with_role_and_grants(lead: Person, services: FakeServices) -> None:
    answer = lead.post("/people/new", NEW | {"grants": ["import", "export"]})
    assert answer.headers["Location"] == "/people?notice=added"
    assert services.body_of("POST", PEOPLE) == {
        "name": "Kim Clerk",
        "email": "kim@demo.example",
        "role": "clinician",
        "grants": ["import", "export"],
        "site_id": SITE_ID,
    }


def test_a_lead_may_all_of_it_so_nothing_is_granted(lead: Person, services: FakeServices) -> None:
    lead.post("/people/new", NEW | {"role": "site_lead", "grants": ["import"]})
    assert services.body_of("POST", PEOPLE)["grants"] == []


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    lead: Person, services: FakeServices
) -> None:
    errors = {"email": ["Enter an e-mail address."], "grants": ["Not to clinicians."]}
    services.replies["POST", PEOPLE] = problem(422, errors=errors)
    answer = lead.post("/people/new", NEW | {"grants": ["export"]})
    assert answer.status_code == 422
    for piece in (
        'href="#email"',
        'href="#grants"',
        'value="kim@demo.example"',
        "Not to clinicians.",
    ):
        assert piece in answer.text
    checked = answer.text.partition('value="export"')[2].partition(">")[0]
    assert "checked" in checked


def test_an_address_that_is_taken_is_told_at_the_field(
    lead: Person, services: FakeServices
) -> None:
    errors = {"email": ["Kim is at this site already."]}
    services.replies["POST", PEOPLE] = problem(409, code="email_taken", errors=errors)
    answer = lead.post("/people/new", NEW)
    assert answer.status_code == 409
    assert 'href="#email"' in answer.text and "Kim is at this site already." in answer.text


def test_a_persons_form_shows_their_role_and_grants(lead: Person) -> None:
    text = lead.get(f"/people/{PERSON_ID}").text
    role = text.partition('value="data_entry"')[2].partition(">")[0]
    grant = text.partition('value="import"')[2].partition(">")[0]
    assert "checked" in role and "checked" in grant
    assert "Send the invitation again" in text


def test_changing_taking_out_and_inviting_again(lead: Person, services: FakeServices) -> None:
    person = f"{PEOPLE}/{PERSON_ID}"
    answer = lead.post(f"/people/{PERSON_ID}", {"role": "site_lead"})
    assert answer.headers["Location"] == "/people?notice=changed"
    change = {"role": "site_lead", "grants": [], "site_id": SITE_ID}
    assert services.body_of("PUT", person) == change
    answer = lead.post(f"/people/{PERSON_ID}/removal")
    assert answer.headers["Location"] == "/people?notice=removed"
    assert services.calls[-1][:2] == ("DELETE", person)
    answer = lead.post(f"/people/{PERSON_ID}/invitation")
    assert answer.headers["Location"] == "/people?notice=invited"


@pytest.mark.parametrize(
    ("method", "path", "address"),
    [
        ("PUT", "", ""),
        ("DELETE", "/removal", ""),
        ("POST", "/invitation", "/invitation"),
    ],
)
def test_a_refusal_is_told_on_the_persons_page(
    lead: Person, services: FakeServices, method: str, path: str, address: str
) -> None:
    services.replies[method, f"{PEOPLE}/{PERSON_ID}{address}"] = problem(
        409, "A site keeps a lead."
    )
    answer = lead.post(f"/people/{PERSON_ID}{path}", {"role": "clinician"})
    assert answer.status_code == 409
    assert "There is a problem" in answer.text and "A site keeps a lead." in answer.text


def test_oneself_is_shown_without_a_form(lead: Person) -> None:
    text = lead.get(f"/people/{ACCOUNT_ID}").text
    assert "Nobody changes their own role" in text
    assert f'action="/people/{ACCOUNT_ID}' not in text


@pytest.mark.parametrize("account_id", [FORMER_ID, OTHER_SITE_ID])
def test_only_who_is_here_has_a_form(lead: Person, account_id: str) -> None:
    assert lead.get(f"/people/{account_id}").status_code == 404


def test_who_manages_all_sites_names_one_in_every_address(
    team: Person, services: FakeServices
) -> None:
    assert team.get("/people").headers["Location"] == "/sites"
    query = f"?site={OTHER_SITE_ID}"
    text = team.get(f"/people{query}").text
    assert f'href="/people/new{query}"' in text and f'href="/people/{PERSON_ID}{query}"' in text
    form = team.get(f"/people/{PERSON_ID}{query}").text
    for action in ("", "/removal", "/invitation"):
        assert f'action="/people/{PERSON_ID}{action}{query}"' in form
    answer = team.post(f"/people/{PERSON_ID}{query}", {"role": "clinician"})
    assert answer.headers["Location"] == f"/people{query}&notice=changed"
    assert services.body_of("PUT", f"{PEOPLE}/{PERSON_ID}")["site_id"] == OTHER_SITE_ID
    assert team.get("/people?site=x").status_code == 404
    assert team.post("/people/new", NEW).status_code == 404


def test_a_site_without_patients_is_told_which_roles_are_of_no_use(
    team: Person, person_with: Callable[..., Person]
) -> None:
    told = "Of no use here"
    assert team.get(f"/people/new?site={OTHER_SITE_ID}").text.count(told) == 3
    assert "What else may they do" not in team.get(f"/people/new?site={OTHER_SITE_ID}").text
    text = person_with("site.manage").get("/people/new").text
    assert text.count(told) == 0 and "What else may they do" in text
