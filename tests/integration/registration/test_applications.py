"""From a registration form to a site."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.factories.registration import make_form

EXAMPLES = Path(__file__).parents[2] / "contracts" / "examples"


def submit(visitor: Any, **changes: Any) -> dict[str, Any]:
    answer = visitor("POST", "/applications", json=make_form(**changes))
    assert answer.status_code == 201, answer.text
    return answer.json


def approve(team: Any, application: dict[str, Any]) -> Any:
    return team("POST", f"/applications/{application['application_id']}/approval", json={})


def decline(team: Any, application: dict[str, Any], reason: str = "No such hospital.") -> Any:
    path = f"/applications/{application['application_id']}/refusal"
    return team("POST", path, json={"reason": reason})


def events(look: Any, name: str) -> list[dict[str, Any]]:
    rows = look.rows("SELECT * FROM outbox_event WHERE name = %s ORDER BY position", name)
    return [{**row, "data": json.loads(bytes(row["body"]))} for row in rows]


def test_anyone_can_register_and_is_thanked_by_mail(visitor, look) -> None:
    form = make_form()
    answer = visitor("POST", "/applications", json=form)
    assert answer.status_code == 201
    assert answer.json["state"] == "submitted"
    mail = look.rows("SELECT * FROM mail")[0]
    assert mail["to_address"] == form["lead_email"]
    assert answer.json["reference"] in mail["subject"]
    assert events(look, "registration.mail_wanted.v1")[0]["data"] == {
        "mail_id": str(mail["mail_id"])
    }
    assert look.value("SELECT what FROM audit_log") == "application_submitted"


def test_a_bad_form_is_answered_field_by_field_and_leaves_nothing(visitor, look) -> None:
    answer = visitor("POST", "/applications", json={"ods_code": "banana", "lead_email": "x"})
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert {"ods_code", "organisation_name", "nation"} - {"ods_code"} <= set(answer.json["errors"])
    assert "Enter the name" in answer.json["errors"]["organisation_name"][0]
    assert look.count("application") == look.count("mail") == look.count("outbox_event") == 0


def test_a_code_of_the_wrong_shape_is_named(visitor) -> None:
    answer = visitor("POST", "/applications", json=make_form(ods_code="banana"))
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["ods_code"]


@pytest.mark.parametrize(
    ("field", "first", "second"),
    [
        ("ods_code", "RCF", "rcf "),
        ("lead_email", "sam@example.org", "SAM@example.org"),
    ],
)
@pytest.mark.parametrize("approved", [False, True], ids=["while open", "after approval"])
def test_a_second_form_for_the_same_site_or_lead_is_refused_with_a_hint(
    visitor, team, look, field, first, second, approved
) -> None:
    application = submit(visitor, **{field: first})
    if approved:
        assert approve(team, application).status_code == 200
    answer = visitor("POST", "/applications", json=make_form(**{field: second}))
    assert answer.status_code == 409
    assert answer.json["code"] == f"{field}_taken"
    assert "audit team" in answer.json["errors"][field][0]
    assert look.count("application") == 1


def test_of_two_forms_at_the_same_moment_one_is_taken(visitor, look) -> None:
    forms = [make_form(ods_code="RCF") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda f: visitor("POST", "/applications", json=f), forms))
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]
    assert look.count("application") == 1


@pytest.mark.parametrize("has_fls", [True, False])
def test_approval_makes_site_code_participation_account_link_and_event(
    visitor, team, look, has_fls
) -> None:
    form = make_form(ods_code="RH802", has_fls=has_fls)
    application = visitor("POST", "/applications", json=form).json
    answer = approve(team, application)
    assert answer.status_code == 200
    assert answer.json["site_code"] == "RH8"
    assert answer.json["patient_audit"] is has_fls
    assert answer.json["facilities_audit"] is True
    account = look.rows("SELECT * FROM account WHERE email = %s", form["lead_email"])[0]
    assert account["password_hash"] is None
    role = look.rows("SELECT * FROM account_role WHERE account_id = %s", account["account_id"])
    assert [(r["role"], str(r["site_id"])) for r in role] == [("site_lead", answer.json["site_id"])]
    link = look.link_for(form["lead_email"])
    stored = bytes(look.value("SELECT secret_sha256 FROM password_link"))
    assert len(stored) == 32 and link.encode() not in stored
    told = events(look, "registration.site_changed.v1")
    example = json.loads((EXAMPLES / "registration.site_changed.v1.json").read_text())
    assert len(told) == 1 and set(told[0]["data"]) == set(example)
    assert told[0]["data"]["organisation_codes"] == [{"scheme": "ods", "code": "RH802"}]
    headers = told[0]["headers"]
    assert headers["cloudEvents_subject"] == answer.json["site_id"]
    assert headers["cloudEvents_siteid"] == answer.json["site_id"]
    assert headers["cloudEvents_subjectversion"] == "1"
    assert "application_approved" in [r["what"] for r in look.rows("SELECT what FROM audit_log")]
    assert form["lead_email"] not in str(told[0])


def test_approving_twice_is_a_conflict_and_changes_nothing(visitor, team, look) -> None:
    application = submit(visitor)
    assert approve(team, application).status_code == 200
    tables = ("site", "account", "mail", "outbox_event", "password_link", "audit_log")
    before = {table: look.count(table) for table in tables}
    answer = approve(team, application)
    assert answer.status_code == 409
    assert answer.json["code"] == "application_decided"
    assert "already been approved" in answer.json["detail"]
    # Signing in for the second call wrote nothing either.
    assert {table: look.count(table) for table in tables} == before


def test_approvals_at_the_same_moment_make_one_site(visitor, team, look) -> None:
    application = submit(visitor)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: approve(team, application), range(6)))
    assert sorted(a.status_code for a in answers) == [200] + [409] * 5
    assert look.count("site") == look.count("organisation_code") == 1
    assert len(events(look, "registration.site_changed.v1")) == 1


def test_sites_of_one_trust_approved_at_the_same_moment_get_codes_of_their_own(
    visitor, team, look
) -> None:
    applications = [submit(visitor, ods_code=f"RH80{n}") for n in range(5)]
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda a: approve(team, a), applications))
    assert [a.status_code for a in answers] == [200] * 5
    codes = {a.json["site_code"] for a in answers}
    assert len(codes) == 5 and "RH8" in codes


def test_a_refusal_gives_its_reason_and_lets_the_site_register_again(visitor, team, look) -> None:
    application = submit(visitor, ods_code="RCF", lead_email="sam@example.org")
    answer = decline(team, application, "This hospital closed.\n\nWrite to us.")
    assert answer.status_code == 200
    assert answer.json["state"] == "declined"
    body = look.value("SELECT body FROM mail WHERE kind = 'application_declined'")
    assert "This hospital closed." in body
    assert look.count("site") == 0
    assert approve(team, application).status_code == 409
    assert decline(team, application).status_code == 409
    submit(visitor, ods_code="RCF", lead_email="sam@example.org")


def test_a_refusal_needs_a_reason(visitor, team) -> None:
    application = submit(visitor)
    assert decline(team, application, "  ").status_code == 422


def test_an_approval_whose_address_was_taken_meanwhile_makes_nothing(
    visitor, team, look, engine
) -> None:
    application = submit(visitor, lead_email="sam@example.org")
    look.rows(
        "INSERT INTO account (account_id, email, name, created_at) "
        "VALUES (gen_random_uuid(), 'Sam@example.org', 'Sam', now())"
    )
    answer = approve(team, application)
    assert answer.status_code == 409
    assert answer.json["code"] == "lead_email_taken"
    assert look.count("site") == 0
    assert look.value("SELECT state FROM application") == "submitted"


def test_the_audit_team_lists_and_reads_forms(visitor, team) -> None:
    made = [submit(visitor) for _ in range(3)]
    decline(team, made[1])
    page = team("GET", "/applications?state=submitted&page_size=1&page=2").json
    assert (page["page"], page["page_size"], page["total"]) == (2, 1, 2)
    assert [i["application_id"] for i in page["items"]] == [made[2]["application_id"]]
    one = team("GET", f"/applications/{made[0]['application_id']}").json
    assert one["lead_name"] == "Sam Example" and one["site_id"] is None
    assert one["submitted_at"].endswith("Z")
    assert team("GET", "/applications?state=nonsense").status_code == 422
    assert team("GET", "/applications?page=0").status_code == 422
    assert team("GET", f"/applications/{'0' * 8}-0000-0000-0000-{'0' * 12}").status_code == 404


def test_sites_are_listed_for_the_team_and_read_by_their_own(team, site, other_site) -> None:
    page = team("GET", "/sites").json
    assert {i["site_id"] for i in page["items"]} == {str(site.site_id), str(other_site.site_id)}
    assert site.lead("GET", f"/sites/{site.site_id}").json["code"] == site.code
    assert site.lead("GET", f"/sites/{other_site.site_id}").status_code == 404
    assert team("GET", f"/sites/{other_site.site_id}").json["patient_audit"] is False
