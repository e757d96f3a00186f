"""The whole system, started by `./flsdb up` in a folder of its own, and people who use it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import Engine

from dataset.sample import sample_rows
from deploy.local.control import program_states
from deploy.local.layout import Layout
from deploy.local.mail_sink import read_mails
from deploy.local.private_files import read_json
from deploy.local.signing_in import first_code, sign_in
from deploy.local.system import code_job, load_system
from deploy.postgres.bootstrap import with_database
from services.registration.actions.demo_codes import next_code
from services.registration.settings import AdminSettings
from services.shared.db import make_engine, transaction
from services.shared.sealing import Keyring
from services.shared.settings import load

ROOT = Path(__file__).resolve().parents[2]
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Person:
    """Someone with an account: their session string as a bearer, and what they may do."""

    email: str
    password: str
    client: httpx.Client
    account: dict[str, Any] = field(default_factory=dict)

    @property
    def account_id(self) -> str:
        """The account's id."""
        return str(self.account["account_id"])

    @property
    def site_code(self) -> str:
        """The code of the person's site."""
        return str(self.account["site"]["code"])


class Live:
    """The running system, as the tests use it."""

    def __init__(self, layout: Layout, outcome: dict[str, Any]) -> None:
        self.layout = layout
        self.outcome = outcome
        self.address = outcome["address"].replace("localhost", "127.0.0.1")
        self.idle_bytes = memory_of(layout)
        self._number = 0

    def client(self, **headers: str) -> httpx.Client:
        """An HTTP client of the gateway."""
        return httpx.Client(base_url=self.address, timeout=60, headers=headers)

    def sign_in(self, email: str, password: str) -> Person:
        """Signs in over the API; nginx limits how fast one address may try, so this waits."""
        client = self.client()
        account = {"email": email, "password": password}
        opened = sign_in(client, account, code_of=self.code_of)
        assert opened is not None, email
        client.headers["Authorization"] = f"Bearer {opened['session']}"
        return Person(email, password, client, opened["account"])

    def enter(self, page: Page, email: str, password: str, path: str = "/") -> None:
        """Signs in on the page, with an app that is set up if there is none, and goes to a page."""
        page.goto(f"/sign-in?next={path}")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        self.pass_second_factor(page, email)
        page.get_by_role("button", name="Sign out").wait_for()

    def pass_second_factor(self, page: Page, email: str) -> None:
        """Enters the code that a page asks for, if it does; sets an app up first if it has to."""
        code = page.get_by_label("Code", exact=True)
        code.or_(page.get_by_role("button", name="Sign out")).first.wait_for()
        if not code.is_visible():
            return
        secret = page.locator(".fa-qr + details code")
        if secret.count():
            code.fill(first_code(secret.text_content() or ""))
            page.get_by_role("button", name="Finish").click()
            page.get_by_text("I have kept them").click()
        else:
            code.fill(self.code_of(email))
            page.get_by_role("button", name="Sign in", exact=True).click()

    def code_of(self, email: str) -> str:
        """A code of an account's authenticator app that counts now.

        Each half minute's code is good once. So that the tests need not wait for the next, this
        turns the account's clock of used codes back.
        """
        with psycopg.connect(self.database("registration"), autocommit=True) as database:
            database.execute(
                "UPDATE second_factor SET last_step = 0 FROM account "
                "WHERE account.account_id = second_factor.account_id AND email = %s",
                [email],
            )
        settings = self._code_settings
        keys = Keyring.from_json(settings.second_factor_keys, settings.second_factor_key_id)
        with transaction(self._registration, read_only=True) as session:
            return next_code(session, keys, email)[0]

    @cached_property
    def _code_settings(self) -> AdminSettings:
        """What `./flsdb code` works with; a process for each code would take seconds."""
        return load(AdminSettings, code_job(load_system(self.layout, in_use=True), "").env)

    @cached_property
    def _registration(self) -> Engine:
        url = self._code_settings.database_url
        return make_engine(url, application_name="tests", pool_size=1)

    def close(self) -> None:
        """Closes its own connections."""
        self._registration.dispose()

    def database(self, service: str) -> str:
        """The address of a service's database, as superuser."""
        return with_database(load_system(self.layout, in_use=True).postgres_url, service)

    def audit_team(self) -> Person:
        """The demo account of the audit team."""
        account = read_json(self.layout.demo)["audit_team"]
        return self.sign_in(account["email"], account["password"])

    def site_lead(self) -> Person:
        """The demo site's lead."""
        account = read_json(self.layout.demo)["site_lead"]
        return self.sign_in(account["email"], account["password"])

    def new_site(self, name: str, *, has_fls: bool = True) -> Person:
        """Registers and approves a site, and signs its lead in."""
        self._number += 1
        email = f"lead{self._number}.{secrets.token_hex(3)}@sites.example"
        form = {
            "organisation_name": name,
            "organisation_kind": "hospital",
            "nation": "england",
            "has_fls": has_fls,
            "lead_name": f"Lead of {name}",
            "lead_email": email,
            "statements_accepted": True,
        }
        with self.client() as visitor:
            for _ in range(20):
                form["ods_code"] = (
                    f"R{secrets.choice(ascii_uppercase)}{secrets.randbelow(1000):03d}"
                )
                answer = visitor.post("/api/registration/v1/applications", json=form)
                if answer.status_code != 409:  # another test's site has the code
                    break
            assert answer.status_code == 201, answer.text
            team = self.audit_team()
            path = f"/api/registration/v1/applications/{answer.json()['application_id']}/approval"
            approved = team.client.post(path, json={})
            assert approved.status_code in (200, 201), approved.text
            password = f"a pass phrase {secrets.token_hex(4)}"
            body = {"link": self.mailed_link(email), "password": password}
            answer = visitor.post("/api/registration/v1/passwords", json=body)
            assert answer.status_code == 204, answer.text
        person = self.sign_in(email, password)
        if has_fls:
            self.until(lambda: self._is_known(person))
        return person

    def new_person(self, lead: Person, name: str, role: str) -> Person:
        """Adds somebody to the lead's site, who sets a password and signs in."""
        email = f"{name.split()[0].lower()}.{secrets.token_hex(3)}@sites.example"
        body = {"name": name, "email": email, "role": role}
        answer = lead.client.post("/api/registration/v1/people", json=body)
        assert answer.status_code == 201, answer.text
        password = f"a pass phrase {secrets.token_hex(4)}"
        with self.client() as visitor:
            body = {"link": self.mailed_link(email), "password": password}
            answer = visitor.post("/api/registration/v1/passwords", json=body)
            assert answer.status_code == 204, answer.text
        return self.sign_in(email, password)

    def _is_known(self, person: Person) -> bool:
        """Whether imports and records have heard of the person's site."""
        return (
            person.client.get("/api/imports/v1/imports").status_code == 200
            and person.client.get("/api/records/v1/records").status_code == 200
        )

    def mailed_link(self, email: str) -> str:
        """The secret of the newest link mailed to an address."""

        def find() -> str | None:
            for mail in reversed(read_mails(self.layout.mail)):
                found = re.search(r"/set-password/([\w~.-]+)", mail.text)
                if found and email in str(mail.message["To"]):
                    return found.group(1).rstrip(".")
            return None

        return str(self.until(find))

    def current_round(self, person: Person) -> str:
        """The id of the open round, once facilities has heard of the person's site."""

        def look() -> str | None:
            answer = person.client.get("/api/facilities/v1/rounds/own")
            rounds = answer.json()["items"] if answer.status_code == 200 else []
            yearly = [r for r in rounds if r["questionnaire_id"].startswith("facilities-")]
            return str(yearly[0]["round_id"]) if yearly else None

        return str(self.until(look))

    def answer_facilities(self, person: Person, answers: dict[str, Any]) -> dict[str, Any]:
        """Saves answers, explains what the records contradict, confirms every section."""
        base = f"/api/facilities/v1/rounds/{self.current_round(person)}"
        page = person.client.get(f"{base}/answers").json()
        body = {"version": page["version"], "answers": answers}
        page = person.client.put(f"{base}/answers", json=body).json()
        why = {
            f"why.{found['code']}": "This is a demonstration."
            for found in page["findings"]
            if found["level"] == "contradiction"
        }
        body = {"version": page["version"], "answers": why}
        page = person.client.put(f"{base}/answers", json=body).json()
        for section in page["sections"]:
            if section["state"] != "not_asked":
                path = f"{base}/sections/{section['section']}/confirmation"
                answer = person.client.put(path, json={"version": page["version"]})
                assert answer.status_code == 200, answer.text
        found: dict[str, Any] = person.client.get(f"{base}/answers").json()
        return found

    def upload(self, person: Person, content: bytes, **parameters: str) -> httpx.Response:
        """Sends a file to the API; waits where the site is not known to imports yet."""
        parameters = {"file_name": "records.csv", **parameters}

        def send() -> httpx.Response:
            return person.client.post(
                "/api/imports/v1/imports",
                params=parameters,
                content=content,
                headers={"Content-Type": "text/csv"},
            )

        return self.patiently(send, also=(403,))

    def follow(self, person: Person, import_id: str, *states: str) -> dict[str, Any]:
        """Waits until an import is in one of the states."""

        def look() -> dict[str, Any] | None:
            answer = person.client.get(f"/api/imports/v1/imports/{import_id}")
            if answer.status_code != 200:
                return None
            found: dict[str, Any] = answer.json()
            return found if found["state"] in states else None

        return dict(self.until(look, seconds=180))

    def confirm(self, person: Person, import_id: str) -> None:
        """Confirms an import."""
        answer = person.client.post(f"/api/imports/v1/imports/{import_id}/confirmation", json={})
        assert answer.status_code in (200, 202, 204), answer.text

    def import_whole(self, person: Person, content: bytes) -> dict[str, Any]:
        """Uploads, checks, confirms, applies; returns the import."""
        answer = self.upload(person, content)
        assert answer.status_code in (200, 201), answer.text
        import_id = answer.json()["import_id"]
        checked = self.follow(person, import_id, "checked", "refused", "failed")
        assert checked["state"] == "checked", checked
        self.confirm(person, import_id)
        return self.follow(person, import_id, "applied", "failed")

    def pid(self, name: str) -> int:
        """The process id of a program, once it runs."""
        return int(self.until(lambda: self._pid(name)))

    def _pid(self, name: str) -> int | None:
        state = program_states(self.layout).get(name)
        return state.pid if state else None

    @staticmethod
    def until(look: Callable[[], Any], *, seconds: float = 60) -> Any:
        """Waits until a function returns something true."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError(f"it did not come true within {seconds} seconds")

    @staticmethod
    def patiently(send: Callable[[], httpx.Response], also: tuple[int, ...] = ()) -> httpx.Response:
        """Sends again while the gateway asks to slow down or a service is coming up."""
        deadline = time.monotonic() + 60
        while True:
            answer = send()
            again = answer.status_code in (429, 502, 503, 504, *also)
            if not again or time.monotonic() > deadline:
                return answer
            time.sleep(0.5)


def registration_link(live: Live, email: str, subject: str = "") -> str:
    """The secret of the newest link to a form that was mailed to an address."""

    def find() -> str | None:
        for mail in reversed(read_mails(live.layout.mail)):
            found = re.search(r"/register/([\w~.-]+)", mail.text)
            told = str(mail.message["Subject"])
            if found and email in str(mail.message["To"]) and subject in told:
                return found.group(1)
        return None

    return str(live.until(find))


def own_memory(process: psutil.Process) -> int:
    """The proportional memory; what is resident and unshared where the kernel does not tell it.

    Root in a container may not look into processes of other accounts.
    """
    try:
        return int(process.memory_full_info().pss)
    except psutil.AccessDenied:
        memory = process.memory_info()
        return int(memory.rss - memory.shared)
    except psutil.NoSuchProcess:
        return 0


def memory_of(layout: Layout) -> int:
    """The memory of all processes of a system, in bytes."""
    total = 0
    for state in program_states(layout).values():
        if state.pid is not None:
            process = psutil.Process(state.pid)
            total += sum(map(own_memory, (process, *process.children(recursive=True))))
    return total


def flsdb(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs the launcher for the system in `home`."""
    return subprocess.run(
        [str(ROOT / "flsdb"), *words],
        env={**os.environ, "FLSDB_HOME": str(home)},
        capture_output=True,
        text=True,
    )


def fill_in_registration(page: Page, live: Live, email: str, **site: Any) -> None:
    """Fills in and sends a registration form, page by page.

    Args:
        email: of the lead, where the link to the form went.
        site: `name`, `ods`, `has_fls`, `lead`.
    """
    domain = email.partition("@")[2]
    page.goto(f"/register/{registration_link(live, email)}/organisation")
    page.get_by_label("Name of the organisation").fill(site["name"])
    page.get_by_label("Hospital", exact=True).check()
    page.get_by_label("England").check()
    page.get_by_label("ODS code", exact=True).fill(site["ods"])
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_label("Yes" if site["has_fls"] else "No", exact=True).check()
    page.get_by_role("button", name="Save and go on").click()
    expect(page.locator("main")).to_contain_text(
        "a few more questions" if site["has_fls"] else "Full name of the lead"
    )
    if site["has_fls"]:
        page.get_by_role("button", name="Save and go on").click()
    page.get_by_label("Full name of the lead").fill(site["lead"])
    page.get_by_label("Full name of the Caldicott Guardian").fill("Pat Guardian")
    page.get_by_label("E-mail address of the Caldicott Guardian").fill(f"pat@{domain}")
    page.get_by_role("button", name="Save and go on").click()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("button", name="Send the registration").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Registration FA-")


@pytest.fixture(scope="session")
def system_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the tests' own system lies; it is stopped at the end, whatever happened.

    FLSDB_TEST_HOME names the home of a system to use instead, which is left running: starting one
    takes longer than most of these tests.
    """
    if named := os.environ.get("FLSDB_TEST_HOME"):
        yield Path(named)
        return
    home = tmp_path_factory.mktemp("system")
    yield home
    flsdb(home, "down", "--delete-data")


@pytest.fixture(scope="session")
def live(system_home: Path) -> Iterator[Live]:
    """The system, ready, with the sample applied."""
    run = flsdb(system_home, "up", "--json")
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-5000:]
    live = Live(Layout(system_home), json.loads(run.stdout.splitlines()[-1]))
    yield live
    live.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, driven by Playwright."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next((found for name in names if (found := shutil.which(name))), None)
    assert program, "the browser tests need Chromium (Debian's package chromium)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=BROWSER_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, live: Live) -> Iterator[Page]:
    """A new browser window that fails the test if a page asks any other host for anything."""
    context = browser.new_context(base_url=live.address, viewport={"width": 1100, "height": 900})
    strangers: list[str] = []
    context.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((live.address, "data:"))
            else strangers.append(request.url)
        ),
    )
    yield context.new_page()
    context.close()
    assert strangers == []


_AXE = Axe()


def assert_accessible(page: Page) -> None:
    """Fails with a list of what axe finds wrong with the page as it stands now."""
    found = _AXE.run(page, options={"resultTypes": ["violations"]}).response["violations"]
    faults = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n    "
        + "\n    ".join(f"{node['target']}: {node['html'][:200]}" for node in violation["nodes"])
        for violation in found
    ]
    assert not faults, f"{page.url} has faults:\n" + "\n".join(faults)


def go_back(page: Page) -> None:
    """Press the browser's back button.

    Through the page's own history: `page.go_back()` asks the browser for its list of entries,
    which it refuses ("Not attached to an active page") in the moment in which one document
    takes the place of another.
    """
    with page.expect_navigation():
        page.evaluate("() => void setTimeout(() => history.back(), 0)")


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: FLSDB_SCREENSHOTS, or a temporary folder."""
    named = os.environ.get("FLSDB_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def sample_file(rows: int, seed: int, service_code: str, **more: float) -> bytes:
    """A sample of the dataset as a file; `bad_share` of its rows are wrong, 2 % unless told."""
    text = io.StringIO(newline="")
    today = datetime.now(UTC).date()
    csv.writer(text).writerows(
        sample_rows(rows, seed, service_code=service_code, today=today, **more)
    )
    return text.getvalue().encode()
