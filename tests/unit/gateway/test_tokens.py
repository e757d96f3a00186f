"""API tokens as a page: made with the rights that were chosen, shown once, revoked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.registration.domain.roles import TOKEN_RIGHTS
from tests.fakes.services import TOKEN_ID, FakeServices
from tests.unit.gateway.conftest import Person
from tests.unit.gateway.test_pages import check

TOKENS = "/registration/v1/tokens"
NEW = {"name": "Ward system", "expires_in_days": "90"}


def checked(text: str) -> list[str]:
    """The values of the chosen boxes."""
    boxes = text.split('type="checkbox"')[1:]
    return [
        box.partition('value="')[2].partition('"')[0]
        for box in boxes
        if " checked" in box.partition(">")[0]
    ]


def test_a_token_is_shown_once(lead: Person, services: FakeServices) -> None:
    answer = lead.post("/tokens", NEW | {"may": ["send"]})
    assert answer.status_code == 200 and "fla_secret" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert services.body_of("POST", TOKENS) == {
        "name": "Ward system",
        "expires_in_days": 90,
        "rights": ["records.import", "records.read", "records.write"],
    }
    check(answer.text)
    assert "fla_secret" not in lead.get("/tokens").text


def test_sending_is_chosen_and_more_only_when_asked_for(
    lead: Person, services: FakeServices
) -> None:
    assert checked(lead.get("/tokens").text) == ["send"]
    lead.post("/tokens", NEW | {"may": ["export", "acknowledge"]})
    rights = services.body_of("POST", TOKENS)["rights"]
    assert rights == ["records.acknowledge", "records.export", "records.read"]


def test_all_that_a_token_can_have_can_be_chosen(lead: Person, services: FakeServices) -> None:
    lead.post("/tokens", NEW | {"may": ["send", "acknowledge", "export", "facilities"]})
    assert set(services.body_of("POST", TOKENS)["rights"]) == TOKEN_RIGHTS


def test_a_site_without_patients_is_offered_the_facilities_audit_alone(
    person_with: Callable[..., Person], services: FakeServices
) -> None:
    rights = ("tokens.manage", "facilities.read", "facilities.answer", "facilities.submit")
    lead = person_with(*rights)
    text = lead.get("/tokens").text
    assert checked(text) == ["facilities"] and "Send records" not in text.partition("<form")[2]
    assert lead.post("/tokens", NEW | {"may": ["send"]}).status_code == 422
    assert ("POST", TOKENS) not in [call[:2] for call in services.calls]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"expires_in_days": "²"}, "Enter a number of days."),
        ({"may": []}, "Choose what the token may do."),
        ({"may": ["everything"]}, "Choose what the token may do."),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_is_kept(
    lead: Person, changes: dict[str, object], words: str
) -> None:
    answer = lead.post("/tokens", NEW | {"may": ["send"]} | changes)
    assert answer.status_code == 422
    assert words in answer.text and 'value="Ward system"' in answer.text


def test_the_list_says_what_each_may(lead: Person, services: FakeServices) -> None:
    listed = services.replies["GET", TOKENS]
    sends = ["records.import", "records.read", "records.write"]
    listed["items"] = [
        listed["items"][0] | {"rights": sends},
        listed["items"][0] | {"rights": ["records.read"]},
    ]
    text = lead.get("/tokens").text
    assert "Send records" in text and "Part of this only: records.read" in text


def test_a_token_is_revoked(lead: Person, services: FakeServices) -> None:
    assert lead.post(f"/tokens/{TOKEN_ID}/revocation").status_code == 303
    assert ("DELETE", f"{TOKENS}/{TOKEN_ID}", None) in services.calls
