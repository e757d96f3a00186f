"""The main job on a gateway that answers as the API is described; the real one is tried by `up`."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local import main_job
from deploy.local.asking import StepFailed
from deploy.local.demo_sites import APPLICATION, LEAD_EMAIL
from deploy.local.layout import Layout
from deploy.local.mail_sink import keep_mail
from deploy.local.main_job import LEDGER, run_main_job
from deploy.local.reporting import Reporter
from deploy.local.signing_in import Operator, first_code

SECRET = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
COUNTS = {"received": 10, "new": 8, "changed": 0, "same": 0, "rejected": 2, "held": 0}


class Gateway:
    """Answers like registration and imports, for one site and one file."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.passwords: dict[str, str] = {}
        self.applications: list[dict[str, Any]] = []
        self.imports: dict[bytes, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.apps: set[str] = set()
        self.waiting: dict[str, Any] = {}

    def create_admin(self, email: str, _name: str, password_file: Path) -> None:
        assert stat.S_IMODE(password_file.stat().st_mode) == 0o600
        self.passwords[email] = password_file.read_text()

    def code_of(self, email: str) -> str:
        return f"code of {email}"

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/")
        self.calls.append(f"{request.method} {path}")
        body = request.read()
        for beginning, answer in (
            ("registration/v1/sessions/second-factor", self._second_factor),
            ("registration/v1/me", lambda *_: httpx.Response(200, json={})),
            ("registration/v1/sessions", self._sessions),
            ("registration/v1/applications", self._applications),
            ("registration/v1/passwords", self._set_password),
            ("imports/v1/imports", self._imports),
        ):
            if path.startswith(beginning):
                return answer(request, body)
        return httpx.Response(404)

    def _sessions(self, request: httpx.Request, body: bytes) -> httpx.Response:
        if request.method == "DELETE":
            return httpx.Response(204)
        asked = json.loads(body)
        if self.passwords.get(asked["email"]) != asked["password"]:
            return httpx.Response(401, json={"title": "Sign in first"})
        account = {"site": {"code": "DEM"}}
        self.waiting = {"session": asked["email"], "account": account}
        wants = "code" if asked["email"] in self.apps else "enrolment"
        return httpx.Response(202, json={"waiting": asked["email"], "wants": wants})

    def _second_factor(self, request: httpx.Request, body: bytes) -> httpx.Response:
        asked = json.loads(body)
        email = asked["waiting"]
        if request.url.path.endswith("/enrolment"):
            return httpx.Response(200, json={"secret": SECRET, "address": "otpauth://totp/x"})
        right = self.code_of(email) if email in self.apps else first_code(SECRET)
        if asked["code"] != right:
            return httpx.Response(422, json={"title": "Wrong code"})
        self.apps.add(email)
        return httpx.Response(201, json=self.waiting)

    def _applications(self, request: httpx.Request, body: bytes) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"items": self.applications})
        if request.url.path.endswith("/approval"):
            self.applications[0]["state"] = "approved"
            link = b"https://x.example/set-password/abc_DEF-123"
            head = f"To: {LEAD_EMAIL}\r\nSubject: s\r\n\r\n".encode()
            keep_mail(self.layout.mail, head + b"Open " + link + b"\r\n")
            return httpx.Response(201, json={"site_id": "1"})
        asked = json.loads(body)
        self.applications = [
            {"application_id": "7", "state": "waiting", "ods_code": asked["ods_code"]}
        ]
        return httpx.Response(201, json=self.applications[0])

    def _set_password(self, _request: httpx.Request, body: bytes) -> httpx.Response:
        asked = json.loads(body)
        assert asked["link"] == "abc_DEF-123"
        self.passwords[LEAD_EMAIL] = asked["password"]
        return httpx.Response(204)

    def _imports(self, request: httpx.Request, body: bytes) -> httpx.Response:
        if request.url.path.endswith("/imports"):
            is_new = body not in self.imports
            found = self.imports.setdefault(body, self._import("received"))
            return httpx.Response(201 if is_new else 200, json=found)
        (found,) = self.imports.values()
        after = {"received": "checked", "applying": "applied"}
        if request.url.path.endswith("/confirmation"):
            found["state"] = "applying"
        else:
            found["state"] = after.get(found["state"], found["state"])
        return httpx.Response(200, json=found)

    def _import(self, state: str) -> dict[str, Any]:
        return {"import_id": "5", "state": state, "counts": dict(COUNTS), "rows_checked": 10}


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    layout = Layout(tmp_path)
    layout.run.mkdir()
    layout.mail.mkdir()
    monkeypatch.setattr(main_job, "SAMPLE_ROWS", 10)
    return layout


@pytest.fixture
def gateway(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    gateway = Gateway(layout)
    client: Callable[..., httpx.Client] = httpx.Client

    def connected(**options: Any) -> httpx.Client:
        return client(transport=httpx.MockTransport(gateway), **options)

    monkeypatch.setattr(main_job.httpx, "Client", connected)
    return gateway


def run(layout: Layout, gateway: Gateway) -> main_job.Outcome:
    return run_main_job(
        layout,
        "http://gateway.example",
        operator=Operator(gateway.create_admin, gateway.code_of),
        reporter=Reporter(quiet_stdout=True),
    )


def test_a_new_system_gets_a_site_and_its_file_is_applied(layout: Layout, gateway: Gateway) -> None:
    outcome = run(layout, gateway)
    assert outcome.ledger == {name: COUNTS[name] for name in LEDGER}
    assert outcome.seconds is not None
    assert "POST imports/v1/imports/5/confirmation" in gateway.calls
    assert json.loads(layout.demo.read_text())["site_code"] == "DEM"


def test_a_second_run_finds_what_is_there(layout: Layout, gateway: Gateway) -> None:
    first = run(layout, gateway)
    gateway.calls.clear()
    second = run(layout, gateway)
    assert second.seconds is None
    assert second.ledger == first.ledger
    assert second.demo == first.demo
    assert not any("applications" in call or "confirmation" in call for call in gateway.calls)


def test_an_interrupted_registration_is_gone_on_with(layout: Layout, gateway: Gateway) -> None:
    gateway.applications = [
        {"application_id": "7", "state": "waiting", "ods_code": APPLICATION["ods_code"]}
    ]
    run(layout, gateway)
    assert "POST registration/v1/applications" not in gateway.calls


def test_demo_passwords_are_closed_to_others_and_no_password_file_stays(
    layout: Layout, gateway: Gateway
) -> None:
    run(layout, gateway)
    assert stat.S_IMODE(layout.demo.stat().st_mode) == 0o600
    assert list(layout.run.iterdir()) == []


def test_a_refused_file_says_why(
    layout: Layout, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(state: str) -> dict[str, Any]:
        findings = [{"message": "There is no heading DateOfBirth."}]
        return {"import_id": "5", "state": "refused", "counts": {}, "file_findings": findings}

    monkeypatch.setattr(gateway, "_import", refused)
    with pytest.raises(StepFailed, match=r"refused.*no heading DateOfBirth"):
        run(layout, gateway)
