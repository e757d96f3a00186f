"""The main job: a demo site's file goes through the whole system, from upload to ledger.

A client of the API, through the gateway like any other; only the first account of the audit team
and the mailed link come from elsewhere (a command of registration, a file below `.local/mail`).
Repeating it finds what is there: the same accounts, the same site, and for the same bytes the same
import.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy.local.layout import Layout
from deploy.local.mail_sink import read_mails
from deploy.local.private_files import read_json, write_private
from deploy.local.reporting import Reporter
from deploy.local.sample import write_sample

SAMPLE_ROWS = 5000
SAMPLE_SEED = 1
AUDIT_EMAIL = "audit.team@demo.example"
LEAD_EMAIL = "fls.lead@demo.example"
ENDED = ("applied", "cancelled", "refused", "failed")
LEDGER = ("received", "new", "changed", "same", "rejected", "held")
PATIENCE_SECONDS = 300
"""How long a step of the import may show no progress at all."""

APPLICATION = {
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


class MainJobFailed(Exception):
    """The main job could not be done; the text says which step and why."""


@dataclass(frozen=True)
class Outcome:
    """What the main job ended with.

    Attributes:
        import_object: The import as the API shows it.
        demo: The demo accounts: `audit_team` and `site_lead`, each with `email` and `password`;
            beside them `site_code`.
        seconds: From the upload's first byte to the last row applied; None if it was there already.
    """

    import_object: dict[str, Any]
    demo: dict[str, Any]
    seconds: float | None

    @property
    def ledger(self) -> dict[str, int]:
        """The six counts; received is the sum of the others."""
        return {name: int(self.import_object["counts"][name] or 0) for name in LEDGER}


def run_main_job(
    layout: Layout,
    base_url: str,
    *,
    create_admin: Callable[[str, str, Path], None],
    reporter: Reporter,
) -> Outcome:
    """Sees that a demo site exists and that its sample is applied.

    Args:
        layout: Where demo accounts, mails and the sample lie.
        base_url: The gateway's address, such as `http://127.0.0.1:8080`.
        create_admin: Makes an account of the audit team: e-mail, name, file with the password.
        reporter: Told each step.

    Raises:
        MainJobFailed: A step did not work.
    """
    demo = _demo_accounts(layout)
    with httpx.Client(base_url=base_url, timeout=60) as client:
        lead = _sign_in(client, demo["site_lead"])
        if lead is None:
            _make_site(client, layout, demo, create_admin, reporter)
            lead = _sign_in(client, demo["site_lead"])
        if lead is None:
            raise MainJobFailed("the demo site's lead cannot sign in")
        client.headers["Authorization"] = f"Bearer {lead['session']}"
        code = str(lead["account"]["site"]["code"])
        if demo.get("site_code") != code:
            # `./flsdb sample` writes files that this site can upload.
            demo["site_code"] = code
            write_private(layout.demo, demo)
        sample = write_sample(
            layout.home / f"sample-{code}.csv",
            rows=SAMPLE_ROWS,
            seed=SAMPLE_SEED,
            service_code=code,
        )
        begun = time.monotonic()
        answer, is_new = _upload(client, sample, reporter)
        if answer["state"] != "applied":
            answer = _to_the_end(client, answer, reporter)
        # Sessions are opaque and stored: one that is not ended lives on until it expires.
        client.delete("/api/registration/v1/sessions/current")
    return Outcome(answer, demo, time.monotonic() - begun if is_new else None)


def _demo_accounts(layout: Layout) -> dict[str, Any]:
    demo = read_json(layout.demo)
    if not demo:
        demo = {
            "audit_team": {"email": AUDIT_EMAIL, "password": secrets.token_urlsafe(12)},
            "site_lead": {"email": LEAD_EMAIL, "password": secrets.token_urlsafe(12)},
        }
        write_private(layout.demo, demo)
    return demo


def _sign_in(client: httpx.Client, account: dict[str, str]) -> dict[str, Any] | None:
    """Returns the session and its account, None where there is no such account or password."""
    answer = _patiently(
        lambda: client.post(
            "/api/registration/v1/sessions",
            json={
                "email": account["email"],
                "password": account["password"],
            },
        )
    )
    if answer.status_code == 401:
        return None
    return _json(answer, "signing in", 201)


def _patiently(send: Callable[[], httpx.Response]) -> httpx.Response:
    """Sends again while the system is still coming up (503) or asks us to slow down (429)."""
    until = time.monotonic() + 60
    while True:
        answer = send()
        if answer.status_code not in (429, 502, 503, 504) or time.monotonic() > until:
            return answer
        time.sleep(1)


def _make_site(
    client: httpx.Client,
    layout: Layout,
    demo: dict[str, Any],
    create_admin: Callable[[str, str, Path], None],
    reporter: Reporter,
) -> None:
    """Registers the demo site, approves it, and sets its lead's password with the mailed link."""
    reporter.say("registering a demo site and approving it")
    audit = _sign_in(client, demo["audit_team"])
    if audit is None:
        _create_audit_team(layout, demo["audit_team"], create_admin)
        audit = _sign_in(client, demo["audit_team"])
    if audit is None:
        raise MainJobFailed("the demo account of the audit team cannot sign in")
    headers = {"Authorization": f"Bearer {audit['session']}"}
    application = _find_application(client, headers)
    if application is None:
        answer = client.post("/api/registration/v1/applications", json=APPLICATION)
        application = _json(answer, "registering the demo site", 201)
    if application.get("state") not in ("approved",):
        path = f"/api/registration/v1/applications/{application['application_id']}/approval"
        _json(client.post(path, json={}, headers=headers), "approving the demo site", 200, 201)
    link = mailed_link(layout, LEAD_EMAIL)
    body = {"link": link, "password": demo["site_lead"]["password"]}
    answer = client.post("/api/registration/v1/passwords", json=body)
    if answer.status_code != 204:
        raise MainJobFailed(f"setting the lead's password: {_problem(answer)}")
    client.delete("/api/registration/v1/sessions/current", headers=headers)


def _create_audit_team(
    layout: Layout, account: dict[str, str], create_admin: Callable[[str, str, Path], None]
) -> None:
    secret = layout.run / "audit-team-password"
    secret.unlink(missing_ok=True)
    secret.touch(mode=0o600)
    secret.write_text(account["password"])
    try:
        create_admin(account["email"], "Demo audit team", secret)
    finally:
        secret.unlink()


def _find_application(client: httpx.Client, headers: dict[str, str]) -> dict[str, Any] | None:
    """Returns the demo site's application that an interrupted first run left, if there is one."""
    for state in ("waiting", "approved", None):
        parameters = {"page_size": "100"} | ({"state": state} if state else {})
        answer = client.get("/api/registration/v1/applications", params=parameters, headers=headers)
        if answer.status_code != 200:
            continue
        for item in answer.json().get("items", []):
            if item.get("ods_code") == APPLICATION["ods_code"] and item["state"] != "refused":
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
            raise MainJobFailed(f"no mail with a link for {email} arrived below {layout.mail}")
        time.sleep(0.3)


def _upload(client: httpx.Client, sample: Path, reporter: Reporter) -> tuple[dict[str, Any], bool]:
    """Uploads the file; returns the import, and whether it is a new one.

    The site's approval reaches the imports service as an event, so the first tries may be refused.
    """
    until = time.monotonic() + 60
    size = sample.stat().st_size
    while True:
        with reporter.progress(f"uploading {SAMPLE_ROWS:,} rows", size) as show:
            answer = client.post(
                "/api/imports/v1/imports",
                params={"file_name": sample.name, "mode": "add_and_update", "confirm": "person"},
                content=_pieces(sample, show),
                headers={"Content-Type": "text/csv", "Content-Length": str(size)},
            )
        if answer.status_code in (200, 201):
            return dict(answer.json()), answer.status_code == 201
        if answer.status_code not in (403, 404, 409, 429, 503) or time.monotonic() > until:
            raise MainJobFailed(f"uploading the sample: {_problem(answer)}")
        time.sleep(1)


def _pieces(path: Path, show: Callable[[int], None]) -> Iterator[bytes]:
    done = 0
    with path.open("rb") as file:
        while piece := file.read(65536):
            yield piece
            done += len(piece)
            show(done)


def _to_the_end(client: httpx.Client, answer: dict[str, Any], reporter: Reporter) -> dict[str, Any]:
    """Follows the check, confirms, follows the apply; returns the applied import."""
    path = f"/api/imports/v1/imports/{answer['import_id']}"
    answer = _follow(client, path, "checking", "rows_checked", ("checked",), reporter)
    if answer["state"] == "checked":
        _json(client.post(f"{path}/confirmation", json={}), "confirming", 200, 201, 202, 204)
        answer = _follow(client, path, "storing", "rows_applied", (), reporter)
    if answer["state"] != "applied":
        reasons = "; ".join(str(item.get("message")) for item in answer.get("file_findings", []))
        raise MainJobFailed(f"the import ended as {answer['state']}. {reasons}")
    return answer


def _follow(
    client: httpx.Client,
    path: str,
    text: str,
    field: str,
    until_states: tuple[str, ...],
    reporter: Reporter,
) -> dict[str, Any]:
    seen: Any = None
    changed_at = time.monotonic()
    with reporter.progress(f"{text} {SAMPLE_ROWS:,} rows", SAMPLE_ROWS) as show:
        while True:
            answer = _json(_patiently(lambda: client.get(path)), f"reading {path}", 200)
            now = (answer["state"], answer.get("stage"), answer.get(field))
            if now != seen:
                seen, changed_at = now, time.monotonic()
            show(int(answer.get(field) or 0))
            if answer["state"] in until_states or answer["state"] in ENDED:
                return answer
            if time.monotonic() - changed_at > PATIENCE_SECONDS:
                raise MainJobFailed(f"{text}: no progress for {PATIENCE_SECONDS} s, state {now}")
            time.sleep(0.2)


def _json(answer: httpx.Response, step: str, *expected: int) -> dict[str, Any]:
    if answer.status_code not in expected:
        raise MainJobFailed(f"{step}: {_problem(answer)}")
    return dict(answer.json()) if answer.content else {}


def _problem(answer: httpx.Response) -> str:
    """Returns a problem document's words, without the address (which may hold a secret)."""
    try:
        body = answer.json()
        words = " ".join(str(body.get(key, "")) for key in ("title", "detail"))
        errors = body.get("errors")
        return f"{answer.status_code} {words} {errors or ''}".strip()
    except ValueError:
        return f"{answer.status_code} {answer.reason_phrase}"
