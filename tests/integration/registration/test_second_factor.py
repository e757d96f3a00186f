"""The second factor: set up at the first sign-in, asked for at each, lost, changed, taken away."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest

from services.registration.admin import main
from services.registration.domain.second_factor import code_of, step_at
from services.registration.settings import Settings
from services.shared.settings import load
from tests.factories.registration import PASSWORD
from tests.integration.registration.conftest import Api

FACTOR = "/sessions/second-factor"


def begin(visitor: Any, email: str) -> dict[str, Any]:
    """The right password: a sign-in that waits."""
    answer = visitor("POST", "/sessions", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 202, answer.text
    return dict(answer.json)


def finish(visitor: Any, waiting: dict[str, Any], code: str) -> Any:
    return visitor("POST", FACTOR, json={"waiting": waiting["waiting"], "code": code})


def enrolled(visitor: Any, telephone: Any, email: str) -> list[str]:
    """Signs in anew with an app that is set up anew; returns the recovery codes."""
    telephone.look.rows("DELETE FROM second_factor")
    waiting = begin(visitor, email)
    answer = telephone.finish(visitor, email, waiting)
    assert answer.status_code == 201
    return list(answer.json["recovery_codes"])


def test_a_password_alone_opens_nothing(visitor: Any, site: Any, look: Any) -> None:
    sessions = look.count("session")
    waiting = begin(visitor, site.email)
    assert waiting["wants"] == "code" and "session" not in waiting
    assert Api(visitor.app, waiting["waiting"])("GET", "/me").status_code == 401
    assert look.count("session") == sessions


def test_an_app_is_set_up_at_the_first_sign_in_and_asked_for_at_the_next(
    visitor: Any, site: Any, telephone: Any
) -> None:
    codes = enrolled(visitor, telephone, site.email)
    assert len(set(codes)) == 10
    waiting = begin(visitor, site.email)
    assert waiting["wants"] == "code"
    answer = finish(visitor, waiting, telephone.code(site.email))
    assert answer.status_code == 201 and answer.json["recovery_codes"] is None


def test_the_offer_of_one_sign_in_stays_the_same_and_no_other_sees_it(
    visitor: Any, site: Any, look: Any
) -> None:
    look.rows("DELETE FROM second_factor")
    first, second = begin(visitor, site.email), begin(visitor, site.email)

    def offered(waiting: dict[str, Any]) -> str:
        body = {"waiting": waiting["waiting"]}
        return str(visitor("POST", f"{FACTOR}/enrolment", json=body).json["secret"])

    assert offered(first) == offered(first) != offered(second)


def test_nothing_is_offered_to_an_account_that_has_an_app(visitor: Any, site: Any) -> None:
    body = {"waiting": begin(visitor, site.email)["waiting"]}
    assert visitor("POST", f"{FACTOR}/enrolment", json=body).status_code == 409


def test_a_code_is_good_once(visitor: Any, site: Any, telephone: Any) -> None:
    code = telephone.code(site.email)
    assert finish(visitor, begin(visitor, site.email), code).status_code == 201
    again = finish(visitor, begin(visitor, site.email), code)
    assert again.status_code == 422 and "wait for the next" in again.json["errors"]["code"][0]


@pytest.mark.parametrize(("steps", "counts"), [(-2, False), (-1, True), (1, True), (3, False)])
def test_a_clock_may_be_half_a_minute_wrong(
    visitor: Any, site: Any, telephone: Any, steps: int, counts: bool
) -> None:
    telephone.code(site.email)
    code = code_of(telephone.secrets[site.email], step_at(time.time()) + steps)
    answer = finish(visitor, begin(visitor, site.email), code)
    assert answer.status_code == (201 if counts else 422)


def test_five_wrong_codes_end_the_sign_in_and_make_the_next_wait(
    visitor: Any, site: Any, telephone: Any, look: Any
) -> None:
    waiting, right = begin(visitor, site.email), telephone.code(site.email)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert finish(visitor, waiting, wrong).status_code == 422
    assert finish(visitor, waiting, right).status_code == 401
    held = finish(visitor, begin(visitor, site.email), right)
    assert held.status_code == 429 and "wrong codes" in held.json["detail"]
    look.rows("UPDATE sign_in_failure SET failed_at = failed_at - interval '6 minutes'")
    assert finish(visitor, begin(visitor, site.email), right).status_code == 201


def test_a_waiting_sign_in_ends_with_time_and_with_another_password(
    visitor: Any, site: Any, telephone: Any, look: Any
) -> None:
    waiting = begin(visitor, site.email)
    look.rows("UPDATE waiting_sign_in SET expires_at = now()")
    assert finish(visitor, waiting, telephone.code(site.email)).status_code == 401
    waiting = begin(visitor, site.email)
    change = {"password": PASSWORD, "new_password": "four other words here"}
    assert site.lead("PUT", "/me/password", json=change).status_code == 204
    assert finish(visitor, waiting, telephone.code(site.email)).status_code == 401


def test_a_recovery_code_stands_in_once_and_its_owner_is_told(
    visitor: Any, site: Any, telephone: Any, look: Any
) -> None:
    first, second, *_ = enrolled(visitor, telephone, site.email)
    typed = first.lower().replace("-", " ")
    opened = finish(visitor, begin(visitor, site.email), typed)
    assert opened.status_code == 201
    assert finish(visitor, begin(visitor, site.email), first).status_code == 422
    assert finish(visitor, begin(visitor, site.email), second).status_code == 201
    bodies = look.rows("SELECT body FROM mail WHERE kind = 'recovery_code_used' ORDER BY mail_id")
    assert ["9 are left" in bodies[0]["body"], "8 are left" in bodies[1]["body"]] == [True, True]
    own = Api(visitor.app, opened.json["session"])
    assert own("GET", "/me/second-factor").json["recovery_codes_left"] == 8


def test_a_recovery_code_of_somebody_else_is_worth_nothing(
    visitor: Any, site: Any, other_site: Any, telephone: Any
) -> None:
    codes = enrolled(visitor, telephone, other_site.email)
    telephone.look.rows("UPDATE second_factor SET last_step = 0")
    enrolled_here = begin(visitor, site.email)
    if enrolled_here["wants"] == "enrolment":
        telephone.finish(visitor, site.email, enrolled_here)
        enrolled_here = begin(visitor, site.email)
    assert finish(visitor, enrolled_here, codes[0]).status_code == 422


def test_neither_secrets_nor_recovery_codes_can_be_read_in_the_database(
    visitor: Any, site: Any, telephone: Any, look: Any
) -> None:
    codes = enrolled(visitor, telephone, site.email)
    secret = telephone.secrets[site.email]
    for table in ("second_factor", "recovery_code", "waiting_sign_in", "audit_log", "mail"):
        for row in look.rows(f"SELECT t::text AS line FROM {table} t"):
            assert secret.hex() not in row["line"]
            assert base64.b32encode(secret).decode() not in row["line"]
            assert not [code for code in codes if code in row["line"]]


def test_a_sealed_secret_is_of_no_use_with_another_account(
    visitor: Any, site: Any, other_site: Any, telephone: Any, look: Any
) -> None:
    code = telephone.code(other_site.email)
    look.rows(
        "UPDATE second_factor SET sealed = (SELECT f.sealed FROM second_factor f "
        "JOIN account a USING (account_id) WHERE a.email = %s)",
        other_site.email,
    )
    # Nobody's to mend by typing: it is an attack, or a lost key.
    assert finish(visitor, begin(visitor, site.email), code).status_code == 500


def test_roles_without_records_sign_in_with_a_password_and_may_have_an_app(
    visitor: Any, site: Any, add_person: Any, telephone: Any
) -> None:
    person = add_person(site, "facilities_respondent", email="respondent@example.org")
    own = person("GET", "/me/second-factor").json
    assert own == {"is_needed": False, "set_up_at": None, "recovery_codes_left": 0}
    offer = person("POST", "/me/second-factor/enrolment", json={"password": PASSWORD})
    telephone.scan("respondent@example.org", offer.json)
    body = {"code": telephone.code("respondent@example.org")}
    assert person("PUT", "/me/second-factor", json=body).status_code == 200
    assert begin(visitor, "respondent@example.org")["wants"] == "code"


def test_who_is_given_a_role_with_records_signs_in_again(
    visitor: Any, site: Any, add_person: Any
) -> None:
    person = add_person(site, "facilities_respondent", email="respondent@example.org")
    body = {"role": "clinician", "grants": []}
    assert site.lead("PUT", f"/people/{person.account_id}", json=body).status_code == 200
    assert person("GET", "/me").status_code == 401
    assert begin(visitor, "respondent@example.org")["wants"] == "enrolment"


def test_another_app_takes_the_place_of_the_first_once_it_is_confirmed(
    visitor: Any, site: Any, sign_in: Any, telephone: Any, look: Any
) -> None:
    before = telephone.secrets[site.email]
    elsewhere = sign_in(site.email)
    wrong = site.lead("POST", "/me/second-factor/enrolment", json={"password": "not it at all"})
    assert wrong.status_code == 422
    offer = site.lead("POST", "/me/second-factor/enrolment", json={"password": PASSWORD})
    assert (
        finish(visitor, begin(visitor, site.email), telephone.code(site.email)).status_code == 201
    )
    assert site.lead("PUT", "/me/second-factor", json={"code": "000000"}).status_code == 422
    telephone.scan(site.email, offer.json)
    assert telephone.secrets[site.email] != before
    body = {"code": telephone.code(site.email)}
    changed = site.lead("PUT", "/me/second-factor", json=body)
    assert changed.status_code == 200 and len(changed.json["recovery_codes"]) == 10
    assert site.lead("PUT", "/me/second-factor", json=body).status_code == 409
    assert elsewhere("GET", "/me").status_code == 401
    assert site.lead("GET", "/me").status_code == 200
    telephone.code(site.email)
    old = code_of(before, step_at(time.time()))
    assert finish(visitor, begin(visitor, site.email), old).status_code == 422


def test_new_recovery_codes_make_the_old_ones_worthless(
    visitor: Any, site: Any, telephone: Any
) -> None:
    old = enrolled(visitor, telephone, site.email)
    lead = Api(visitor.app, site.lead.credential)
    body = {"password": PASSWORD}
    new = lead("POST", "/me/second-factor/recovery-codes", json=body).json["recovery_codes"]
    assert not set(new) & set(old)
    assert finish(visitor, begin(visitor, site.email), old[0]).status_code == 422
    assert finish(visitor, begin(visitor, site.email), new[0]).status_code == 201


def test_a_lead_takes_a_lost_app_away_and_its_owner_sets_up_another(
    visitor: Any, site: Any, other_site: Any, team: Any, add_person: Any, look: Any
) -> None:
    person = add_person(site, "clinician", email="lost@example.org")
    path = f"/people/{person.account_id}/second-factor"
    assert other_site.lead("DELETE", path).status_code == 404
    for _ in range(2):
        assert site.lead("DELETE", path).status_code == 204
    assert person("GET", "/me").status_code == 401
    assert begin(visitor, "lost@example.org")["wants"] == "enrolment"
    query = "SELECT count(*) FROM mail WHERE kind = 'second_factor_taken_away'"
    assert look.value(query) == 1
    lead_id = look.value("SELECT account_id FROM account WHERE email = %s", site.email)
    assert site.lead("DELETE", f"/people/{lead_id}/second-factor").status_code == 409
    assert team("DELETE", f"/accounts/{lead_id}/second-factor").status_code == 204
    assert begin(visitor, site.email)["wants"] == "enrolment"


def test_an_operator_takes_a_lost_app_away(visitor: Any, site: Any, settings: Any) -> None:
    assert main(["forget-second-factor", site.email], settings) == 0
    assert begin(visitor, site.email)["wants"] == "enrolment"
    assert main(["forget-second-factor", "nobody@example.org"], settings) == 1


def test_an_operator_of_a_demonstration_is_told_codes_that_count(
    visitor: Any, site: Any, settings: Any, capsys: Any, monkeypatch: Any, look: Any
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("services.registration.admin.time.sleep", slept.append)
    look.rows("UPDATE second_factor SET last_step = 0")
    for _ in range(2):
        assert main(["code", site.email], settings) == 0
        code = capsys.readouterr().out.split()[-1]
        assert finish(visitor, begin(visitor, site.email), code).status_code == 201
    assert slept == []
    assert main(["code", site.email], settings) == 0
    assert len(slept) == 1 and 0 < slept[0] <= 30


def test_an_operator_is_told_the_code_of_an_app_that_is_being_set_up(
    visitor: Any, site: Any, settings: Any, capsys: Any, look: Any
) -> None:
    look.rows("DELETE FROM second_factor")
    assert main(["code", site.email], settings) == 1
    waiting = begin(visitor, site.email)
    visitor("POST", f"{FACTOR}/enrolment", json={"waiting": waiting["waiting"]})
    capsys.readouterr()
    assert main(["code", site.email], settings) == 0
    assert finish(visitor, waiting, capsys.readouterr().out.split()[-1]).status_code == 201


def test_nobody_is_told_codes_where_it_is_no_demonstration(
    site: Any, environment: Any, capsys: Any
) -> None:
    settings = load(Settings, environment | {"FLS_DEMO": "false"})
    assert main(["code", site.email], settings) == 1
    assert "demonstration only" in capsys.readouterr().err
