"""Fixtures of the records service: its database as the service's own role, and imports to play."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from services.records.app import create_app
from services.records.keys import Keys
from services.records.settings import Settings
from services.shared.db import make_engine
from services.shared.identity import HEADER, Actor, Signer
from services.shared.sealing import HashKeys, Keyring
from services.shared.settings import load
from tests.factories.records import Imports


def _key(letter: bytes) -> str:
    return base64.b64encode(letter * 32).decode()


MASTER_KEYS = {"m1": _key(b"m")}
HASH_KEYS = {"h1": _key(b"h")}
BATCH_KEYS = {"b1": _key(b"b")}
STUDY_KEY = b"s" * 32


@pytest.fixture(scope="session")
def keys() -> Keys:
    """One key of each kind."""
    return Keys(
        Keyring.from_json(MASTER_KEYS, "m1"),
        HashKeys.from_json(HASH_KEYS, "h1"),
        Keyring.from_json(BATCH_KEYS, "b1"),
        STUDY_KEY,
    )


@pytest.fixture(scope="session")
def service_engine(databases: Any) -> Iterator[Engine]:
    """The records database as the service's own role."""
    engine = make_engine(databases.url("records"), application_name="test")
    yield engine
    engine.dispose()


@pytest.fixture
def engine(service_engine: Engine, clean: Callable[[str], None]) -> Engine:
    """The same, with empty tables."""
    clean("records")
    return service_engine


@pytest.fixture
def superuser(databases: Any, engine: Engine) -> Iterator[psycopg.Connection[Any]]:
    """Looks behind row-level security."""
    with psycopg.connect(databases.superuser_url("records"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def imports(engine: Engine, keys: Keys) -> Imports:
    """Plays the imports of a site; each event is delivered twice."""
    played = Imports(engine, keys, uuid4())
    played.site_changed()
    return played


@pytest.fixture
def other_site(engine: Engine, keys: Keys) -> Imports:
    """Imports of a second site, with the same patients."""
    played = Imports(engine, keys, uuid4())
    played.site_changed(code="XYZ")
    return played


@pytest.fixture
def person() -> UUID:
    """Somebody's account."""
    return uuid4()


_SIGNING_KEY = Ed25519PrivateKey.generate()
_SIGNER = Signer(base64.b64encode(_SIGNING_KEY.private_bytes_raw()).decode(), "test")


@dataclass
class Caller:
    """Calls the API as one account of a site."""

    app: Flask
    site_id: UUID | None
    rights: frozenset[str] = frozenset({"records.read"})
    account_id: UUID = field(default_factory=uuid4)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.send("GET", path, **more)

    def post(self, path: str, body: Any) -> TestResponse:
        return self.send("POST", path, json=body)

    def put(self, path: str, body: Any) -> TestResponse:
        return self.send("PUT", path, json=body)

    def patch(self, path: str, body: Any) -> TestResponse:
        return self.send("PATCH", path, json=body)

    def send(self, method: str, path: str, **more: Any) -> TestResponse:
        actor = Actor(self.account_id, self.site_id, self.rights, "session", "csrf")
        headers = {HEADER: _SIGNER.sign(actor), **more.pop("headers", {})}
        client = self.app.test_client()
        # `prefix`: blank for a path that is no part of the API.
        address = more.pop("prefix", "/api/records/v1") + path
        return client.open(address, method=method, headers=headers, **more)


def environment(databases: Any) -> dict[str, str]:
    """The settings of the web application, as its environment."""
    public = base64.b64encode(_SIGNING_KEY.public_key().public_bytes_raw()).decode()
    return {
        "FLS_DATABASE_URL": databases.url("records"),
        "FLS_BROKER_URL": "amqp://not-used",
        "FLS_IDENTITY_PUBLIC_KEYS": json.dumps({"test": public}),
        "FLS_MASTER_KEYS": json.dumps(MASTER_KEYS),
        "FLS_MASTER_KEY_ID": "m1",
        "FLS_HASH_KEYS": json.dumps(HASH_KEYS),
        "FLS_HASH_KEY_ID": "h1",
        "FLS_BATCH_KEYS": json.dumps(BATCH_KEYS),
        "FLS_BATCH_KEY_ID": "b1",
        "FLS_STUDY_KEY": base64.b64encode(STUDY_KEY).decode(),
    }


@pytest.fixture(scope="session")
def app(service_engine: Engine, databases: Any) -> Flask:
    """The web application."""
    return create_app(load(Settings, environment(databases)), service_engine)


@pytest.fixture
def caller(app: Flask, imports: Imports) -> Caller:
    """Somebody of the site of `imports`."""
    return Caller(app, imports.site_id)


WRITER = frozenset({"records.read", "records.write", "records.acknowledge", "records.reads"})


@pytest.fixture
def writer(app: Flask, imports: Imports) -> Caller:
    """Somebody who types records at the site of `imports`."""
    return Caller(app, imports.site_id, WRITER)


@pytest.fixture
def colleague(app: Flask, imports: Imports) -> Caller:
    """Somebody else who does."""
    return Caller(app, imports.site_id, WRITER)


@pytest.fixture
def stranger(app: Flask, other_site: Imports) -> Caller:
    """Somebody who does at the other site."""
    return Caller(app, other_site.site_id, WRITER)
