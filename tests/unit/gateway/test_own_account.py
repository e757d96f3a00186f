"""One's own account: sessions and password."""

from __future__ import annotations

import pytest

from tests.fakes.services import ACCOUNT_ID, FakeServices, problem
from tests.unit.gateway.conftest import Person
from tests.unit.gateway.test_pages import check

CHANGE = "PUT", "/registration/v1/me/password"
WORDS = {"password": "the present words", "new_password": "the words to come"}


def test_every_session_but_this_one_can_be_ended(lead: Person, services: FakeServices) -> None:
    text = lead.get("/account").text
    assert text.count("This session") == 1
    assert f'action="/account/sessions/{ACCOUNT_ID}/end"' in text
    answer = lead.post(f"/account/sessions/{ACCOUNT_ID}/end", {})
    assert answer.headers["Location"] == "/account?notice=ended"
    answer = lead.post("/account/sessions/end-others", {})
    told = lead.get(answer.headers["Location"]).text
    assert "All other sessions have ended." in told
    check(told)


def test_a_session_that_has_ended_already_is_no_fault(lead: Person, services: FakeServices) -> None:
    services.replies["DELETE", f"/registration/v1/sessions/{ACCOUNT_ID}"] = problem(404)
    answer = lead.post(f"/account/sessions/{ACCOUNT_ID}/end", {})
    assert answer.headers["Location"] == "/account?notice=ended"


def test_a_password_is_changed(lead: Person, services: FakeServices) -> None:
    answer = lead.post("/account/password", WORDS)
    assert answer.headers["Location"] == "/account?notice=password"
    assert services.body_of(*CHANGE) == WORDS


@pytest.mark.parametrize(
    ("reply", "status", "words"),
    [
        (problem(422, errors={"password": ["Not your present one."]}), 422, "present one."),
        (problem(422, errors={"new_password": ["Too short."]}), 422, "Too short."),
        (problem(429, "Try again in 5 seconds."), 429, "in 5 seconds"),
        (problem(409, "Changed meanwhile."), 409, "Changed meanwhile."),
    ],
)
def test_why_it_was_not_changed_is_said(
    lead: Person, services: FakeServices, reply: object, status: int, words: str
) -> None:
    services.replies[CHANGE] = reply
    answer = lead.post("/account/password", WORDS)
    assert answer.status_code == status and words in answer.text
    assert "the present words" not in answer.text and "the words to come" not in answer.text
    check(answer.text)


def test_both_passwords_are_asked_for(lead: Person, services: FakeServices) -> None:
    answer = lead.post("/account/password", {})
    assert answer.status_code == 422
    assert 'href="#password"' in answer.text and 'href="#new_password"' in answer.text
