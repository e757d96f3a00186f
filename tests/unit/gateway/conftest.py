"""The pages with fake services behind them, and browsers of several people."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.app import create_app
from gateway.assets import Assets
from gateway.settings import GatewaySettings
from services.registration.domain.participation import Participation
from services.registration.domain.roles import HeldRole, Role, rights_of
from services.shared.identity import HEADER, Actor, Signer
from services.shared.settings import load
from tests.fakes.people import VISIT
from tests.fakes.services import ACCOUNT_ID, ME, SITE_ID, FakeServices

_KEY = Ed25519PrivateKey.generate()
SIGNER = Signer(base64.b64encode(_KEY.private_bytes_raw()).decode(), "test")
PUBLIC_KEY = base64.b64encode(_KEY.public_key().public_bytes_raw()).decode()
SETTINGS = load(
    GatewaySettings,
    {
        "FLS_REGISTRATION_URL": "http://registration",
        "FLS_RECORDS_URL": "http://records",
        "FLS_IMPORTS_URL": "http://imports",
        "FLS_FACILITIES_URL": "http://facilities",
        "FLS_PUBLIC_URL": "http://localhost",
        "FLS_CONTACT_EMAIL": "team@audit.example",
        "FLS_VISITOR_KEY": base64.b64encode(b"v" * 32).decode(),
        "FLS_IDENTITY_PUBLIC_KEYS": json.dumps({"test": PUBLIC_KEY}),
    },
)
CSRF = "csrf-of-the-session"
LEAD = rights_of([HeldRole(Role.SITE_LEAD)], Participation(True, True))
TEAM = rights_of([HeldRole(Role.AUDIT_TEAM)], None)
VISITING = rights_of([HeldRole(Role.AUDIT_TEAM)], Participation(True, True), visiting=True)


class Person:
    """A browser: keeps cookies, sends an identity as nginx would, and form tokens of its pages."""

    SESSION = "sid"

    def __init__(
        self,
        app: Flask,
        rights: frozenset[str] | None,
        site: str | None,
        visit: str | None = None,
        account: str = ACCOUNT_ID,
    ) -> None:
        self.client: FlaskClient = app.test_client()
        self._rights, self._site, self._visit = rights, site, visit
        self._account = account

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "text/html", "X-Request-ID": "0" * 31 + "1"}
        if self._rights is not None:
            actor = Actor(
                UUID(self._account),
                UUID(self._site) if self._site else None,
                self._rights,
                self.SESSION,
                CSRF,
                UUID(self._visit) if self._visit else None,
            )
            headers[HEADER] = SIGNER.sign(actor)
        return headers

    def get(self, path: str, **headers: str) -> TestResponse:
        """Opens a page; keyword `accept` becomes the header."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=self._headers() | more)

    def post(self, path: str, form: dict[str, object] | None = None, **more: str) -> TestResponse:
        """Sends a form as the page would, with its token; `token=""` leaves it out."""
        token = more.get("token")
        if token is None:
            token = CSRF if self._rights is not None else self.visitor_token()
        data = dict(form or {}) | ({"csrf_token": token} if token else {})
        return self.client.post(path, data=data, headers=self._headers())

    def visitor_token(self) -> str:
        """The token that a visitor's form carries; opening the form sets the cookie."""
        text = self.get("/sign-in").text
        found = re.search(r'name="csrf_token" value="(\w+)"', text)
        assert found, "the form has a token"
        return found[1]


@pytest.fixture(scope="session")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Assets:
    """Stands in for the build, which needs node."""
    folder: Path = tmp_path_factory.mktemp("build")
    (folder / "manifest.json").write_text(
        '{"pages.css": "pages.0.css", "pages.js": "pages.0.js", "first.js": "first.0.js",'
        ' "icon.svg": "icon.0.svg", "conditions.js": "conditions.0.js",'
        ' "autosave.js": "autosave.0.js", "lookup.js": "lookup.0.js"}'
    )
    return Assets(folder)


class Current(httpx.BaseTransport):
    """Leads to the services of the test that runs, so that all tests share one application."""

    services: FakeServices

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.services.handle_request(request)


@pytest.fixture(scope="session")
def current() -> Current:
    return Current()


@pytest.fixture(scope="session")
def only_app(current: Current, assets: Assets) -> Flask:
    return create_app(SETTINGS, transport=current, assets=assets)


@pytest.fixture
def services(current: Current) -> FakeServices:
    current.services = FakeServices()
    return current.services


@pytest.fixture
def app(only_app: Flask, services: FakeServices) -> Flask:
    return only_app


@pytest.fixture
def visitor(app: Flask) -> Person:
    return Person(app, None, None)


@pytest.fixture
def lead(app: Flask) -> Person:
    return Person(app, LEAD, SITE_ID)


@pytest.fixture
def team(app: Flask) -> Person:
    return Person(app, TEAM, None)


@pytest.fixture
def visiting(app: Flask, services: FakeServices) -> Person:
    """Someone of the audit team on a visit."""
    services.replies["GET", "/registration/v1/me"] = ME | {
        "roles": ["audit_team"],
        "visit": VISIT,
    }
    return Person(app, VISITING, SITE_ID, VISIT["visit_id"])


@pytest.fixture
def person_with(app: Flask) -> Callable[..., Person]:
    """A person of the site with just these rights."""
    return lambda *rights: Person(app, frozenset(rights), SITE_ID)
