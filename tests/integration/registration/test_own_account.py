"""One's own sessions and password."""

from __future__ import annotations

from typing import Any

from tests.factories.registration import PASSWORD

NEW = "six brave kettles singing"


def sessions(person: Any) -> list[dict[str, Any]]:
    return list(person("GET", "/sessions").json["items"])


def test_one_sees_and_ends_ones_own_sessions_alone(
    site: Any, other_site: Any, sign_in: Any
) -> None:
    second = sign_in(site.email)
    found = sessions(site.lead)
    assert [each["is_current"] for each in found].count(True) == 1
    assert len(found) == 2 and found[0]["site_name"]
    (other,) = [each for each in found if not each["is_current"]]
    strangers = sessions(other_site.lead)[0]["session_id"]
    assert site.lead("DELETE", f"/sessions/{strangers}").status_code == 404
    for _ in range(2):
        assert site.lead("DELETE", f"/sessions/{other['session_id']}").status_code == 204
    assert second("GET", "/me").status_code == 401
    assert other_site.lead("GET", "/me").status_code == 200
    assert len(sessions(site.lead)) == 1


def test_all_others_end_at_once(site: Any, other_site: Any, sign_in: Any) -> None:
    others = [sign_in(site.email) for _ in range(2)]
    for _ in range(2):
        assert site.lead("DELETE", "/sessions/others").status_code == 204
    assert [other("GET", "/me").status_code for other in others] == [401, 401]
    assert site.lead("GET", "/me").status_code == 200
    assert other_site.lead("GET", "/me").status_code == 200


def change(person: Any, password: str, new: str = NEW) -> Any:
    return person("PUT", "/me/password", json={"password": password, "new_password": new})


def test_a_password_is_changed_and_the_other_sessions_end(
    site: Any, sign_in: Any, visitor: Any
) -> None:
    other = sign_in(site.email)
    assert change(site.lead, PASSWORD).status_code == 204
    assert site.lead("GET", "/me").status_code == 200
    assert other("GET", "/me").status_code == 401
    sign_in(site.email, NEW)
    body = {"email": site.email, "password": PASSWORD}
    assert visitor("POST", "/sessions", json=body).status_code == 401


def test_the_present_password_is_asked_for_and_guessing_it_is_held_off(site: Any) -> None:
    for _ in range(5):
        answer = change(site.lead, "not the present one")
        assert answer.status_code == 422 and "password" in answer.json["errors"]
    assert change(site.lead, PASSWORD).status_code == 429


def test_the_new_one_must_be_good(site: Any, sign_in: Any) -> None:
    answer = change(site.lead, PASSWORD, "short")
    assert answer.status_code == 422 and "new_password" in answer.json["errors"]
    sign_in(site.email)
