"""Wrong passwords: held off before anything is hashed, and never to the harm of the owner."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.registration import PASSWORD

WRONG = "three wrong words here"


def attempt(visitor: Any, email: str, password: str = WRONG, device: str | None = None) -> Any:
    body = {"email": email, "password": password}
    if device is not None:
        body["device"] = device
    return visitor("POST", "/sessions", json=body)


@pytest.fixture
def enter(visitor: Any, telephone: Any) -> Any:
    """Signs in with password and code."""

    def do(email: str, device: str | None = None) -> Any:
        answer = attempt(visitor, email, PASSWORD, device)
        if answer.status_code != 202:
            return answer
        body = {"waiting": answer.json["waiting"], "code": telephone.code(email)}
        if device is not None:
            body["device"] = device
        return visitor("POST", "/sessions/second-factor", json=body)

    return do


def wait_over(look: Any) -> None:
    look.rows("UPDATE sign_in_failure SET failed_at = failed_at - interval '6 minutes'")


@pytest.mark.parametrize("known", [True, False])
def test_the_sixth_attempt_has_to_wait_whoever_it_is(
    visitor: Any, site: Any, look: Any, known: bool
) -> None:
    email = site.email if known else "nobody@example.org"
    for _ in range(5):
        assert attempt(visitor, email).status_code == 401
    held = attempt(visitor, email.upper(), PASSWORD)
    assert held.status_code == 429
    assert 1 <= int(held.headers["Retry-After"]) <= 5
    assert "choose a new password" in held.json["detail"]


def test_what_is_held_off_costs_no_hash_and_is_not_counted(
    visitor: Any, site: Any, look: Any, monkeypatch: pytest.MonkeyPatch, app: Any
) -> None:
    for _ in range(5):
        attempt(visitor, site.email)
    before = look.value("SELECT failures FROM sign_in_failure")
    hashing = type(app.extensions["fls"].hashing)
    monkeypatch.setattr(hashing, "verify", lambda *_: pytest.fail("it was hashed"))
    assert attempt(visitor, site.email).status_code == 429
    assert look.value("SELECT failures FROM sign_in_failure") == before


def test_after_the_wait_the_right_password_counts_anew(visitor: Any, site: Any, look: Any) -> None:
    for _ in range(5):
        attempt(visitor, site.email)
    wait_over(look)
    assert attempt(visitor, site.email, PASSWORD).status_code == 202
    assert look.count("sign_in_failure") == 0
    for _ in range(4):
        assert attempt(visitor, site.email).status_code == 401


def test_each_wrong_one_after_that_doubles_the_wait(visitor: Any, site: Any, look: Any) -> None:
    for _ in range(5):
        attempt(visitor, site.email)
    for _ in range(3):
        wait_over(look)
        assert attempt(visitor, site.email).status_code == 401
    assert 30 < int(attempt(visitor, site.email).headers["Retry-After"]) <= 40
    look.rows("UPDATE sign_in_failure SET failed_at = failed_at - interval '61 minutes'")
    assert attempt(visitor, site.email).status_code == 401
    assert look.value("SELECT failures FROM sign_in_failure") == 1


def test_a_stranger_does_not_keep_the_owner_out(visitor: Any, site: Any, enter: Any) -> None:
    device = enter(site.email).json["device"]
    for _ in range(6):
        attempt(visitor, site.email)
    assert attempt(visitor, site.email, PASSWORD).status_code == 429
    again = enter(site.email, device)
    assert (again.status_code, again.json["device"]) == (201, None)
    for _ in range(5):
        assert attempt(visitor, site.email, WRONG, device).status_code == 401
    assert attempt(visitor, site.email, PASSWORD, device).status_code == 429


def test_a_device_helps_with_its_own_account_alone(
    visitor: Any, site: Any, other_site: Any, enter: Any
) -> None:
    device = enter(other_site.email).json["device"]
    for _ in range(5):
        attempt(visitor, site.email, WRONG, device)
    assert attempt(visitor, site.email, PASSWORD, device).status_code == 429
    assert attempt(visitor, site.email, PASSWORD, "fls_d_made-up").status_code == 429


def test_a_new_password_can_be_chosen_meanwhile(visitor: Any, site: Any, look: Any) -> None:
    for _ in range(5):
        attempt(visitor, site.email)
    wish = visitor("POST", "/password-resets", json={"email": site.email})
    assert wish.status_code == 204


def test_a_browser_that_is_new_to_the_account_is_told_by_mail(
    visitor: Any, site: Any, look: Any, enter: Any
) -> None:
    def mails() -> int:
        return int(look.value("SELECT count(*) FROM mail WHERE kind = 'new_device'"))

    assert mails() == 0, "the first sign-in ever is no news"
    device = enter(site.email).json["device"]
    assert mails() == 1
    enter(site.email, device)
    assert mails() == 1
    body = look.value("SELECT body FROM mail WHERE kind = 'new_device'")
    assert "/forgotten-password" in body


def test_nothing_that_is_kept_names_an_address_or_a_device(
    visitor: Any, site: Any, look: Any, enter: Any
) -> None:
    attempt(visitor, site.email)
    device = enter(site.email).json["device"]
    attempt(visitor, site.email)
    kept = str(look.rows("SELECT * FROM sign_in_failure")) + str(
        look.rows("SELECT * FROM known_device")
    )
    assert site.email not in kept and device not in kept
