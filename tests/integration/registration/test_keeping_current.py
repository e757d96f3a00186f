"""Accounts that nobody uses, leads who go, lists of people confirmed, tokens replaced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.registration.actions.keeping_current import remind_leads, treat_unused
from services.registration.domain.currency import fate_of
from services.shared.db import transaction
from tests.integration.registration.conftest import DESK, Api

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("unused_days", "warned_days_ago", "fate"),
    [
        (75, None, None), (76, None, "warn"), (76, 80, "warn"), (400, None, "warn"),
        (89, 13, None), (90, 13, None), (90, 14, "switch_off"), (400, 1, None),
        (400, 14, "switch_off"), (10, 20, None),
    ],
)  # fmt: skip
def test_nobody_is_switched_off_without_a_warning_a_fortnight_before(
    unused_days: int, warned_days_ago: int | None, fate: str | None
) -> None:
    warned = None if warned_days_ago is None else NOW - timedelta(days=warned_days_ago)
    last_used = NOW - timedelta(days=unused_days)
    assert fate_of(last_used=last_used, warned_at=warned, now=NOW) == fate


def treat(engine: Any, days: int) -> int:
    """What happens when nobody has done anything for so many days."""
    with transaction(engine) as session:
        return len(treat_unused(session, desk=DESK, now=datetime.now(UTC) + timedelta(days=days)))


def test_an_unused_account_is_warned_once_and_then_switched_off(
    engine: Any, site: Any, team: Any, look: Any
) -> None:
    assert treat(engine, 75) == 0
    assert [treat(engine, 77), treat(engine, 78), treat(engine, 90)] == [2, 0, 0]
    assert look.value("SELECT count(*) FROM mail WHERE kind = 'unused_warning'") == 2
    assert [treat(engine, 91), treat(engine, 92)] == [2, 0]
    assert site.lead("GET", "/me").status_code == 401
    query = "SELECT count(*) FROM audit_log WHERE what = 'account_switched_off'"
    assert look.value(query) == 2


def test_signing_in_or_being_switched_on_begins_anew(
    engine: Any, site: Any, team: Any, look: Any
) -> None:
    treat(engine, 77)
    look.rows("UPDATE account SET last_signed_in_at = now() + interval '80 days'")
    assert treat(engine, 92) == 0
    look.rows("UPDATE account SET last_signed_in_at = now() - interval '400 days'")
    look.rows("UPDATE account SET switched_on_at = now()")
    assert treat(engine, 1) == 0


def test_a_program_at_work_is_use_of_the_account_that_gave_it_its_token(
    engine: Any, site: Any, other_site: Any, look: Any
) -> None:
    made = site.lead("POST", "/tokens", json={"name": "x", "expires_in_days": 90}).json
    assert Api(site.lead.app, made["token"]).identity().status_code == 200
    look.rows("UPDATE account SET last_signed_in_at = now() - interval '400 days'")
    assert treat(engine, 0) == 2, "the other lead and the audit team; not this one"


def test_the_list_of_people_is_confirmed_twice_a_year(
    site: Any, other_site: Any, look: Any
) -> None:
    assert site.lead("GET", "/people/confirmation").json["is_due"] is False
    look.rows("UPDATE site SET approved_at = now() - interval '183 days'")
    assert site.lead("GET", "/people/confirmation").json["is_due"] is True
    for _ in range(2):
        assert site.lead("POST", "/people/confirmation", json={}).json["is_due"] is False
    assert site.lead("GET", "/people/confirmation").json["is_due"] is False
    assert other_site.lead("GET", "/people/confirmation").json["is_due"] is True


def test_leads_are_reminded_once_in_thirty_days(
    engine: Any, site: Any, other_site: Any, look: Any
) -> None:
    def remind(days: int) -> int:
        later = datetime.now(UTC) + timedelta(days=days)
        with transaction(engine) as session:
            return remind_leads(session, desk=DESK, now=later)

    assert remind(180) == 0
    look.rows("UPDATE site SET approved_at = now() - interval '183 days'")
    assert [remind(0), remind(0), remind(29)] == [2, 0, 0]
    site.lead("POST", "/people/confirmation", json={})
    assert remind(31) == 1, "the other site's lead alone"


@pytest.mark.parametrize("own_role", ["clinician", None])
def test_a_lead_hands_the_site_over(
    site: Any, add_person: Any, own_role: str | None, look: Any
) -> None:
    heir = add_person(site, "clinician", email="heir@example.org")
    body = {"account_id": heir.account_id, "own_role": own_role}
    assert site.lead("POST", "/people/transfer", json=body).status_code == 204
    assert "site.manage" in heir("GET", "/me").json["rights"]
    me = site.lead("GET", "/me")
    if own_role is None:
        assert me.status_code == 401
    else:
        assert me.json["roles"] == ["clinician"]
    again = site.lead("POST", "/people/transfer", json=body)
    assert again.status_code in (401, 403)


def test_a_site_is_not_handed_to_who_cannot_lead_it(
    site: Any, other_site: Any, add_person: Any, look: Any
) -> None:
    stranger = add_person(other_site, "facilities_respondent", email="far@example.org")
    person = add_person(site, "clinician", email="near@example.org")
    lead_id = look.value("SELECT account_id FROM account WHERE email = %s", site.email)

    def hand(account_id: Any, own_role: str | None = None) -> int:
        body = {"account_id": str(account_id), "own_role": own_role}
        return int(site.lead("POST", "/people/transfer", json=body).status_code)

    assert hand(stranger.account_id) == 404 and hand(lead_id) == 409
    assert hand(person.account_id, "site_lead") == 422
    assert hand(person.account_id, "audit_team") == 422
    look.rows("UPDATE account SET password_hash = NULL WHERE email = 'near@example.org'")
    assert hand(person.account_id) == 409
    assert "site.manage" in site.lead("GET", "/me").json["rights"]


def test_anyone_leaves_a_site_but_its_last_lead(site: Any, add_person: Any) -> None:
    person = add_person(site, "clinician", email="leaver@example.org")
    assert person("DELETE", "/me/site").status_code == 204
    assert person("GET", "/me").status_code == 401
    assert site.lead("DELETE", "/me/site").status_code == 409
    listed = site.lead("GET", "/people").json["items"]
    assert [one["is_here"] for one in listed if one["name"].startswith("Sam c")] == [False]


def test_a_token_is_replaced_without_a_gap(site: Any, look: Any) -> None:
    body = {"name": "Ward", "expires_in_days": 90, "rights": ["records.read"]}
    old = site.lead("POST", "/tokens", json=body).json
    path = f"/tokens/{old['token_id']}/rotation"
    new = site.lead("POST", path, json={"overlap_days": 2})
    assert new.status_code == 201 and new.json["rights"] == ["records.read"]
    for token in (old["token"], new.json["token"]):
        assert Api(site.lead.app, token).identity().status_code == 200
    assert site.lead("POST", path, json={}).status_code == 409
    look.rows("UPDATE api_token SET expires_at = expires_at - interval '3 days'")
    assert Api(site.lead.app, old["token"]).identity().status_code == 401
    assert Api(site.lead.app, new.json["token"]).identity().status_code == 200
    listed = {one["token_id"]: one for one in site.lead("GET", "/tokens").json["items"]}
    assert listed[old["token_id"]]["replaced_by"] == new.json["token_id"]


def test_a_token_that_ends_soon_does_not_live_longer_by_being_replaced(
    site: Any, look: Any
) -> None:
    old = site.lead("POST", "/tokens", json={"name": "x", "expires_in_days": 1}).json
    site.lead("POST", f"/tokens/{old['token_id']}/rotation", json={"overlap_days": 30})
    query = "SELECT expires_at < now() + interval '1 day' FROM api_token WHERE api_token_id = %s"
    assert look.value(query, old["token_id"])


def test_who_waits_for_the_end_of_a_warning_keeps_nobody_from_theirs(
    engine: Any, site: Any, other_site: Any, team: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.registration.actions.keeping_current.ACCOUNTS_AT_ONCE", 1)
    assert [treat(engine, 77) for _ in range(4)] == [1, 1, 1, 0]
