"""Every endpoint, and who is turned away from it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from services.shared.identity import HEADER, access_of

SOME = str(uuid4())
TEAM, LEAD, SYSTEM, BOTH = "team", "lead", "system administrator", "team and lead"
SITE_PERSON = "whoever is at a site"
LOG = "team and lead, not the system administrator"
ANYONE_SIGNED_IN = "signed in"
ENDPOINTS = [
    ("GET", "/applications", TEAM),
    ("GET", f"/applications/{SOME}", TEAM),
    ("POST", f"/applications/{SOME}/approval", TEAM),
    ("POST", f"/applications/{SOME}/refusal", TEAM),
    ("POST", f"/applications/{SOME}/query", TEAM),
    ("GET", "/sites", TEAM),
    ("GET", f"/sites/{SOME}/history", TEAM),
    ("GET", f"/sites/{SOME}/participation-statement", LOG),
    ("POST", f"/sites/{SOME}/suspension", TEAM),
    ("POST", f"/sites/{SOME}/reinstatement", TEAM),
    ("PUT", f"/sites/{SOME}/participation", TEAM),
    ("PUT", f"/sites/{SOME}/ods-code", TEAM),
    ("GET", f"/sites/{SOME}", ANYONE_SIGNED_IN),
    ("DELETE", "/sessions/current", ANYONE_SIGNED_IN),
    ("GET", "/me", ANYONE_SIGNED_IN),
    ("PUT", "/me/password", ANYONE_SIGNED_IN),
    ("GET", "/me/terms", ANYONE_SIGNED_IN),
    ("POST", "/me/terms", ANYONE_SIGNED_IN),
    ("GET", "/me/second-factor", ANYONE_SIGNED_IN),
    ("PUT", "/me/second-factor", ANYONE_SIGNED_IN),
    ("POST", "/me/second-factor/enrolment", ANYONE_SIGNED_IN),
    ("POST", "/me/second-factor/recovery-codes", ANYONE_SIGNED_IN),
    ("GET", "/sessions", ANYONE_SIGNED_IN),
    ("DELETE", "/sessions/others", ANYONE_SIGNED_IN),
    ("DELETE", f"/sessions/{SOME}", ANYONE_SIGNED_IN),
    ("GET", "/tokens", LEAD),
    ("POST", "/tokens", LEAD),
    ("DELETE", f"/tokens/{SOME}", LEAD),
    ("GET", "/accounts", TEAM),
    ("GET", f"/accounts/{SOME}", TEAM),
    ("POST", f"/accounts/{SOME}/switch-off", TEAM),
    ("POST", f"/accounts/{SOME}/switch-on", TEAM),
    ("DELETE", f"/accounts/{SOME}/second-factor", TEAM),
    ("DELETE", f"/people/{SOME}/second-factor", BOTH),
    ("GET", "/notices", TEAM),
    ("POST", "/notices", TEAM),
    ("DELETE", f"/notices/{SOME}", TEAM),
    ("GET", "/notices/current", ANYONE_SIGNED_IN),
    ("GET", "/mails", TEAM),
    ("POST", "/sites/republication", SYSTEM),
    ("POST", "/sessions/current/visit", TEAM),
    ("DELETE", "/sessions/current/visit", TEAM),
    ("PUT", "/sessions/current/site", ANYONE_SIGNED_IN),
    ("GET", "/people", ANYONE_SIGNED_IN),
    ("POST", "/people", BOTH),
    ("PUT", f"/people/{SOME}", BOTH),
    ("DELETE", f"/people/{SOME}", BOTH),
    ("POST", f"/people/{SOME}/invitation", BOTH),
    ("GET", "/visits", BOTH),
    ("POST", "/people/transfer", LEAD),
    ("GET", "/people/confirmation", BOTH),
    ("POST", "/people/confirmation", LEAD),
    ("DELETE", "/me/site", SITE_PERSON),
    ("POST", f"/tokens/{SOME}/rotation", LEAD),
    ("GET", "/log", LOG),
    ("GET", "/log/export", LOG),
]
PUBLIC = {
    ("GET", "/terms"),
    ("POST", "/messages"),
    ("GET", "/registrations/form"),
    ("POST", "/registrations"),
    ("POST", "/registrations/open"),
    ("PUT", "/registrations/sections/<>"),
    ("POST", "/registrations/submission"),
    ("POST", "/registrations/reply"),
    ("POST", "/applications"),
    ("POST", "/sessions"),
    ("POST", "/sessions/second-factor"),
    ("POST", "/sessions/second-factor/enrolment"),
    ("POST", "/password-links/check"),
    ("POST", "/passwords"),
    ("POST", "/password-resets"),
}


@pytest.mark.parametrize(("method", "path", "who"), ENDPOINTS)
def test_each_endpoint_turns_the_others_away(
    visitor, team, national, site, add_person, method, path, who
) -> None:
    assert visitor(method, path, json={}).status_code == 401
    people = {
        "team": lambda: team,
        "lead": lambda: site.lead,
        "clerk": lambda: add_person(site, "data_entry"),
        "auditor": lambda: national("auditor"),
        "system": lambda: national("system_admin"),
    }
    right, wrong = {
        TEAM: (["team"], ["lead"]),
        LEAD: (["lead"], ["team"]),
        SYSTEM: (["system"], ["lead", "team"]),
        BOTH: (["team", "lead", "system"], ["clerk", "auditor"]),
        LOG: (["team", "lead"], ["clerk", "auditor", "system"]),
        SITE_PERSON: (["lead"], ["team"]),
        ANYONE_SIGNED_IN: (["lead"], []),
    }[who]
    for other in wrong:
        answer = people[other]()(method, path, json={})
        assert answer.status_code == 403
        assert answer.json["title"] == "Not allowed"
    for one in right:
        assert people[one]()(method, path, json={}).status_code not in (401, 403)


def test_the_table_above_names_every_endpoint(app) -> None:
    prefix = "/api/registration/v1"
    named = {(m, p.replace(SOME, "<>")) for m, p, _ in ENDPOINTS} | PUBLIC
    found = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(prefix) and not rule.rule.endswith("openapi.json"):
            path = "/".join("<>" if p.startswith("<") else p for p in rule.rule.split("/"))
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                found.add((method, path.removeprefix(prefix)))
                access = access_of(app.view_functions[rule.endpoint])
                assert (access == ("public",)) == ((method, path.removeprefix(prefix)) in PUBLIC)
    assert found == named


def test_a_forged_or_foreign_identity_is_refused(app) -> None:
    for forged in ("nonsense", "a.b.c"):
        answer = app.test_client().get("/api/registration/v1/me", headers={HEADER: forged})
        assert answer.status_code == 401


def test_the_api_describes_itself(app) -> None:
    described = app.test_client().get("/api/registration/v1/openapi.json")
    assert described.status_code == 200
    paths = described.json["paths"]
    assert "/api/registration/v1/applications/{application_id}/approval" in paths
    assert not [path for path in paths if "internal" in path]
