"""A facilities application on a real database, with two sites and callers for each of them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from services.facilities import actions
from services.facilities.app import create_app
from services.facilities.domain.questionnaire import CURRENT
from services.facilities.handlers import site_changed
from services.facilities.settings import Settings
from services.shared.consumer import Event
from services.shared.db import make_engine, transaction
from services.shared.identity import HEADER, Actor, Signer
from services.shared.settings import load
from tests.factories.facilities import make_site_event

SITE_RIGHTS = frozenset({"facilities.read", "facilities.answer", "facilities.submit"})
TEAM_RIGHTS = frozenset({"facilities.manage", "national.read"})
_KEY = Ed25519PrivateKey.generate()
_SIGNER = Signer(base64.b64encode(_KEY.private_bytes_raw()).decode(), "test")


@dataclass
class Caller:
    """Calls the API as one account."""

    app: Flask
    actor: Actor

    def __call__(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        headers = {HEADER: _SIGNER.sign(self.actor)}
        url = f"/api/facilities/v1{path}"
        return self.app.test_client().open(url, method=method, headers=headers, **kwargs)

    def save(self, round_id: UUID, version: int, answers: dict[str, Any]) -> TestResponse:
        body = {"version": version, "answers": answers}
        return self("PUT", f"/rounds/{round_id}/answers", json=body)

    def submit(self, round_id: UUID, version: int) -> TestResponse:
        return self("POST", f"/rounds/{round_id}/submission", json={"version": version})

    def read(self, round_id: UUID) -> dict[str, Any]:
        answer = self("GET", f"/rounds/{round_id}/answers")
        assert answer.status_code == 200, answer.text
        return answer.json


@pytest.fixture(scope="session")
def engine(databases) -> Iterator[Engine]:
    made = make_engine(databases.url("facilities"), application_name="test", pool_size=10)
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def app(engine, databases) -> Flask:
    public = base64.b64encode(_KEY.public_key().public_bytes_raw()).decode()
    settings = load(
        Settings,
        {
            "FLS_DATABASE_URL": databases.url("facilities"),
            "FLS_BROKER_URL": "amqp://not-used",
            "FLS_IDENTITY_PUBLIC_KEYS": f'{{"test": "{public}"}}',
        },
    )
    return create_app(settings, engine)


@pytest.fixture(autouse=True)
def empty_tables(clean) -> None:
    clean("facilities")


@pytest.fixture
def make_caller(app) -> Callable[..., Caller]:
    def make(site_id: UUID | None, rights: frozenset[str] = SITE_RIGHTS) -> Caller:
        return Caller(app, Actor(uuid4(), site_id, rights, uuid4().hex, "csrf"))

    return make


@pytest.fixture
def hear(engine) -> Callable[[Event], None]:
    """Handles an event in a transaction of its site, as the consumer does."""

    def handle(event: Event) -> None:
        with transaction(engine, site_id=event.envelope.site_id) as session:
            site_changed(session, event)

    return handle


@pytest.fixture
def site_id(hear) -> UUID:
    made = uuid4()
    hear(make_site_event(made))
    return made


@pytest.fixture
def other_site_id(hear) -> UUID:
    made = uuid4()
    hear(make_site_event(made, code="BNT", name="Barnet", has_fls=False, organisation_codes=[]))
    return made


@pytest.fixture
def caller(make_caller, site_id) -> Caller:
    return make_caller(site_id)


@pytest.fixture
def other_caller(make_caller, other_site_id) -> Caller:
    return make_caller(other_site_id)


@pytest.fixture
def team(make_caller) -> Caller:
    return make_caller(None, TEAM_RIGHTS)


@pytest.fixture
def round_id(engine) -> UUID:
    with transaction(engine) as session:
        opened, _ = actions.open_round(
            session,
            name="2026",
            year=2026,
            questionnaire_id=CURRENT.id,
            opens_on=date(2026, 1, 1),
            closes_on=None,
            by=None,
        )
        return opened.round_id
