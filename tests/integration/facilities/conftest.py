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

from services.facilities.actions.rounds import open_round
from services.facilities.app import create_app
from services.facilities.domain.questionnaires import CURRENT
from services.facilities.handlers import SITE_CHANGED, site_changed, site_counts_changed
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

    def confirm(self, round_id: UUID, section: str, version: int) -> TestResponse:
        path = f"/rounds/{round_id}/sections/{section}/confirmation"
        return self("PUT", path, json={"version": version})

    def confirm_all(self, round_id: UUID) -> dict[str, Any]:
        """Confirms each section that is asked, and returns the page after that."""
        page = self.read(round_id)
        for each in page["sections"]:
            if each["state"] != "not_asked":
                answer = self.confirm(round_id, each["section"], page["version"])
                assert answer.status_code == 200, answer.text
        return self.read(round_id)

    def submit(self, round_id: UUID, version: int) -> TestResponse:
        return self("POST", f"/rounds/{round_id}/submission", json={"version": version})

    def answer_whole(self, round_id: UUID, answers: dict[str, Any]) -> dict[str, Any]:
        """Saves, confirms every section and submits; returns the page after that."""
        saved = self.save(round_id, self.read(round_id)["version"], answers)
        assert saved.status_code == 200, saved.text
        page = self.confirm_all(round_id)
        submitted = self.submit(round_id, page["version"])
        assert submitted.status_code == 200, submitted.text
        return submitted.json

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
            handler = site_changed if event.envelope.type == SITE_CHANGED else site_counts_changed
            handler(session, event)

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
def make_round(engine) -> Callable[..., UUID]:
    """Opens a round as the command does, also with a questionnaire that is retired by now."""

    def make(name: str = "2026", questionnaire_id: str = CURRENT.id, **more: Any) -> UUID:
        settings = {"opens_on": date(2026, 1, 1), "closes_on": None, **more}
        with transaction(engine) as session:
            opened, _ = open_round(
                session,
                name=name,
                year=settings["opens_on"].year,
                questionnaire_id=questionnaire_id,
                by=None,
                allow_retired=True,
                **settings,
            )
            return opened.round_id

    return make


@pytest.fixture
def round_id(make_round) -> UUID:
    return make_round()
