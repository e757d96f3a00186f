"""One-time links, passwords, sessions, and the answers nginx gets about who is calling."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Any

import pytest
from argon2 import PasswordHasher

from services.registration.hashing import PasswordHashing
from services.shared.errors import TooMany
from services.shared.identity import HEADER, Verifier
from tests.factories.registration import PASSWORD, make_form
from tests.integration.registration.conftest import TEAM_EMAIL, Api

GONE = "This link no longer works."


def invited(visitor: Any, team: Any, look: Any) -> tuple[str, str]:
    """Returns the address and the link of a lead who was just invited."""
    form = make_form()
    sent = visitor("POST", "/applications", json=form).json
    assert team("POST", f"/applications/{sent['application_id']}/approval").status_code == 200
    return form["lead_email"], look.link_for(form["lead_email"])


def choose(visitor: Any, link: str, password: str = PASSWORD) -> Any:
    return visitor("POST", "/passwords", json={"link": link, "password": password})


def test_a_link_leads_to_a_password_a_session_and_oneself(
    visitor, team, look, settings, telephone
) -> None:
    email, link = invited(visitor, team, look)
    checked = visitor("POST", "/password-links/check", json={"link": link})
    assert checked.json == {
        "email": email,
        "name": "Sam Example",
        "purpose": "invitation",
        "terms_due": True,
    }
    assert choose(visitor, link).status_code == 204
    answer = visitor("POST", "/sessions", json={"email": email.upper(), "password": PASSWORD})
    assert answer.status_code == 202 and answer.json["wants"] == "enrolment"
    answer = telephone.finish(visitor, email, answer.json)
    assert answer.status_code == 201
    account = answer.json["account"]
    assert account["site"]["patient_audit"] is True
    assert account["roles"] == ["site_lead"] and "records.import" in account["rights"]
    lead = Api(visitor.app, answer.json["session"])
    sites = [{name: account["site"][name] for name in ("site_id", "code", "name")}]
    assert lead("GET", "/me").json == account | {"sites": sites}
    actor = Verifier(settings.identity_public_keys).verify(lead.identity().headers[HEADER])
    assert str(actor.account_id) == account["account_id"]
    assert str(actor.site_id) == account["site"]["site_id"]
    assert actor.rights == frozenset(account["rights"])
    assert actor.csrf == look.value("SELECT csrf FROM session ORDER BY created_at DESC LIMIT 1")


def test_only_digests_of_secrets_are_stored(site, look) -> None:
    assert site.lead.credential is not None
    for table in ("session", "password_link", "account", "audit_log", "outbox_event"):
        for row in look.rows(f"SELECT t::text AS line FROM {table} t"):
            assert site.lead.credential not in row["line"]
            assert PASSWORD not in row["line"]


def test_a_link_works_once(visitor, team, look) -> None:
    _, link = invited(visitor, team, look)
    assert choose(visitor, link).status_code == 204
    again = choose(visitor, link, "another good passphrase")
    assert again.status_code == 404 and again.json["detail"].startswith(GONE)
    assert visitor("POST", "/password-links/check", json={"link": link}).status_code == 404


def test_a_link_used_at_the_same_moment_sets_one_password(visitor, team, look, monkeypatch) -> None:
    _, link = invited(visitor, team, look)
    # All four hash, one after the other, and then meet at the link.
    hashing = visitor.app.extensions["fls"].hashing
    monkeypatch.setattr(hashing, "_wait_seconds", 10)
    monkeypatch.setattr(hashing, "_inside", BoundedSemaphore(4))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: choose(visitor, link, f"good passphrase {n}"), range(4)))
    assert sorted(a.status_code for a in answers) == [204, 404, 404, 404]


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE password_link SET expires_at = now()",
        "UPDATE password_link SET used_at = now()",
        "UPDATE account SET switched_off_at = now() WHERE email <> 'team@example.org'",
        "DELETE FROM password_link",
    ],
    ids=["expired", "used", "switched off", "unknown"],
)
def test_every_link_that_is_gone_is_answered_alike(visitor, team, look, spoil) -> None:
    _, link = invited(visitor, team, look)
    look.rows(spoil)
    for answer in (
        visitor("POST", "/password-links/check", json={"link": link}),
        choose(visitor, link),
    ):
        assert answer.status_code == 404 and answer.json["detail"].startswith(GONE)


def test_a_refused_password_does_not_use_the_link_up(visitor, team, look) -> None:
    _, link = invited(visitor, team, look)
    answer = choose(visitor, link, "short")
    assert answer.status_code == 422
    assert "at least 12" in answer.json["errors"]["password"][0]
    assert "short" not in answer.text.replace("shorter", "")
    assert choose(visitor, link).status_code == 204


def test_a_new_password_ends_all_sessions(visitor, team, look, site) -> None:
    from services.registration.actions.accounts import make_password_link
    from services.registration.queries import find_account
    from services.shared.db import transaction

    with transaction(visitor.app.extensions["fls_engine"]) as session:
        account = find_account(session, site.email)
        link = make_password_link(session, account=account, purpose="reset")
    assert choose(visitor, link, "another good passphrase").status_code == 204
    assert site.lead("GET", "/me").status_code == 401


@pytest.mark.parametrize("case", ["unknown", "wrong", "invited only", "switched off"])
def test_every_refused_sign_in_is_answered_alike(visitor, team, look, site, case) -> None:
    email, password = site.email, PASSWORD
    if case == "unknown":
        email = "nobody@example.org"
    elif case == "wrong":
        password = "not the right one"
    elif case == "invited only":
        email, _ = invited(visitor, team, look)
    else:
        look.rows("UPDATE account SET switched_off_at = now()")
    answer = visitor("POST", "/sessions", json={"email": email, "password": password})
    assert answer.status_code == 401
    body = {k: v for k, v in answer.json.items() if k != "request_id"}
    assert body == {
        "type": "about:blank",
        "title": "Sign in first",
        "status": 401,
        "detail": "The e-mail address or the password is not right.",
    }


def test_signing_in_again_ends_the_session_before(visitor, site, telephone) -> None:
    headers = {HEADER: site.lead.identity().headers[HEADER]}
    answer = visitor.app.test_client(use_cookies=False).post(
        "/api/registration/v1/sessions",
        json={"email": site.email, "password": PASSWORD, "code": telephone.code(site.email)},
        headers=headers,
    )
    assert answer.status_code == 201
    assert site.lead("GET", "/me").status_code == 401
    assert Api(visitor.app, answer.json["session"])("GET", "/me").status_code == 200


def test_signing_out_ends_this_session_and_no_other(site, sign_in) -> None:
    elsewhere = sign_in(site.email)
    assert site.lead("DELETE", "/sessions/current").status_code == 204
    assert site.lead("GET", "/me").status_code == 401
    assert elsewhere("GET", "/me").status_code == 200


def test_a_session_ends_after_twelve_hours(site, look) -> None:
    query = "SELECT expires_at - created_at = interval '12 hours' FROM session"
    assert look.value(query) is True
    look.rows("UPDATE session SET expires_at = now()")
    assert site.lead("GET", "/me").status_code == 401


def test_nginx_is_told_nothing_about_a_visitor(visitor) -> None:
    for kind in ("page", "api"):
        answer = visitor.identity(kind)
        assert answer.status_code == 200 and HEADER not in answer.headers


def test_a_page_takes_the_cookie_and_the_api_the_bearer(site) -> None:
    assert HEADER in site.lead.identity("page").headers
    assert HEADER in site.lead.identity("api").headers
    client, secret = site.lead.app.test_client(use_cookies=False), site.lead.credential
    crossed = [
        {"X-FLS-Credential-Kind": "page", "Authorization": f"Bearer {secret}"},
        {"X-FLS-Credential-Kind": "api", "Cookie": f"fls_session={secret}"},
    ]
    for headers in crossed:
        answer = client.get("/internal/identity", headers=headers)
        assert answer.status_code == 200 and HEADER not in answer.headers


@pytest.mark.parametrize("value", ["Bearer nonsense", "Bearer fls_s_x", "Bearer ", "Basic YTpi"])
def test_a_credential_nobody_has_is_401_on_the_api_and_a_visitor_on_a_page(visitor, value) -> None:
    client = visitor.app.test_client(use_cookies=False)
    headers = {"X-FLS-Credential-Kind": "api", "Authorization": value}
    answer = client.get("/internal/identity", headers=headers)
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
    headers = {"X-FLS-Credential-Kind": "page", "Cookie": "fls_session=nonsense"}
    answer = client.get("/internal/identity", headers=headers)
    assert answer.status_code == 200 and HEADER not in answer.headers


@pytest.mark.parametrize(
    "credential",
    [{}, {"Cookie": "fls_session=fls_s_no"}, {"Authorization": "Bearer fls_t_no"}],
    ids=["nothing", "cookie", "token"],
)
@pytest.mark.parametrize("kind", ["page", "api"])
def test_where_a_credential_is_required_a_stranger_is_401(visitor, kind, credential) -> None:
    headers = {"X-FLS-Credential-Kind": kind, "X-FLS-Credential-Required": "yes", **credential}
    client = visitor.app.test_client(use_cookies=False)
    answer = client.get("/internal/identity", headers=headers)
    assert answer.status_code == 401 and HEADER not in answer.headers


def test_where_a_credential_is_required_a_known_caller_passes(site) -> None:
    for kind in ("page", "api"):
        answer = site.lead.identity(kind, **{"X-FLS-Credential-Required": "yes"})
        assert answer.status_code == 200 and HEADER in answer.headers


def test_a_switched_off_account_is_out_at_once_by_session_and_token(team, site, look) -> None:
    made = site.lead("POST", "/tokens", json={"name": "script", "expires_in_days": 30}).json
    script = Api(site.lead.app, made["token"])
    assert script.identity().status_code == 200
    account_id = look.value("SELECT account_id FROM account WHERE email = %s", site.email)
    answer = team("POST", f"/accounts/{account_id}/switch-off")
    assert answer.status_code == 200 and answer.json["state"] == "switched_off"
    assert site.lead.identity("api").status_code == script.identity().status_code == 401
    page = site.lead.identity("page")
    assert page.status_code == 200 and HEADER not in page.headers
    ended = look.value(
        "SELECT count(*) FROM session WHERE ended_at IS NULL AND account_id = %s", account_id
    )
    assert ended == 0
    assert team("POST", f"/accounts/{account_id}/switch-on").json["state"] == "active"
    assert site.lead.identity("api").status_code == 401
    assert script.identity().status_code == 200


def test_switching_off_twice_is_harmless_and_oneself_refused(team, site, look) -> None:
    account_id = look.value("SELECT account_id FROM account WHERE email = %s", site.email)
    assert team("POST", f"/accounts/{account_id}/switch-off").status_code == 200
    before = look.count("audit_log")
    assert team("POST", f"/accounts/{account_id}/switch-off").status_code == 200
    assert look.count("audit_log") == before
    own = look.value("SELECT account_id FROM account WHERE email = %s", TEAM_EMAIL)
    assert team("POST", f"/accounts/{own}/switch-off").status_code == 409
    assert team("GET", "/me").status_code == 200


def test_the_lead_of_a_suspended_site_can_do_nothing(site, look) -> None:
    look.rows("UPDATE site SET state = 'suspended'")
    assert site.lead("GET", "/me").json["rights"] == []
    assert site.lead("GET", "/tokens").status_code == 403


def test_a_lead_without_an_fls_has_no_right_to_records(other_site) -> None:
    rights = other_site.lead("GET", "/me").json["rights"]
    assert not [right for right in rights if right.startswith("records.")]
    assert "facilities.submit" in rights


def test_an_outdated_hash_is_made_anew_at_sign_in(site, sign_in, look) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    look.rows("UPDATE account SET password_hash = %s WHERE email = %s", old, site.email)
    sign_in(site.email)
    stored = look.value("SELECT password_hash FROM account WHERE email = %s", site.email)
    assert stored != old
    sign_in(site.email)


def test_a_flood_of_sign_ins_is_answered_429(visitor, monkeypatch) -> None:
    def busy(*_: Any) -> bool:
        raise TooMany("Too many people are signing in.", 3)

    monkeypatch.setattr(PasswordHashing, "verify", busy)
    answer = visitor("POST", "/sessions", json={"email": "a@example.org", "password": "x"})
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "3"


def test_a_secret_in_an_exception_reaches_neither_the_answer_nor_the_log(
    visitor, monkeypatch, written
) -> None:
    def broken(self: Any, stored: Any, password: str) -> bool:
        raise RuntimeError(f"could not hash {password}")

    monkeypatch.setattr(PasswordHashing, "verify", broken)
    body = {"email": "sam@example.org", "password": "a secret passphrase"}
    answer = visitor("POST", "/sessions", json=body)
    assert answer.status_code == 500
    assert "a secret passphrase" not in answer.text
    assert "unexpected_error" in written.getvalue()
    assert "a secret passphrase" not in written.getvalue()
    assert "sam@example.org" not in written.getvalue()


def test_no_credential_is_ever_logged(site, written) -> None:
    site.lead.identity("page")
    site.lead("GET", "/me")
    assert '"request"' in written.getvalue()
    assert site.lead.credential not in written.getvalue()


def test_knowing_who_calls_takes_one_query(site, engine) -> None:
    from sqlalchemy import event

    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert site.lead.identity().status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert [s.split()[0] for s in seen if not s.startswith("SET")] == ["SELECT"]


def idle(look: Any, minutes: float) -> None:
    look.rows("UPDATE session SET last_used_at = now() - make_interval(secs => %s)", minutes * 60)


def used_ago(look: Any) -> float:
    return float(look.value("SELECT extract(epoch FROM now() - last_used_at) FROM session"))


def test_a_session_that_lies_idle_for_twenty_minutes_is_over(team: Any, look: Any) -> None:
    idle(look, 19.5)
    assert team.identity("page").status_code == 200
    assert HEADER in team.identity("page").headers
    idle(look, 20.5)
    assert HEADER not in team.identity("page").headers
    assert team.identity("api").status_code == 401
    # Nor does the attempt bring it back.
    assert HEADER not in team.identity("page").headers


def test_what_somebody_does_keeps_them_signed_in_and_what_a_page_asks_by_itself_does_not(
    team: Any, look: Any
) -> None:
    idle(look, 10)
    assert HEADER in team.identity("page", **{"X-FLS-Polling": "yes"}).headers
    assert used_ago(look) > 590
    assert HEADER in team.identity("page").headers
    assert used_ago(look) < 60


def test_the_last_use_is_written_once_a_minute(team: Any, look: Any) -> None:
    idle(look, 0.5)
    team.identity("page")
    assert used_ago(look) > 25
