"""A registration application on a real database, with people who really sign in."""

from __future__ import annotations

import base64
import functools
import io
import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from psycopg.rows import dict_row
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from services.registration.actions.accounts import provide_national_account
from services.registration.actions.mails import MailDesk
from services.registration.app import create_app
from services.registration.domain.roles import Role
from services.registration.domain.second_factor import code_of, step_at
from services.registration.hashing import PasswordHashing
from services.registration.settings import Settings
from services.shared import logs
from services.shared.db import make_engine, transaction
from services.shared.identity import HEADER, Verifier
from services.shared.settings import load
from tests.factories.registration import PASSWORD, make_form

V1 = "/api/registration/v1"
DESK = MailDesk("https://audit.example.org", "Audit <audit@example.org>")
TEAM_EMAIL = "team@example.org"


@dataclass
class Api:
    """The API as one caller reaches it through nginx: asks who they are, then calls."""

    app: Flask
    credential: str | None = None
    account_id: str = ""

    def identity(self, kind: str = "api", **headers: str) -> TestResponse:
        headers.setdefault("X-FLS-Credential-Kind", kind)
        if self.credential and kind == "api":
            headers["Authorization"] = f"Bearer {self.credential}"
        elif self.credential:
            headers["Cookie"] = f"fls_session={self.credential}"
        return self.app.test_client(use_cookies=False).get("/internal/identity", headers=headers)

    def __call__(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {}
        if self.credential:
            asked = self.identity()
            if asked.status_code != 200:
                return asked
            headers[HEADER] = asked.headers[HEADER]
        return self.app.test_client().open(V1 + path, method=method, headers=headers, **more)


@dataclass
class Look:
    """Looks at the database as superuser, behind everyone's back."""

    url: str
    _open: list[psycopg.Connection[Any]] = field(default_factory=list)

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.url, autocommit=True, row_factory=dict_row) as database:
            cursor = database.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def value(self, query: str, *parameters: Any) -> Any:
        return next(iter(self.rows(query, *parameters)[0].values()))

    def count(self, table: str) -> int:
        return int(self.value(f"SELECT count(*) FROM {table}"))

    def link_for(self, email: str) -> str:
        """Returns the secret of the newest link in the mails to an address."""
        query = "SELECT body FROM mail WHERE to_address = %s ORDER BY created_at DESC"
        for row in self.rows(query, email):
            found = re.search(r"/set-password/(\S+)", row["body"] or "")
            if found:
                return found.group(1)
        raise AssertionError(f"no link for {email}")


@dataclass
class Telephone:
    """The authenticator apps of all accounts of a test."""

    look: Look
    secrets: dict[str, bytes] = field(default_factory=dict)

    def finish(self, visitor: Api, email: str, answer: dict[str, Any]) -> TestResponse:
        """Passes the second factor of a sign-in; sets an app up first if there is none."""
        waiting = {"waiting": answer["waiting"]}
        if answer["wants"] == "enrolment":
            offer = visitor("POST", "/sessions/second-factor/enrolment", json=waiting)
            self.scan(email, offer.json)
        return visitor("POST", "/sessions/second-factor", json=waiting | {"code": self.code(email)})

    def scan(self, email: str, offer: dict[str, str]) -> None:
        """Takes a secret in, as from the QR code."""
        self.secrets[email] = base64.b32decode(offer["secret"].replace(" ", ""))

    def code(self, email: str) -> str:
        """A code that counts now, as if the half minute in which the last was used had passed."""
        self.look.rows("UPDATE second_factor SET last_step = 0")
        return code_of(self.secrets[email], step_at(time.time()))


@pytest.fixture(scope="session")
def environment(databases) -> dict[str, str]:
    key = Ed25519PrivateKey.generate()
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    return {
        "FLS_DATABASE_URL": databases.url("registration"),
        "FLS_BROKER_URL": "amqp://not-used",
        "FLS_IDENTITY_PUBLIC_KEYS": f'{{"test": "{public}"}}',
        "FLS_IDENTITY_PRIVATE_KEY": base64.b64encode(key.private_bytes_raw()).decode(),
        "FLS_IDENTITY_KEY_ID": "test",
        "FLS_PUBLIC_URL": DESK.public_url,
        "FLS_MAIL_FROM": DESK.mail_from,
        "FLS_SECOND_FACTOR_KEYS": json.dumps({"k1": base64.b64encode(bytes(32)).decode()}),
        "FLS_SECOND_FACTOR_KEY_ID": "k1",
        "FLS_CONTACT_EMAIL": "contact@audit.example",
        "FLS_DEMO": "true",
    }


@pytest.fixture(scope="session")
def settings(environment) -> Settings:
    return load(Settings, environment)


@pytest.fixture(scope="session")
def verifier(settings) -> Verifier:
    """Reads identities as the other services do."""
    return Verifier(settings.identity_public_keys)


@pytest.fixture(scope="session")
def engine(databases) -> Iterator[Engine]:
    made = make_engine(databases.url("registration"), application_name="test", pool_size=10)
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def app(settings, engine) -> Flask:
    return create_app(settings, engine=engine)


@pytest.fixture(autouse=True)
def empty_tables(clean) -> None:
    clean("registration")


@pytest.fixture
def look(databases) -> Look:
    return Look(databases.superuser_url("registration"))


@pytest.fixture
def written(monkeypatch) -> Iterator[io.StringIO]:
    """What the process logs, as it would in production."""
    lines = io.StringIO()
    monkeypatch.setattr("sys.stderr", lines)
    logs.configure("registration.test")
    yield lines
    structlog.reset_defaults()


@pytest.fixture
def visitor(app) -> Api:
    return Api(app)


@pytest.fixture
def telephone(look) -> Telephone:
    return Telephone(look)


@pytest.fixture
def sign_in(app, telephone) -> Callable[..., Api]:
    def do(email: str, password: str = PASSWORD) -> Api:
        visitor = Api(app)
        answer = visitor("POST", "/sessions", json={"email": email, "password": password})
        if answer.status_code == 202:
            answer = telephone.finish(visitor, email, answer.json)
        assert answer.status_code == 201, answer.text
        return Api(app, answer.json["session"])

    return do


@pytest.fixture(scope="session")
def password_hash() -> str:
    return PasswordHashing().hash(PASSWORD)


@pytest.fixture
def team(engine, sign_in, password_hash) -> Api:
    """Someone of the audit team, signed in."""
    with transaction(engine) as session:
        provide_national_account(
            session, email=TEAM_EMAIL, name="Team", password_hash=password_hash, desk=DESK
        )
    return sign_in(TEAM_EMAIL)


@pytest.fixture
def national(engine, sign_in, password_hash) -> Callable[[str], Api]:
    """Signs someone with a national role in."""

    @functools.cache
    def make(role: str) -> Api:
        email = f"{role}@example.org"
        with transaction(engine) as session:
            provide_national_account(
                session,
                email=email,
                name=role,
                password_hash=password_hash,
                desk=DESK,
                role=Role(role),
            )
        return sign_in(email)

    return make


@dataclass
class MadeSite:
    """A site that was registered and approved, with its lead signed in."""

    site_id: UUID
    code: str
    email: str
    lead: Api
    number: Iterator[int] = field(default_factory=itertools.count)

    def address(self) -> str:
        """Returns an e-mail address that nobody has."""
        return f"person{next(self.number)}.{self.code.lower()}@example.org"


@pytest.fixture
def make_site(visitor, team, look, sign_in) -> Callable[..., MadeSite]:
    def make(**changes: Any) -> MadeSite:
        form = make_form(**changes)
        sent = visitor("POST", "/applications", json=form)
        assert sent.status_code == 201, sent.text
        path = f"/applications/{sent.json['application_id']}/approval"
        approved = team("POST", path, json={})
        assert approved.status_code == 200, approved.text
        body = {"link": look.link_for(form["lead_email"]), "password": PASSWORD}
        assert visitor("POST", "/passwords", json=body).status_code == 204
        lead = sign_in(form["lead_email"])
        return MadeSite(
            UUID(approved.json["site_id"]), approved.json["site_code"], form["lead_email"], lead
        )

    return make


@pytest.fixture
def site(make_site) -> MadeSite:
    return make_site()


@pytest.fixture
def other_site(make_site) -> MadeSite:
    return make_site(has_fls=False, fls_name=...)


@pytest.fixture
def add_person(visitor, look, sign_in) -> Callable[..., Api]:
    """Adds someone to a site through its lead, takes their invitation up and signs them in."""

    def add(site: MadeSite, role: str, *grants: str, email: str | None = None) -> Api:
        email = email or site.address()
        body = {"name": f"Sam {role}", "email": email, "role": role, "grants": list(grants)}
        added = site.lead("POST", "/people", json=body)
        assert added.status_code == 201, added.text
        chosen = {"link": look.link_for(email), "password": PASSWORD}
        assert visitor("POST", "/passwords", json=chosen).status_code == 204
        person = sign_in(email)
        person.account_id = added.json["account_id"]
        return person

    return add
