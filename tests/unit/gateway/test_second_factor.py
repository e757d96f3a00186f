"""The pages of the second factor."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import signing_in
from tests.fakes.people import PERSON, PERSON_ID
from tests.fakes.services import ACCOUNT, OTHER_ACCOUNT_ID, FakeServices, problem
from tests.unit.gateway.conftest import Person
from tests.unit.gateway.sent import fields_sent
from tests.unit.gateway.test_pages import check

QR = 'class="fa-qr"'
SIGN_IN = "POST", "/registration/v1/sessions"
FINISH = "POST", "/registration/v1/sessions/second-factor"
WHO = {"email": "sam@demo.example", "password": "secret words", "next": "/records"}


def begin(visitor: Person, services: FakeServices, wants: str = "code") -> str:
    services.replies[SIGN_IN] = signing_in.WAITING | {"wants": wants}
    answer = visitor.post("/sign-in", WHO)
    assert answer.status_code == 200
    assert "fls_session" not in str(answer.headers.getlist("Set-Cookie"))
    check(answer.text)
    return str(answer.text)


def send(visitor: Person, page: str, code: str) -> Any:
    return visitor.post("/sign-in/code", fields_sent(page).to_dict() | {"code": code})


def test_a_password_leads_to_the_code_and_the_code_to_the_page(
    visitor: Person, services: FakeServices
) -> None:
    page = begin(visitor, services)
    assert QR not in page and 'autocomplete="one-time-code"' in page
    answer = send(visitor, page, " 123 456 ")
    assert services.body_of(*FINISH) == {"waiting": "fls_w_abc", "code": "123 456"}
    assert answer.headers["Location"] == "/records"
    assert "fls_session=opaque" in str(answer.headers.getlist("Set-Cookie"))


def test_the_first_sign_in_shows_a_qr_code_and_then_the_recovery_codes(
    visitor: Person, services: FakeServices
) -> None:
    page = begin(visitor, services, "enrolment")
    assert QR in page and "GEZD GNBV" in page and "otpauth:" not in page
    services.replies[FINISH] = {
        "session": "opaque",
        "account": ACCOUNT,
        "recovery_codes": signing_in.CODES,
    }
    answer = send(visitor, page, "123456")
    assert answer.status_code == 200 and "fls_session=opaque" in answer.headers["Set-Cookie"]
    assert all(code in answer.text for code in signing_in.CODES)
    assert 'href="/records"' in answer.text
    check(answer.text)


@pytest.mark.parametrize("wants", ["code", "enrolment"])
@pytest.mark.parametrize(
    ("reply", "status", "words"),
    [
        (problem(422, errors={"code": ["This code is not right."]}), 422, "This code is not right"),
        (problem(429, detail="Try again in 9 seconds."), 429, "Try again in 9 seconds."),
        (problem(401, detail="This sign-in has ended."), 401, "This sign-in has ended."),
    ],
)
def test_a_refused_code_is_told_and_what_was_shown_stays(
    visitor: Person, services: FakeServices, wants: str, reply: Any, status: int, words: str
) -> None:
    page = begin(visitor, services, wants)
    services.replies[FINISH] = reply
    answer = send(visitor, page, "999999")
    assert answer.status_code == status and words in answer.text
    assert 'value="/records"' in answer.text, "where the person wanted to go"
    assert (QR in answer.text) == (wants == "enrolment" and status != 401)
    check(answer.text)


def test_an_empty_code_asks_nobody(visitor: Person, services: FakeServices) -> None:
    answer = send(visitor, begin(visitor, services), "  ")
    assert answer.status_code == 422 and "Enter the code" in answer.text
    assert FINISH not in [(method, path) for method, path, _ in services.calls]


def test_a_code_without_a_sign_in_begins_at_the_beginning(visitor: Person) -> None:
    assert visitor.get("/sign-in/code").headers["Location"] == "/sign-in"


def test_another_app_is_set_up_from_ones_own_account(lead: Person, services: FakeServices) -> None:
    assert "9 of 10 recovery codes" in lead.get("/account").text
    check(lead.get("/account/app").text)
    page = lead.post("/account/app", {"password": "right words"}).text
    assert QR in page
    check(page)
    form = fields_sent(page).to_dict()
    services.replies["PUT", "/registration/v1/me/second-factor"] = problem(
        422, errors={"code": ["This code is not right."]}
    )
    again = lead.post("/account/app/code", form | {"code": "000000"})
    assert again.status_code == 422 and QR in again.text
    check(again.text)
    services.replies["PUT", "/registration/v1/me/second-factor"] = {
        "recovery_codes": signing_in.CODES
    }
    done = lead.post("/account/app/code", form | {"code": "123456"})
    assert signing_in.CODES[9] in done.text
    check(done.text)


def test_an_address_that_is_none_of_an_app_is_not_drawn(lead: Person) -> None:
    form = {"secret": "x", "address": "https://elsewhere.example", "code": "123456"}
    assert lead.post("/account/app/code", form).headers["Location"] == "/account/app"


@pytest.mark.parametrize(
    ("page", "path"),
    [("/account/app", "enrolment"), ("/account/recovery-codes", "recovery-codes")],
)
def test_a_wrong_password_is_told(
    lead: Person, services: FakeServices, page: str, path: str
) -> None:
    asked = "POST", f"/registration/v1/me/second-factor/{path}"
    services.replies[asked] = problem(422, errors={"password": ["This is not your password."]})
    answer = lead.post(page, {"password": "x"})
    assert answer.status_code == 422 and "This is not your password." in answer.text
    check(answer.text)
    services.replies[asked] = problem(429, detail="Try again in 9 seconds.")
    assert lead.post(page, {"password": "x"}).status_code == 429


def test_new_recovery_codes_are_shown(lead: Person) -> None:
    text = lead.post("/account/recovery-codes", {"password": "right words"}).text
    assert signing_in.CODES[0] in text
    check(text)


def test_a_lead_takes_a_lost_app_away(lead: Person, services: FakeServices) -> None:
    services.replies["GET", "/registration/v1/people"]["items"][1] = PERSON | {"state": "active"}
    path = f"/people/{PERSON_ID}"
    assert "Take the lost app away" in lead.get(path).text
    answer = lead.post(f"{path}/second-factor/removal")
    assert "notice=app-taken" in answer.headers["Location"]
    assert "The lost app no longer counts" in lead.get(answer.headers["Location"]).text


def test_the_audit_team_takes_a_lost_app_away(team: Person) -> None:
    answer = team.post(f"/accounts/{OTHER_ACCOUNT_ID}/second-factor/removal")
    assert answer.headers["Location"] == f"/accounts/{OTHER_ACCOUNT_ID}?notice=app-taken"
    assert "The lost app no longer counts" in team.get(answer.headers["Location"]).text
