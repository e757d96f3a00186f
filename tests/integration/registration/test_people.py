"""The people of a site: added, changed, taken out, and what they can do meanwhile."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.factories.registration import PASSWORD
from tests.integration.registration.conftest import Api, MadeSite

SAM = {"name": "Sam Clerk", "email": "sam@example.org", "role": "data_entry"}


def rights(person: Api) -> set[str]:
    return set(person("GET", "/me").json["rights"])


def people(caller: Api, **query: str) -> dict[str, dict[str, Any]]:
    answer = caller("GET", "/people", query_string=query)
    assert answer.status_code == 200, answer.text
    return {one["account_id"]: one for one in answer.json["items"]}


def test_a_lead_adds_a_colleague_who_is_invited_and_signs_in(site, look, visitor, sign_in) -> None:
    added = site.lead("POST", "/people", json=SAM | {"grants": ["import"]})
    assert added.status_code == 201
    assert (added.json["role"], added.json["grants"]) == ("data_entry", ["import"])
    assert (added.json["state"], added.json["is_here"]) == ("invited", True)
    mail = look.rows("SELECT * FROM mail WHERE to_address = 'sam@example.org'")[0]
    assert mail["kind"] == "person_invited"
    words = " ".join(mail["body"].split())
    assert "Sam Example has added you" in words and "Your role is: data entry." in words
    body = {"link": look.link_for("sam@example.org"), "password": PASSWORD}
    assert visitor("POST", "/passwords", json=body).status_code == 204
    me = sign_in("sam@example.org")("GET", "/me").json
    assert me["site"]["site_id"] == str(site.site_id) and me["roles"] == ["data_entry"]
    assert me["rights"] == ["records.import", "records.read", "records.write"]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": " "}, "name", "name"),
        ({"email": "nobody"}, "email", "such as name@example.org"),
        ({"email": "é@example.org"}, "email", "without accents"),
        ({"role": "boss"}, "role", "Choose a role"),
        ({"role": "audit_team"}, "role", "Choose a role"),
        ({"role": "system_admin"}, "role", "Choose a role"),
        ({"grants": ["export"]}, "grants", "“data entry” can be granted import."),
        ({"role": "site_reader", "grants": ["import"]}, "grants", "can be granted nothing more"),
        ({"role": "site_lead", "grants": ["export"]}, "grants", "can be granted nothing more"),
        ({"grants": ["delete"]}, "grants", "import, export or neither"),
        ({"site_id": "x"}, "site_id", "UUID"),
        ({"rights": ["records.read"]}, "rights", "Unknown"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field(site, look, changes, field, words) -> None:
    before = look.count("account"), look.count("account_role"), look.count("mail")
    answer = site.lead("POST", "/people", json=SAM | changes)
    assert answer.status_code == 422
    assert words in str(answer.json["errors"][field])
    assert (look.count("account"), look.count("account_role"), look.count("mail")) == before


def test_roles_and_addresses_are_told_to_who_manages_people_alone(site, add_person) -> None:
    clerk = add_person(site, "data_entry")
    told = people(clerk)
    assert len(told) == 2
    assert {frozenset(one) for one in told.values()} == {
        frozenset({"account_id", "name", "is_audit_team", "is_here"})
    }
    assert site.email not in str(told)
    assert people(site.lead)[clerk.account_id]["role"] == "data_entry"


def test_a_change_of_role_and_grants_works_on_the_session_that_is_open(site, add_person) -> None:
    sam = add_person(site, "data_entry")
    assert "records.acknowledge" not in rights(sam)
    path = f"/people/{sam.account_id}"
    body = {"role": "clinician", "grants": ["export"]}
    assert site.lead("PUT", path, json=body).json["role"] == "clinician"
    assert {"records.acknowledge", "records.export"} <= rights(sam)
    assert "records.import" not in rights(sam)
    site.lead("PUT", path, json={"role": "site_reader"})
    assert rights(sam) == {"records.read"}


def test_a_change_that_changes_nothing_leaves_no_trace(site, add_person, look) -> None:
    sam = add_person(site, "clinician", "import")
    before = look.count("account_role"), look.count("audit_log")
    body = {"role": "clinician", "grants": ["import"]}
    assert site.lead("PUT", f"/people/{sam.account_id}", json=body).status_code == 200
    assert (look.count("account_role"), look.count("audit_log")) == before


def test_who_is_removed_is_out_and_stays_in_the_list_as_former(site, add_person, sign_in) -> None:
    sam = add_person(site, "site_lead")
    token = sam("POST", "/tokens", json={"name": "x", "expires_in_days": 1}).json["token"]
    script = Api(sam.app, token)
    assert script("GET", "/me").json["rights"]
    assert site.lead("DELETE", f"/people/{sam.account_id}").status_code == 204
    assert sam("GET", "/me").status_code == 401
    assert script("GET", "/me").json["rights"] == []
    told = people(site.lead)[sam.account_id]
    assert told["is_here"] is False and told["ended_at"] and told["name"] == "Sam site_lead"
    email = told["email"]
    again = sign_in(email)("GET", "/me").json
    assert again["site"] is None and again["rights"] == []
    assert site.lead("DELETE", f"/people/{sam.account_id}").status_code == 404


def test_who_was_removed_can_be_added_again(site, add_person, sign_in) -> None:
    sam = add_person(site, "clinician", email="sam@example.org")
    site.lead("DELETE", f"/people/{sam.account_id}")
    added = site.lead("POST", "/people", json=SAM | {"name": "Another name"})
    assert added.status_code == 201
    assert added.json["account_id"] == sam.account_id and added.json["name"] == "Sam clinician"
    assert rights(sign_in("sam@example.org")) == {"records.read", "records.write"}


def test_another_sites_people_cannot_be_seen_or_touched(site, other_site, add_person) -> None:
    sam = add_person(site, "data_entry")
    assert sam.account_id not in people(other_site.lead)
    path, body = f"/people/{sam.account_id}", {"role": "site_lead"}
    assert other_site.lead("PUT", path, json=body).status_code == 404
    assert other_site.lead("DELETE", path).status_code == 404
    assert other_site.lead("POST", f"{path}/invitation").status_code == 404
    named = {"site_id": str(site.site_id)}
    for method, where, more in (
        ("GET", "/people", {"query_string": named}),
        ("GET", "/visits", {"query_string": named}),
        ("POST", "/people", {"json": SAM | named}),
        ("PUT", path, {"json": body | named}),
        ("DELETE", path, {"query_string": named}),
        ("POST", f"{path}/invitation", {"query_string": named}),
    ):
        assert other_site.lead(method, where, **more).status_code == 404, (method, where)
    assert people(site.lead)[sam.account_id]["role"] == "data_entry"


@pytest.mark.parametrize("role", ["audit_team", "system_admin"])
def test_the_audit_team_and_system_administrators_manage_any_sites_people(
    site, other_site, national, look, role
) -> None:
    caller, where = national(role), {"site_id": str(site.site_id)}
    missing = caller("POST", "/people", json=SAM)
    assert missing.status_code == 422 and "site_id" in missing.json["errors"]
    added = caller("POST", "/people", json=SAM | where)
    assert added.status_code == 201
    assert f"The {role.replace('_', ' ').replace('admin', 'administrator')} has added" in (
        " ".join(look.value("SELECT body FROM mail WHERE kind = 'person_invited'").split())
    )
    path = f"/people/{added.json['account_id']}"
    assert added.json["account_id"] in people(caller, **where)
    changed = caller("PUT", path, json={"role": "clinician"} | where)
    assert changed.json["role"] == "clinician"
    assert caller("POST", f"{path}/invitation", query_string=where).status_code == 204
    assert caller("DELETE", path, query_string=where).status_code == 204
    nowhere = {"site_id": str(uuid4())}
    assert caller("POST", "/people", json=SAM | nowhere).status_code == 404


def test_a_site_keeps_a_lead_who_can_sign_in(site, team, add_person, look) -> None:
    lead_id = site.lead("GET", "/me").json["account_id"]
    where = {"site_id": str(site.site_id)}
    path = f"/people/{lead_id}"

    def refused() -> bool:
        removal = team("DELETE", path, query_string=where)
        change = team("PUT", path, json={"role": "clinician"} | where)
        codes = {removal.status_code, change.status_code}
        assert codes in ({409}, {204, 404}), codes
        return codes == {409} and removal.json["code"] == change.json["code"] == "last_lead"

    assert refused()
    invited = SAM | {"role": "site_lead"}
    assert site.lead("POST", "/people", json=invited).status_code == 201
    assert refused()
    second = add_person(site, "site_lead")
    look.rows("UPDATE account SET switched_off_at = now() WHERE account_id = %s", second.account_id)
    assert refused()
    look.rows("UPDATE account SET switched_off_at = NULL WHERE account_id = %s", second.account_id)
    assert not refused()
    assert rights(second) >= {"site.manage"}


def test_nobody_changes_their_own_role(site, add_person) -> None:
    second = add_person(site, "site_lead")
    path = f"/people/{second.account_id}"
    for answer in (
        second("PUT", path, json={"role": "clinician"}),
        second("DELETE", path),
    ):
        assert answer.status_code == 409 and answer.json["code"] == "own_account"
    assert second("PUT", path, json={"role": "site_lead"}).status_code == 200


def test_two_leads_who_remove_each_other_at_once_leave_one(site, add_person) -> None:
    second = add_person(site, "site_lead")
    first_id = site.lead("GET", "/me").json["account_id"]
    together = threading.Barrier(2)

    def remove(caller: Api, other: str) -> int:
        # Whoever is second has been let in already: the edge remembers them for a moment.
        headers = {"X-FLS-Identity": caller.identity().headers["X-FLS-Identity"]}
        together.wait()
        answer = caller.app.test_client().delete(
            f"/api/registration/v1/people/{other}", headers=headers
        )
        return int(answer.status_code)

    with ThreadPoolExecutor(2) as pool:
        done = list(
            pool.map(
                lambda pair: remove(*pair), [(site.lead, second.account_id), (second, first_id)]
            )
        )
    assert sorted(done) == [204, 409]


def test_an_address_with_an_account_gets_the_role_at_this_site_too(
    site, other_site, add_person, look
) -> None:
    sam = add_person(site, "clinician", "import", email="sam@example.org")
    answer = other_site.lead("POST", "/people", json=SAM | {"role": "facilities_respondent"})
    assert answer.status_code == 201 and answer.json["state"] == "active"
    mail = look.rows("SELECT * FROM mail WHERE to_address = 'sam@example.org' ORDER BY mail_id")
    kinds = ["person_invited", "second_factor_set_up", "person_added"]
    assert [one["kind"] for one in mail] == kinds
    assert "/set-password/" not in mail[2]["body"] and "/sign-in" in mail[2]["body"]
    me = sam("GET", "/me").json
    assert {one["site_id"] for one in me["sites"]} == {str(site.site_id), str(other_site.site_id)}
    here, there = me["site"]["site_id"], {str(site.site_id), str(other_site.site_id)}
    (elsewhere,) = there - {here}
    moved = sam("PUT", "/sessions/current/site", json={"site_id": elsewhere})
    assert moved.status_code == 200 and moved.json["account"]["site"]["site_id"] == elsewhere
    assert sam("GET", "/me").status_code == 401
    new = Api(sam.app, moved.json["session"])
    assert new("GET", "/me").json["site"]["site_id"] == elsewhere
    assert rights(new) in (
        {"facilities.read", "facilities.answer"},
        {"records.read", "records.write", "records.acknowledge", "records.import"},
    )


def test_nobody_goes_to_a_site_where_they_have_no_role(site, other_site, team, add_person) -> None:
    sam = add_person(site, "site_reader")
    elsewhere = {"site_id": str(other_site.site_id)}
    for caller in (sam, team):
        assert caller("PUT", "/sessions/current/site", json=elsewhere).status_code == 404
    made = site.lead("POST", "/tokens", json={"name": "x", "expires_in_days": 1}).json
    here = {"site_id": str(site.site_id)}
    script = Api(sam.app, made["token"])
    assert script("PUT", "/sessions/current/site", json=here).status_code == 403


def test_a_national_account_cannot_be_at_a_site(site, national) -> None:
    national("auditor")
    answer = site.lead("POST", "/people", json=SAM | {"email": "auditor@example.org"})
    assert answer.status_code == 409 and answer.json["code"] == "email_taken"
    assert "national account" in answer.json["errors"]["email"][0]


def test_who_is_here_or_switched_off_is_not_added(site, team, other_site, add_person) -> None:
    sam = add_person(site, "clinician", email="sam@example.org")
    here = site.lead("POST", "/people", json=SAM | {"email": "SAM@example.org"})
    assert here.status_code == 409 and "“clinician”" in here.json["errors"]["email"][0]
    team("POST", f"/accounts/{sam.account_id}/switch-off")
    away = other_site.lead("POST", "/people", json=SAM)
    assert away.status_code == 409 and "switched off" in away.json["errors"]["email"][0]
    assert site.lead("POST", f"/people/{sam.account_id}/invitation").status_code == 409


def test_a_fresh_link_goes_to_who_has_not_chosen_a_password(site, visitor, look) -> None:
    sam = site.lead("POST", "/people", json=SAM).json
    old = look.link_for(SAM["email"])
    path = f"/people/{sam['account_id']}/invitation"
    assert site.lead("POST", path).status_code == 204
    new = look.link_for(SAM["email"])
    assert new != old
    check = "/password-links/check"
    assert visitor("POST", check, json={"link": old}).status_code == 404
    body = {"link": new, "password": PASSWORD}
    assert visitor("POST", "/passwords", json=body).status_code == 204
    assert site.lead("POST", path).status_code == 409


def test_the_same_new_address_added_twice_at_once_is_one_account(site, other_site, look) -> None:
    together = threading.Barrier(2)

    def add(caller: Api) -> int:
        together.wait()
        return int(caller("POST", "/people", json=SAM).status_code)

    with ThreadPoolExecutor(2) as pool:
        done = sorted(pool.map(add, [site.lead, other_site.lead]))
    assert done in ([201, 201], [201, 409])
    assert look.value("SELECT count(*) FROM account WHERE email = %s", SAM["email"]) == 1


def test_all_of_it_is_in_the_log_without_an_address(site, add_person, look) -> None:
    sam = add_person(site, "data_entry", "import")
    site.lead("PUT", f"/people/{sam.account_id}", json={"role": "clinician"})
    site.lead("DELETE", f"/people/{sam.account_id}")
    lines = look.rows(
        "SELECT * FROM audit_log WHERE what LIKE 'person%%' ORDER BY entry_id",
    )
    assert [(one["what"], one["details"]) for one in lines] == [
        ("person_added", {"role": "data_entry", "grants": ["import"]}),
        (
            "person_changed",
            {
                "role": "clinician",
                "grants": [],
                "before": {"role": "data_entry", "grants": ["import"]},
            },
        ),
        ("person_removed", {"role": "clinician", "grants": []}),
    ]
    assert {str(one["subject_id"]) for one in lines} == {sam.account_id}
    assert {one["site_id"] for one in lines} == {site.site_id}
    assert "example.org" not in str(lines)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM account_role",
        "UPDATE account_role SET grants = '{export}'",
        "UPDATE account_role SET account_id = gen_random_uuid()",
        "DELETE FROM visit",
        "UPDATE visit SET reason = 'something else'",
        "UPDATE visit SET ends_at = ends_at + interval '1 day'",
    ],
)
def test_roles_and_visits_can_only_be_ended(databases, statement) -> None:
    with (
        psycopg.connect(databases.url("registration")) as database,
        pytest.raises(InsufficientPrivilege),
    ):
        database.execute(statement)


def test_the_database_takes_no_grant_that_the_matrix_does_not_know(site, look) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        look.rows("UPDATE account_role SET grants = '{export}' WHERE role = 'site_lead'")


def test_a_reader_of_a_site_without_an_fls_has_no_right(other_site: MadeSite, add_person) -> None:
    reader = add_person(other_site, "site_reader")
    assert rights(reader) == set()
    assert reader("GET", "/people").status_code == 200
