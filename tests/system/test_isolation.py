"""Each person is themselves, through the same nginx, and a site sees nothing of another."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest

from tests.system.conftest import Live, Person, sample_file


@pytest.fixture(scope="module")
def other(live: Live) -> Person:
    """The lead of a second site, which has records of its own."""
    person = live.new_site("Other Hospital")
    assert live.import_whole(person, sample_file(60, 31, person.site_code))["state"] == "applied"
    return person


def test_a_site_sees_nothing_of_another_over_the_api(live: Live, other: Person) -> None:
    mine = live.site_lead()
    for first, second in ((mine, other), (other, mine)):
        records = first.client.get("/api/records/v1/records", params={"page_size": 100}).json()
        imports = first.client.get("/api/imports/v1/imports").json()
        assert records["items"] and imports["items"]
        record, import_ = records["items"][0]["record_id"], imports["items"][0]["import_id"]
        get, post = second.client.get, second.client.post
        for path in (
            f"/api/records/v1/records/{record}",
            f"/api/records/v1/imports/{import_}/ledger",
            f"/api/imports/v1/imports/{import_}",
            f"/api/imports/v1/imports/{import_}/findings",
            f"/api/imports/v1/imports/{import_}/finding-groups",
        ):
            assert get(path).status_code == 404, path
            assert first.client.get(path).status_code == 200, path
        for verb in ("confirmation", "cancellation"):
            answer = post(f"/api/imports/v1/imports/{import_}/{verb}", json={})
            assert answer.status_code == 404, verb


def test_two_people_within_five_seconds_are_each_themselves(live: Live, other: Person) -> None:
    mine, team = live.site_lead(), live.audit_team()
    for _ in range(3):
        for person in (mine, other, team):
            me = person.client.get("/api/registration/v1/me").json()
            assert me["email"] == person.email
    assert mine.client.get("/api/registration/v1/applications").status_code == 403
    assert team.client.get("/api/registration/v1/applications").status_code == 200
    assert team.client.get("/api/records/v1/records").status_code == 403


def test_a_forged_identity_is_overwritten(live: Live, other: Person) -> None:
    with live.client() as visitor:
        forged = {"X-FLS-Identity": "eyJhbGciOiJFZERTQSJ9.e30.x"}
        assert visitor.get("/api/records/v1/records", headers=forged).status_code == 401
        assert visitor.get("/api/registration/v1/openapi.json", headers=forged).status_code == 200
    me = other.client.get("/api/registration/v1/me", headers=forged)
    assert me.json()["email"] == other.email


def test_the_cookie_opens_pages_only_and_the_bearer_the_api_only(live: Live, other: Person) -> None:
    session = other.client.headers["Authorization"].removeprefix("Bearer ")
    with live.client() as visitor:
        cookie = {"Cookie": f"fls_session={session}"}
        assert visitor.get("/records", headers=cookie).status_code == 200
        assert visitor.get("/api/records/v1/records", headers=cookie).status_code == 401
        bearer = {"Authorization": f"Bearer {session}"}
        assert visitor.get("/records", headers=bearer).status_code in (302, 303)


def test_another_sites_pages_are_not_found(live: Live, other: Person) -> None:
    mine = live.site_lead()
    record = mine.client.get("/api/records/v1/records").json()["items"][0]["record_id"]
    session = other.client.headers["Authorization"].removeprefix("Bearer ")
    with live.client(Cookie=f"fls_session={session}") as visitor:
        assert visitor.get(f"/records/{record}").status_code == 404
        assert visitor.get(f"/imports/{live.outcome['import_id']}").status_code == 404
        listed = visitor.get("/imports").text
    assert live.outcome["import_id"] not in listed


def test_a_switched_off_account_is_out_after_five_seconds(live: Live) -> None:
    person = live.new_site("Leaving Hospital", has_fls=False)
    team = live.audit_team()
    assert person.client.get("/api/registration/v1/me").status_code == 200
    path = f"/api/registration/v1/accounts/{person.account_id}/switch-off"
    assert team.client.post(path, json={}).status_code in (200, 204)
    time.sleep(5.5)
    assert person.client.get("/api/registration/v1/me").status_code == 401


def test_what_is_private_is_not_served(live: Live) -> None:
    with live.client() as visitor:
        for path in ("/metrics", "/internal/identity", "/health/ready", "/pages/upload"):
            assert visitor.get(path).status_code == 404, path
        assert visitor.get(f"/records/{uuid4()}").status_code in (302, 303)


def test_a_site_without_an_fls_takes_no_part_in_the_patient_audit(live: Live) -> None:
    person = live.new_site("Facilities Only Hospital", has_fls=False)
    assert person.client.get("/api/records/v1/records").status_code == 403
    answer = person.client.post("/api/imports/v1/imports", content=b"x")
    assert answer.status_code == 403
    current = live.until(
        lambda: _ok(person, "/api/facilities/v1/rounds/current"),
    )
    assert current["round_id"]


def _ok(person: Person, path: str) -> dict[str, str] | None:
    answer = person.client.get(path)
    return dict(answer.json()) if answer.status_code == 200 else None
