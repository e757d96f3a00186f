"""Sites that are suspended, reinstated, get or lose a service, or another code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.factories.registration import day


def rights(person: Any) -> set[str]:
    answer = person("GET", "/me")
    return set(answer.json["rights"])


def told(look: Any) -> list[dict[str, Any]]:
    """What the other services were told about sites, the oldest first."""
    query = "SELECT body FROM outbox_event WHERE name = %s ORDER BY position"
    return [
        json.loads(bytes(row["body"])) for row in look.rows(query, "registration.site_changed.v1")
    ]


def test_a_suspended_site_can_do_nothing_until_it_is_reinstated(
    site: Any, other_site: Any, team: Any, look: Any
) -> None:
    before = rights(site.lead)
    path = f"/sites/{site.site_id}"
    for _ in range(2):
        answer = team("POST", f"{path}/suspension", json={"reason": "Data were mixed up."})
        assert answer.json["state"] == "suspended"
    assert rights(site.lead) == set() and rights(other_site.lead)
    assert team("POST", f"{path}/suspension", json={"reason": " "}).status_code == 422
    for _ in range(2):
        assert team("POST", f"{path}/reinstatement", json={}).json["state"] == "approved"
    assert rights(site.lead) == before
    states = [one["state"] for one in told(look) if one["site_id"] == str(site.site_id)]
    assert states == ["approved", "suspended", "approved"]
    kinds = look.rows(
        "SELECT kind, to_address FROM mail WHERE kind LIKE 'site\\_%%' ORDER BY mail_id"
    )
    assert [row["kind"] for row in kinds] == ["site_suspended", "site_reinstated"]
    assert {row["to_address"] for row in kinds} == {site.email}


def test_a_service_that_starts_brings_the_patient_audit_and_its_end_takes_it(
    other_site: Any, team: Any, look: Any
) -> None:
    path = f"/sites/{other_site.site_id}/participation"
    start = {"has_fls": True, "fls_name": "New service", "valid_from": day().isoformat()}
    for _ in range(2):
        changed = team("PUT", path, json=start)
        assert changed.status_code == 200 and changed.json["patient_audit"] is True
    assert "records.import" in rights(other_site.lead)
    end = {"has_fls": False, "valid_from": day().isoformat()}
    assert team("PUT", path, json=end).json["patient_audit"] is False
    assert "records.import" not in rights(other_site.lead)
    history = team("GET", f"/sites/{other_site.site_id}/history").json
    assert [one["has_fls"] for one in history["participation"]] == [False, True, False]
    assert [one["what"] for one in history["events"]] == ["participation_changed"] * 2
    query = "SELECT count(*) FROM mail WHERE kind = 'participation_changed'"
    assert look.value(query) == 2


@pytest.mark.parametrize(("days", "words"), [(1, "a day that has come"), (-1, "a day not before")])
def test_a_change_of_participation_has_a_possible_day(
    site: Any, team: Any, days: int, words: str
) -> None:
    body = {"has_fls": False, "valid_from": day(days).isoformat()}
    answer = team("PUT", f"/sites/{site.site_id}/participation", json=body)
    assert answer.status_code == 422 and words in answer.json["errors"]["valid_from"][0]


def test_another_ods_code_takes_the_place_of_the_first_which_stays_known(
    make_site: Any, team: Any, look: Any
) -> None:
    site, other = make_site(ods_code="RX1"), make_site(ods_code="RX2")
    path = f"/sites/{site.site_id}/ods-code"
    body = {"ods_code": "rx 301", "valid_from": day().isoformat()}
    for _ in range(2):
        assert team("PUT", path, json=body).status_code == 200
    codes = team("GET", f"/sites/{site.site_id}/history").json["codes"]
    assert {(one["code"], one["valid_to"]) for one in codes} == {
        ("RX301", None),
        ("RX1", day().isoformat()),
    }
    assert told(look)[-1]["organisation_codes"] == [{"scheme": "ods", "code": "RX301"}]
    taken = team("PUT", path, json=body | {"ods_code": "RX2"})
    assert taken.status_code == 409 and "ods_code" in taken.json["errors"]
    assert team("PUT", path, json=body | {"ods_code": "hello"}).status_code == 422
    early = body | {"ods_code": "RX4", "valid_from": day(-9).isoformat()}
    assert team("PUT", path, json=early).status_code == 422
    assert other.code


def test_participation_is_stated_for_the_own_site_and_by_the_audit_team_for_all(
    site: Any, other_site: Any, team: Any
) -> None:
    period = f"begins={day(-9)}&ends={day(9)}"

    def asked(person: Any, of: Any, query: str = period) -> Any:
        return person("GET", f"/sites/{of.site_id}/participation-statement?{query}")

    own = asked(site.lead, site).json
    days = {"first_day": day().isoformat(), "last_day": day(9).isoformat()}
    assert own["patient_audit"] == own["facilities_audit"] == {"eligible": True, **days}
    without = asked(team, other_site).json
    assert without["patient_audit"]["eligible"] is False
    assert without["facilities_audit"]["first_day"] == day().isoformat()
    assert asked(site.lead, other_site).status_code == 404
    assert asked(site.lead, site, "begins=2026-01-02&ends=2026-01-01").status_code == 422
