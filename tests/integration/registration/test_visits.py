"""The audit team acting at a site: with a reason, for an hour, on a session of its own."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.registration.admin import main
from services.registration.domain.roles import (
    NATIONAL_RIGHTS,
    VISIT_FACILITIES_RIGHTS,
    VISIT_RECORD_RIGHTS,
    VISIT_SITE_RIGHTS,
    Role,
)
from services.shared.identity import HEADER, Actor
from tests.integration.registration.conftest import TEAM_EMAIL, Api, MadeSite

WHY = "Help with the import of May"
NATIONAL = NATIONAL_RIGHTS[Role.AUDIT_TEAM]
AT_A_SITE = VISIT_RECORD_RIGHTS | VISIT_FACILITIES_RIGHTS | VISIT_SITE_RIGHTS


def ask(caller: Api, site: MadeSite, reason: Any = WHY) -> TestResponse:
    body = {"site_id": str(site.site_id), "reason": reason}
    return caller("POST", "/sessions/current/visit", json=body)


def visit(caller: Api, site: MadeSite) -> Api:
    answer = ask(caller, site)
    assert answer.status_code == 201, answer.text
    return Api(caller.app, answer.json["session"])


def actor_of(caller: Api, verifier: Any) -> Actor:
    actor: Actor = verifier.verify(caller.identity().headers[HEADER])
    return actor


def test_a_visit_gives_a_sites_rights_beside_the_national_ones(team, site, verifier) -> None:
    before = actor_of(team, verifier)
    assert (before.site_id, before.visit_id, before.rights) == (None, None, NATIONAL)
    there = visit(team, site)
    actor = actor_of(there, verifier)
    assert actor.site_id == site.site_id and actor.visit_id is not None
    assert actor.rights == NATIONAL | AT_A_SITE
    me = there("GET", "/me").json
    assert me["site"]["site_id"] == str(site.site_id)
    assert me["visit"]["visit_id"] == str(actor.visit_id) and me["visit"]["reason"] == WHY
    assert set(me["rights"]) == actor.rights


def test_beginning_and_ending_each_give_a_new_session_and_end_the_old(team, site, look) -> None:
    there = visit(team, site)
    assert there.credential != team.credential
    assert team.identity().status_code == 401
    ended = there("DELETE", "/sessions/current/visit")
    assert ended.status_code == 200
    back = Api(team.app, ended.json["session"])
    assert there.identity().status_code == 401
    me = back("GET", "/me").json
    assert me["site"] is None and me["visit"] is None and set(me["rights"]) == NATIONAL
    row = look.rows("SELECT * FROM visit")[0]
    assert row["ended_at"] is not None and row["end_reason"] == "visit ended"
    assert len({one["csrf"] for one in look.rows("SELECT csrf FROM session")}) == 4


def test_no_session_outlives_the_sign_in_it_came_from(team, site, look) -> None:
    visit(team, site)("DELETE", "/sessions/current/visit")
    query = "SELECT DISTINCT expires_at FROM session JOIN account USING (account_id) "
    assert len(look.rows(query + "WHERE email = %s", TEAM_EMAIL)) == 1


def test_a_visit_ends_by_itself_after_an_hour_and_national_rights_are_left(
    team, site, look, verifier
) -> None:
    there = visit(team, site)
    lasts = look.value("SELECT ends_at - started_at FROM visit")
    assert lasts.total_seconds() == 3600
    look.rows(
        "UPDATE visit SET started_at = started_at - interval '61 minutes', "
        "ends_at = ends_at - interval '61 minutes'"
    )
    actor = actor_of(there, verifier)
    assert (actor.site_id, actor.visit_id, actor.rights) == (None, None, NATIONAL)
    assert there("GET", "/me").json["visit"] is None
    # Ending what is over is harmless, and is not written down as the visitor's deed.
    assert there("DELETE", "/sessions/current/visit").status_code == 200
    assert look.value("SELECT count(*) FROM audit_log WHERE what = 'visit_ended'") == 0
    assert look.value("SELECT ended_at FROM visit") is None


def test_a_visit_ends_with_its_session_at_the_latest(team, site, look) -> None:
    look.rows("UPDATE session SET expires_at = now() + interval '5 minutes'")
    visit(team, site)
    assert look.value("SELECT ends_at FROM visit") == look.value(
        "SELECT expires_at FROM session WHERE visit_id IS NOT NULL"
    )


def test_visiting_another_site_ends_the_visit_before(team, site, other_site, look) -> None:
    first = visit(team, site)
    second = visit(first, other_site)
    assert first.identity().status_code == 401
    assert second("GET", "/me").json["site"]["site_id"] == str(other_site.site_id)
    rows = look.rows("SELECT site_id, ended_at FROM visit ORDER BY visit_id")
    assert [(row["site_id"], row["ended_at"] is None) for row in rows] == [
        (site.site_id, False),
        (other_site.site_id, True),
    ]
    lines = look.rows("SELECT what, site_id FROM audit_log WHERE what LIKE 'visit%%' ORDER BY 1, 2")
    assert sorted((one["what"], one["site_id"]) for one in lines) == sorted(
        [
            ("visit_begun", site.site_id),
            ("visit_begun", other_site.site_id),
            ("visit_ended", site.site_id),
        ]
    )


def test_a_site_without_an_fls_shows_its_visitor_no_records(team, other_site, verifier) -> None:
    rights = actor_of(visit(team, other_site), verifier).rights
    assert rights == NATIONAL | VISIT_FACILITIES_RIGHTS | VISIT_SITE_RIGHTS


def test_pressed_twice_it_is_one_visit_that_the_last_answer_opens(team, site, look) -> None:
    # The edge still knows the session that the first press ended.
    headers = {HEADER: team.identity().headers[HEADER]}
    body = {"site_id": str(site.site_id), "reason": WHY}
    path = "/api/registration/v1/sessions/current/visit"
    client = team.app.test_client()
    first, second = (client.post(path, json=body, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert Api(team.app, first.json["session"]).identity().status_code == 401
    assert Api(team.app, second.json["session"])("GET", "/me").json["visit"]
    assert look.value("SELECT count(*) FROM visit WHERE ended_at IS NULL") == 1


def test_a_session_that_was_signed_out_opens_nothing(team, site) -> None:
    headers = {HEADER: team.identity().headers[HEADER]}
    assert team("DELETE", "/sessions/current").status_code == 204
    body = {"site_id": str(site.site_id), "reason": WHY}
    path = "/api/registration/v1/sessions/current/visit"
    assert team.app.test_client().post(path, json=body, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("", "Say why"),
        ("too short", "at least 10"),
        ("x" * 301, "at most 300"),
        ("look at 9990000018 please", "long number"),
        ("look at 999 000 0018 please", "long number"),
        ("look at 999-000-0018 please", "long number"),
        ("two\nlines of a reason", "line breaks"),
        (7, "Say why"),
        (None, "Say why"),
    ],
)
def test_a_reason_is_words_without_a_patients_number(team, site, look, reason, words) -> None:
    answer = ask(team, site, reason)
    assert answer.status_code == 422
    assert words in str(answer.json["errors"]["reason"])
    assert look.count("visit") == 0
    assert team.identity().status_code == 200


def test_only_an_active_site_is_visited(team, site, look) -> None:
    body = {"site_id": "01890000-0000-7000-8000-000000000000", "reason": WHY}
    assert team("POST", "/sessions/current/visit", json=body).status_code == 404
    look.rows("UPDATE site SET state = 'suspended'")
    answer = ask(team, site)
    assert answer.status_code == 409 and "suspended" in answer.json["detail"]


def test_a_site_suspended_meanwhile_leaves_national_rights(team, site, look, verifier) -> None:
    there = visit(team, site)
    look.rows("UPDATE site SET state = 'suspended'")
    assert actor_of(there, verifier).rights == NATIONAL


@pytest.mark.parametrize("role", ["auditor", "system_admin"])
def test_nobody_else_visits(site, national, add_person, role) -> None:
    for caller in (national(role), site.lead, add_person(site, "clinician")):
        assert ask(caller, site).status_code == 403
        assert caller("DELETE", "/sessions/current/visit").status_code == 403


@pytest.mark.parametrize("how", ["signs out", "is switched off", "chooses a new password"])
def test_a_visit_ends_with_its_session(team, site, look, national, settings, visitor, how) -> None:
    there = visit(team, site)
    if how == "signs out":
        there("DELETE", "/sessions/current")
    elif how == "is switched off":
        account_id = look.value("SELECT account_id FROM account WHERE email = %s", TEAM_EMAIL)
        other = national("system_admin")
        assert other("POST", f"/accounts/{account_id}/switch-off").status_code == 200
    else:
        assert main(["create", TEAM_EMAIL], settings) == 0
        body = {"link": look.link_for(TEAM_EMAIL), "password": "four yellow bicycles"}
        assert visitor("POST", "/passwords", json=body).status_code == 204
    assert there.identity().status_code == 401
    assert look.value("SELECT ended_at FROM visit") is not None


def test_the_visit_is_logged_with_its_reason_and_told_to_the_site(
    team, site, other_site, add_person, look, verifier
) -> None:
    there = visit(team, site)
    visit_id = actor_of(there, verifier).visit_id
    there("DELETE", "/sessions/current/visit")
    lines = look.rows("SELECT * FROM audit_log WHERE subject_kind = 'visit' ORDER BY entry_id")
    assert [(one["what"], one["site_id"], one["subject_id"]) for one in lines] == [
        ("visit_begun", site.site_id, visit_id),
        ("visit_ended", site.site_id, visit_id),
    ]
    assert lines[0]["details"]["reason"] == WHY
    told = site.lead("GET", "/visits").json["items"]
    assert [(one["visit_id"], one["reason"]) for one in told] == [(str(visit_id), WHY)]
    assert told[0]["ended_at"] and "account_id" not in told[0]
    assert other_site.lead("GET", "/visits").json["total"] == 0
    assert add_person(site, "clinician")("GET", "/visits").status_code == 403


def test_a_visitor_appears_among_the_people_as_the_audit_team(team, site) -> None:
    account_id = team("GET", "/me").json["account_id"]
    told = {one["account_id"]: one for one in site.lead("GET", "/people").json["items"]}
    assert account_id not in told
    there = visit(team, site)
    for caller in (site.lead, there):
        told = {one["account_id"]: one for one in caller("GET", "/people").json["items"]}
        assert told[account_id]["name"] == "Audit team"
        assert told[account_id]["is_audit_team"] and not told[account_id]["is_here"]
        assert "email" not in told[account_id]


def test_a_visitor_manages_the_people_of_the_site(team, site) -> None:
    there = visit(team, site)
    body = {"name": "Kim", "email": "kim@example.org", "role": "clinician"}
    added = there("POST", "/people", json=body)
    assert added.status_code == 201
    assert added.json["account_id"] in str(site.lead("GET", "/people").json)


def test_a_visit_makes_no_api_token(team, site) -> None:
    there = visit(team, site)
    body = {"name": "x", "expires_in_days": 1}
    assert there("POST", "/tokens", json=body).status_code == 403
