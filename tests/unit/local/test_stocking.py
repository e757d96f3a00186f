"""Filling a system with records: the plan, and what a second run still does."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local import stocking
from deploy.local.asking import StepFailed
from deploy.local.cli import main
from deploy.local.layout import Layout
from deploy.local.mail_sink import keep_mail
from deploy.local.reporting import Reporter
from deploy.local.signing_in import Operator
from deploy.local.stocking import Share, Stocked, fill_store, plan_shares, seed_of


@pytest.mark.parametrize(
    ("rows", "sites", "shares"),
    [
        (500_000, 25, [20_000] * 25),
        (50_000, 4, [20_000, 10_000, 10_000, 10_000]),
        (1_000, 4, [500, 167, 167, 166]),
        (70_000, 1, [70_000]),
        (6, 3, [3, 2, 1]),
    ],
)
def test_records_are_divided_among_sites(rows: int, sites: int, shares: list[int]) -> None:
    plan = plan_shares(rows, sites)
    assert [share.rows for share in plan] == shares
    assert [share.number for share in plan] == list(range(sites))
    assert sum(shares) == rows


@pytest.mark.parametrize(("rows", "sites"), [(10, 0), (500_000, 201), (49, 25), (2_000_001, 25)])
def test_what_is_too_much_or_too_little_is_refused(rows: int, sites: int) -> None:
    with pytest.raises(ValueError, match="sites"):
        plan_shares(rows, sites)


def test_each_site_has_a_form_of_its_own() -> None:
    for key in ("ods_code", "organisation_name", "lead_email"):
        values = [share.application[key] for share in plan_shares(2_000, 200)]
        assert len(set(values)) == 200


def test_seeds_give_other_patients_at_each_site_and_other_local_ids_in_each_file() -> None:
    seeds = [seed_of(number, part) for number in range(200) for part in range(1, 20)]
    assert len(set(seeds)) == len(seeds)
    # A sample's local ids begin with the last three digits of its seed.
    assert len({seed_of(7, part) % 1000 for part in range(1, 20)}) == 19


class Gateway:
    """Answers like registration, imports and records for any number of sites."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.passwords: dict[str, str] = {}
        self.applications: list[dict[str, Any]] = []
        self.imports: dict[str, list[dict[str, Any]]] = {}
        self.stored: Counter[str] = Counter()
        self.lost = 0
        self.calls: Counter[str] = Counter()
        self.files: list[list[list[str]]] = []

    def create_admin(self, email: str, _name: str, password_file: Path) -> None:
        self.passwords[email] = password_file.read_text()

    def code_of(self, email: str) -> str:
        return f"code of {email}"

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/")
        body = request.read()
        who = request.headers.get("Authorization", "").removeprefix("Bearer ")
        name = path.split("/")[2]
        self.calls[f"{request.method} {name}"] += 1
        if name == "me":
            return httpx.Response(200, json={})
        answer: httpx.Response = getattr(self, f"_{name.replace('-', '_')}")(request, who, body)
        return answer

    def _sessions(self, request: httpx.Request, _who: str, body: bytes) -> httpx.Response:
        if request.method == "DELETE":
            return httpx.Response(204)
        asked = json.loads(body)
        if self.passwords.get(asked["email"]) != asked["password"]:
            return httpx.Response(401, json={"title": "Sign in first"})
        site = {"code": f"S{asked['email'].split('@')[0][-1]}", "name": asked["email"]}
        answer = {"session": asked["email"], "account": {"site": site}}
        return httpx.Response(201, json=answer)

    def _applications(self, request: httpx.Request, _who: str, body: bytes) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"items": self.applications})
        if request.url.path.endswith("/approval"):
            one = self.applications[int(request.url.path.split("/")[-2])]
            one["state"] = "approved"
            mail = f"To: {one['lead_email']}\r\n\r\nhttps://x/set-password/for.{one['lead_email']}"
            keep_mail(self.layout.mail, mail.replace("@", "~").replace("~", "@", 1).encode())
            return httpx.Response(201, json={})
        one = {
            **json.loads(body),
            "application_id": str(len(self.applications)),
            "state": "waiting",
        }
        self.applications.append(one)
        return httpx.Response(201, json=one)

    def _passwords(self, _request: httpx.Request, _who: str, body: bytes) -> httpx.Response:
        asked = json.loads(body)
        email = asked["link"].removeprefix("for.").replace("~", "@")
        self.passwords[email] = asked["password"]
        return httpx.Response(204)

    def _imports(self, request: httpx.Request, who: str, body: bytes) -> httpx.Response:
        mine = self.imports.setdefault(who, [])
        if request.method == "POST":
            rows = list(csv.reader(io.StringIO(body.decode())))[1:]
            self.files.append(rows)
            stored = len(rows) - min(self.lost, len(rows))
            self.lost = 0
            self.stored[who] += stored
            one = {"import_id": str(len(mine)), "state": "applied", "rows_applied": stored}
            mine.append(one)
            return httpx.Response(201, json=one)
        if request.url.path.endswith("/imports"):
            return httpx.Response(200, json={"items": mine, "total": len(mine)})
        one = mine[int(request.url.path.split("/")[-1])]
        one["state"] = {"checking": "applied"}.get(one["state"], one["state"])
        return httpx.Response(200, json=one)

    def _records(self, _request: httpx.Request, who: str, _body: bytes) -> httpx.Response:
        return httpx.Response(200, json={"items": [], "total": self.stored[who]})


@pytest.fixture
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    layout = Layout(tmp_path)
    layout.run.mkdir()
    layout.mail.mkdir()
    made = Gateway(layout)
    client: Callable[..., httpx.Client] = httpx.Client
    monkeypatch.setattr(
        stocking.httpx,
        "Client",
        lambda **options: client(transport=httpx.MockTransport(made), **options),
    )
    return made


def fill(gateway: Gateway, *rows: int) -> list[Stocked]:
    return fill_store(
        gateway.layout,
        "http://gateway.example",
        [Share(number, count) for number, count in enumerate(rows)],
        operator=Operator(gateway.create_admin, gateway.code_of),
        reporter=Reporter(quiet_stdout=True),
    )


def test_a_new_system_gets_its_sites_and_their_records(gateway: Gateway) -> None:
    stocked = fill(gateway, 40, 30, 20)
    assert [(s.before, s.now) for s in stocked] == [(0, 40), (0, 30), (0, 20)]
    assert len(gateway.applications) == 3
    numbers = [{row[2] for row in file} for file in gateway.files]
    assert len(set.union(*numbers)) == 90
    # No file stays, and the passwords that were made do.
    assert list(gateway.layout.home.glob("sample-*")) == []
    kept = json.loads(gateway.layout.demo.read_text())
    assert sorted(kept["more_leads"]) == ["1", "2"]


def test_a_second_run_uploads_only_what_is_missing(gateway: Gateway) -> None:
    fill(gateway, 40, 30)
    gateway.calls.clear()
    stocked = fill(gateway, 40, 45)
    assert [(s.before, s.now) for s in stocked] == [(40, 40), (30, 45)]
    assert gateway.calls["POST imports"] == 1
    assert gateway.calls["POST applications"] == 0
    assert len(gateway.files[-1]) == 15
    first, second = gateway.files[1], gateway.files[-1]
    assert {row[1] for row in first}.isdisjoint(row[1] for row in second)


def test_rows_that_were_not_stored_are_made_up_for(gateway: Gateway) -> None:
    gateway.lost = 5
    assert fill(gateway, 40)[0].now == 40
    assert [len(file) for file in gateway.files] == [40, 5]


def test_an_import_that_stores_nothing_is_not_tried_for_ever(gateway: Gateway) -> None:
    gateway.lost = 1_000
    (only,) = fill(gateway, 40)
    assert (only.now, len(gateway.files)) == (0, 1)


def test_an_import_under_way_is_waited_for(gateway: Gateway) -> None:
    fill(gateway, 40)
    (who,) = gateway.imports
    gateway.imports[who].append({"import_id": "1", "state": "checking", "rows_applied": 0})
    fill(gateway, 40)
    assert gateway.imports[who][1]["state"] == "applied"
    assert len(gateway.files) == 1


def test_a_refused_file_ends_the_command_with_its_reason(gateway: Gateway, monkeypatch) -> None:
    def refused(*_: Any) -> httpx.Response:
        findings = [{"message": "There is no heading DateOfBirth."}]
        answer = {"import_id": "0", "state": "refused", "file_findings": findings}
        return httpx.Response(200, json={**answer, "items": [], "total": 0})

    monkeypatch.setattr(gateway, "_imports", refused)
    with pytest.raises(StepFailed, match="no heading DateOfBirth"):
        fill(gateway, 40)


@pytest.mark.parametrize(
    "words", [["--store", "5000", "--rows", "5"], ["--store", "0"], ["--sites", "3"], []]
)
def test_a_sample_is_a_file_or_a_store(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sample", *words])


def test_a_store_wants_a_running_system(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("FLSDB_HOME", str(tmp_path))
    with pytest.raises(SystemExit):
        main(["sample", "--store", "5000"])
    assert "./flsdb up starts it" in capsys.readouterr().err
