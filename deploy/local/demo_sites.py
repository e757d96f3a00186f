"""Registers, approves and signs in demo sites: a client of the API, through the gateway.

Only the first account of the audit team and the mailed link come from elsewhere (a command of
registration, a file below `.local/mail`). Each step finds what an interrupted one has left.
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

import httpx

from deploy.local.asking import StepFailed, expect, patiently, problem_of
from deploy.local.layout import Layout
from deploy.local.mail_sink import read_mails
from deploy.local.private_files import read_json, write_private
from deploy.local.reporting import Reporter
from deploy.local.signing_in import CreateAdmin, Operator, sign_in

AUDIT_EMAIL = "audit.team@demo.example"
LEAD_EMAIL = "fls.lead@demo.example"

APPLICATION: dict[str, Any] = {
    "organisation_name": "Demo General Hospital",
    "organisation_kind": "hospital",
    "ods_code": "ZZ901",
    "nation": "england",
    "has_fls": True,
    "fls_name": "Demo fracture liaison service",
    "lead_name": "Dana Demo",
    "lead_email": LEAD_EMAIL,
    "lead_job": "Fracture liaison nurse",
    "statements_accepted": True,
}


def demo_accounts(layout: Layout) -> dict[str, Any]:
    """Returns the demo accounts (`audit_team`, `site_lead`), with new passwords the first time."""
    demo = read_json(layout.demo)
    if not demo:
        demo = {
            "audit_team": {"email": AUDIT_EMAIL, "password": secrets.token_urlsafe(12)},
            "site_lead": {"email": LEAD_EMAIL, "password": secrets.token_urlsafe(12)},
        }
        write_private(layout.demo, demo)
    return demo


def site_password(layout: Layout, demo: dict[str, Any], number: int) -> str:
    """Returns the password of a demo site's lead; kept before it is used anywhere.

    Args:
        demo: What `demo_accounts` returned; a new password is added to it.
        number: 0 for the demo site itself, others for those that `sample --store` makes.
    """
    if number == 0:
        return str(demo["site_lead"]["password"])
    leads = demo.setdefault("more_leads", {})
    if str(number) not in leads:
        leads[str(number)] = secrets.token_urlsafe(12)
        write_private(layout.demo, demo)
    return str(leads[str(number)])


def make_site(
    client: httpx.Client,
    layout: Layout,
    application: dict[str, Any],
    *,
    password: str,
    team: dict[str, str],
    operator: Operator,
) -> None:
    """Registers a site, approves it, and sets its lead's password with the mailed link.

    Args:
        client: Of the gateway, signed in as nobody.
        layout: Where the mails lie.
        application: What the registration form sends; an ODS code of its own for each site.
        password: That its lead will sign in with.
        team: The account of the audit team that approves; made if it cannot sign in.
        operator: Makes that account, and knows its codes.

    Raises:
        StepFailed: A step did not work.
    """
    name = application["organisation_name"]
    headers = _team_headers(client, layout, team, operator)
    found = _find_application(client, headers, application["ods_code"])
    if found is None:
        path = "/api/registration/v1/applications"
        answer = patiently(lambda: client.post(path, json=application))
        found = expect(answer, f"registering {name}", 201)
    if found.get("state") not in ("approved",):
        path = f"/api/registration/v1/applications/{found['application_id']}/approval"
        expect(client.post(path, json={}, headers=headers), f"approving {name}", 200, 201)
    body = {"link": mailed_link(layout, application["lead_email"]), "password": password}
    answer = client.post("/api/registration/v1/passwords", json=body)
    if answer.status_code != 204:
        raise StepFailed(f"setting the password of {name}'s lead: {problem_of(answer)}")


def lead_session(
    client: httpx.Client,
    layout: Layout,
    application: dict[str, Any],
    *,
    password: str,
    team: dict[str, str],
    operator: Operator,
    reporter: Reporter,
) -> dict[str, Any]:
    """Returns session and account of a site's lead, the site made first where there is none.

    Arguments and errors are those of `make_site`; `reporter` is told when it makes one.
    """
    account = {"email": application["lead_email"], "password": password}
    session = sign_in(client, account, code_of=operator.code_of)
    if session is None:
        reporter.say(f"registering {application['organisation_name']} and approving it")
        make_site(client, layout, application, password=password, team=team, operator=operator)
        session = sign_in(client, account, code_of=operator.code_of)
    if session is None:
        raise StepFailed(f"the lead of {application['organisation_name']} cannot sign in")
    return session


def _team_headers(
    client: httpx.Client, layout: Layout, team: dict[str, str], operator: Operator
) -> dict[str, str]:
    if operator.team_session is None or not _goes_on(client, operator.team_session):
        audit = sign_in(client, team, code_of=operator.code_of)
        if audit is None:
            _create_audit_team(layout, team, operator.create_admin)
            audit = sign_in(client, team, code_of=operator.code_of)
        if audit is None:
            raise StepFailed("the demo account of the audit team cannot sign in")
        operator.team_session = str(audit["session"])
    return _bearer(operator.team_session)


def _goes_on(client: httpx.Client, session: str) -> bool:
    return client.get("/api/registration/v1/me", headers=_bearer(session)).status_code == 200


def _bearer(session: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {session}"}


def end_team_session(client: httpx.Client, operator: Operator) -> None:
    """Signs the audit team out, if it was signed in for something."""
    if operator.team_session is not None:
        client.delete(
            "/api/registration/v1/sessions/current", headers=_bearer(operator.team_session)
        )
        operator.team_session = None


def _create_audit_team(layout: Layout, account: dict[str, str], create_admin: CreateAdmin) -> None:
    secret = layout.run / "audit-team-password"
    secret.unlink(missing_ok=True)
    secret.touch(mode=0o600)
    secret.write_text(account["password"])
    try:
        create_admin(account["email"], "Demo audit team", secret)
    finally:
        secret.unlink()


def _find_application(
    client: httpx.Client, headers: dict[str, str], ods_code: str
) -> dict[str, Any] | None:
    """Returns the application of this code that an interrupted first run left, if there is one."""
    for state in ("waiting", "approved", None):
        parameters = {"page_size": "100"} | ({"state": state} if state else {})
        answer = client.get("/api/registration/v1/applications", params=parameters, headers=headers)
        if answer.status_code != 200:
            continue
        for item in answer.json().get("items", []):
            if item.get("ods_code") == ods_code and item["state"] != "refused":
                return dict(item)
    return None


def mailed_link(layout: Layout, email: str) -> str:
    """Returns the secret of the newest link that was mailed to `email`; waits for the mail."""
    until = time.monotonic() + 60
    while True:
        for mail in reversed(read_mails(layout.mail)):
            found = re.search(r"/set-password/([\w~.-]+)", mail.text)
            if found and email in str(mail.message["To"]):
                return found.group(1).rstrip(".")
        if time.monotonic() > until:
            raise StepFailed(f"no mail with a link for {email} arrived below {layout.mail}")
        time.sleep(0.3)


def wait_for_site(client: httpx.Client) -> None:
    """Waits until imports and records have heard of the site of the client's account."""
    until = time.monotonic() + 60
    paths = ["/api/imports/v1/imports", "/api/records/v1/records?page_size=1"]
    while paths:
        answer = client.get(paths[-1])
        if answer.status_code == 200:
            paths.pop()
        elif time.monotonic() > until:
            raise StepFailed(f"a new site did not become known: {problem_of(answer)}")
        else:
            time.sleep(0.2)
