"""An imports application on a real database; events are carried by hand, records is played.

`World.run()` carries what the outbox holds to the handlers, twice each if asked, until nothing is
left; `Records` answers as the records service does, by the contract's events.
"""

from __future__ import annotations

import base64
import io
import json
import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from psycopg.rows import dict_row
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from dataset.wire import WRONG, WRONG_IF_NEW
from services.imports.app import create_app
from services.imports.handlers import listeners, worker_listeners
from services.imports.settings import Settings
from services.shared.consumer import Event, Listener
from services.shared.db import make_engine, transaction
from services.shared.envelope import JSON, from_headers, new_envelope
from services.shared.identity import HEADER, Actor, Signer
from services.shared.inbox import first_time
from services.shared.sealing import Keyring
from services.shared.settings import load

V1 = "/api/imports/v1"
RIGHTS = frozenset({"records.read", "records.import"})
WINDOW = 2


def _key(name: str) -> str:
    return json.dumps({name: base64.b64encode(os.urandom(32)).decode()})


def make_environment(database_url: str, private: bytes) -> dict[str, str]:
    public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    return {
        "FLS_DATABASE_URL": database_url,
        "FLS_BROKER_URL": "amqp://nobody:x@127.0.0.1:1/",
        "FLS_IDENTITY_PUBLIC_KEYS": json.dumps({"k1": base64.b64encode(public).decode()}),
        "FLS_MASTER_KEYS": _key("m1"),
        "FLS_MASTER_KEY_ID": "m1",
        "FLS_BATCH_KEYS": _key("b1"),
        "FLS_BATCH_KEY_ID": "b1",
        "FLS_RECEIPT_KEYS": _key("r1"),
        "FLS_RECEIPT_KEY_ID": "r1",
        "FLS_UPLOAD_LIMIT_BYTES": str(4 * 1024 * 1024),
        "FLS_CHUNK_WINDOW": str(WINDOW),
        "FLS_ROWS_LIMIT": "25000",
    }


@dataclass
class Look:
    """Looks at the database as superuser, behind row-level security."""

    url: str

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.url, autocommit=True, row_factory=dict_row) as database:
            cursor = database.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def value(self, query: str, *parameters: Any) -> Any:
        return next(iter(self.rows(query, *parameters)[0].values()))

    def count(self, table: str) -> int:
        return int(self.value(f"SELECT count(*) FROM {table}"))


@dataclass
class Api:
    """The API as one account reaches it through nginx."""

    app: Flask
    signer: Signer
    actor: Actor | None

    def __call__(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = dict(more.pop("headers", {}))
        if self.actor is not None:
            headers[HEADER] = self.signer.sign(self.actor)
        prefix = "" if path.startswith("/pages") else V1
        client = self.app.test_client()
        return client.open(prefix + path, method=method, headers=headers, **more)

    def upload(self, data: bytes, **query: Any) -> TestResponse:
        return self("POST", "/imports", query_string={"file_name": "march.csv", **query}, data=data)

    def send_form(self, data: bytes | None, *, csrf: str | None = None, **fields: str) -> Any:
        """Sends the form of the page; `data` None leaves the file out."""
        actor = self.actor
        form: dict[str, Any] = {"csrf_token": csrf if csrf is not None else actor.csrf}  # type: ignore[union-attr]
        form.update(fields)
        if data is not None:
            form["file"] = (io.BytesIO(data), "march.csv")
        return self("POST", "/pages/upload", data=form, content_type="multipart/form-data")

    def get(self, path: str, **query: Any) -> Any:
        answer = self("GET", path, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.json


def _rows_of(document: dict[str, Any]) -> list[tuple[Any, ...]]:
    """A batch row by row: number, verdict, keys to clear, value, value ..."""
    numbers = document["row_numbers"]
    cleared = [document["cleared"].get(str(place), []) for place in range(len(numbers))]
    columns = [
        column.split("\n") if isinstance(column, str) else column
        for column in document["columns"].values()
    ]
    return list(zip(numbers, document["verdicts"], cleared, *columns, strict=True))


@dataclass
class Records:
    """Plays the records service: stages batches, compares when all are in, applies.

    Attributes:
        known: numbers of rows about stored records.
    """

    batch_keys: Keyring
    known: frozenset[int] = frozenset()
    merge_findings: dict[int, dict[str, Any]] = field(default_factory=dict)
    held: list[int] = field(default_factory=list)
    lose: int = 0
    changed_fields: dict[str, int] = field(default_factory=dict)
    batches: dict[UUID, dict[int, list[list[Any]]]] = field(default_factory=dict)
    complete: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    cancelled: set[UUID] = field(default_factory=set)
    compared: set[UUID] = field(default_factory=set)

    def hear(self, event: Event, say: Callable[[str, dict[str, Any]], None]) -> None:
        name, data = event.envelope.type, event.data
        if name == "imports.rows_checked.v1":
            self._stage(event, say)
        elif name == "imports.rows_complete.v1":
            self.complete[UUID(data["import_id"])] = data
        elif name == "imports.cancel_wanted.v1":
            self.cancelled.add(UUID(data["import_id"]))
        elif name == "imports.apply_wanted.v1":
            import_id = UUID(data["import_id"])
            rows = sum(map(len, self.batches.get(import_id, {}).values()))
            say("apply_advanced", {"import_id": str(import_id), "rows_done": rows // 2})
            say("import_applied", {**self._outcome(import_id), "held_rows": self._held_rows()})
        self._compare(say)

    def _stage(self, event: Event, say: Callable[[str, dict[str, Any]], None]) -> None:
        import_id = UUID(event.envelope.subject)
        plain = self.batch_keys.open(event.data, str(import_id).encode())
        document = orjson.loads(zlib.decompress(plain))
        assert document["import_id"] == str(import_id)
        number, rows = document["number"], _rows_of(document)
        of_import = self.batches.setdefault(import_id, {})
        assert number not in of_import, "a chunk sent two batches"
        of_import[number] = rows
        found = [self.merge_findings[row[0]] for row in rows if row[0] in self.merge_findings]
        rejected = sum(map(self._is_rejected, rows))
        say(
            "rows_staged",
            {
                "import_id": str(import_id),
                "number": number,
                "staged": len(rows) - rejected,
                "rejected": rejected,
                "findings": found,
                "merged": [row[0] for row in rows if row[1] and row[0] in self.known],
                "unknown_to_listener": True,
            },
        )

    def _compare(self, say: Callable[[str, dict[str, Any]], None]) -> None:
        for import_id, complete in self.complete.items():
            batches = self.batches.get(import_id, {})
            if import_id in self.compared or len(batches) < complete["batches"]:
                continue
            self.compared.add(import_id)
            more = {
                "held_rows": self._held_rows(),
                "passed_over": {"M01": 0},
                "changed_fields": [
                    {"field": key, "rows": rows} for key, rows in self.changed_fields.items()
                ],
            }
            say("import_compared", {**self._outcome(import_id), **more})

    def _held_rows(self) -> list[dict[str, Any]]:
        return [{"row": row, "reason": "The patient may be known."} for row in self.held]

    def _is_rejected(self, row: list[Any]) -> bool:
        told = self.merge_findings.get(row[0])
        if told is not None and told["level"] == "error":
            return True
        return row[1] == WRONG or (row[1] == WRONG_IF_NEW and row[0] not in self.known)

    def _outcome(self, import_id: UUID) -> dict[str, Any]:
        rows = [row for batch in self.batches.get(import_id, {}).values() for row in batch]
        rejected = sum(map(self._is_rejected, rows))
        changed = sum(row[0] in self.known and not self._is_rejected(row) for row in rows)
        held = sum(row[0] in self.held for row in rows)
        return {
            "import_id": str(import_id),
            "new": len(rows) - rejected - changed - held - self.lose,
            "changed": changed,
            "same": 0,
            "held": held,
            "rejected": rejected,
        }


@dataclass
class World:
    """Everything of imports, on one database."""

    app: Flask
    engine: Engine
    signer: Signer
    look: Look
    settings: Any
    records: Records
    handlers: dict[str, Listener]
    sent: list[Event] = field(default_factory=list)

    def site(self, code: str, **more: Any) -> UUID:
        """A site that registration has approved."""
        site_id = uuid4()
        self.tell_site(site_id, code, 1, **more)
        return site_id

    def tell_site(self, site_id: UUID, code: str, version: int, **more: Any) -> None:
        data = {
            "site_id": str(site_id),
            "code": code,
            "name": f"Site {code}",
            "state": "approved",
            "patient_audit": True,
            "facilities_audit": True,
            **more,
        }
        self.deliver("registration.site_changed.v1", data, site_id=site_id, version=version)

    def api(self, site_id: UUID | None, rights: frozenset[str] = RIGHTS) -> Api:
        actor = Actor(uuid4(), site_id, rights, "session", f"csrf-{uuid4().hex}")
        return Api(self.app, self.signer, actor)

    def visitor(self) -> Api:
        return Api(self.app, self.signer, None)

    def deliver(
        self, name: str, data: Any, *, site_id: UUID | None, version: int | None = None
    ) -> None:
        """Carries an event to its handler, and again, as brokers do."""
        subject = data.get("import_id") or data.get("site_id")
        envelope = new_envelope(
            name, subject=subject, content_type=JSON, site_id=site_id, subject_version=version
        )
        self.handle(Event(envelope, data))
        self.handle(Event(envelope, data))

    def handle(self, event: Event, *, claim: bool = True) -> None:
        """Does what the consumer does with a delivery.

        `claim` False leaves the inbox out: the handler must itself do nothing twice.
        """
        listener = self.handlers[event.envelope.type]
        loaded = listener.schema(unknown="exclude").load(event.data)  # type: ignore[misc]
        with transaction(self.engine, site_id=event.envelope.site_id) as session:
            if claim and not first_time(session, "imports", event.envelope.id):
                return
            listener.handle(session, Event(event.envelope, loaded))

    def take_outbox(self) -> list[Event]:
        """Takes what imports has said since the last time."""
        rows = self.look.rows("DELETE FROM outbox_event RETURNING *")
        events = []
        for row in sorted(rows, key=lambda row: row["position"]):
            envelope = from_headers(row["headers"], row["content_type"])
            body = row["body"]
            data = orjson.loads(body) if row["content_type"] == JSON else bytes(body)
            events.append(Event(envelope, data))
        self.sent += events
        return events

    def run(self, *, only: int | None = None) -> None:
        """Carries events until nobody says anything; at most `only` rounds."""
        rounds = 0
        while (only is None or rounds < only) and (events := self.take_outbox()):
            rounds += 1
            for event in events:
                if event.envelope.type in self.handlers:
                    self.handle(event)
                    self.handle(event)
                else:
                    self.records.hear(event, self._say(event))

    def _say(self, heard: Event) -> Callable[[str, dict[str, Any]], None]:
        def say(name: str, data: dict[str, Any]) -> None:
            site_id = heard.envelope.site_id
            self.deliver(f"records.{name}.v1", data, site_id=site_id)

        return say


@pytest.fixture(scope="session")
def imports_engine(databases: Any) -> Iterator[Engine]:
    engine = make_engine(databases.url("imports"), application_name="tests", pool_size=12)
    yield engine
    engine.dispose()


@pytest.fixture
def world(databases: Any, imports_engine: Engine, clean: Callable[[str], None]) -> World:
    clean("imports")
    private = os.urandom(32)
    environment = make_environment(databases.url("imports"), private)
    settings = load(Settings, environment)
    handlers = [*worker_listeners(settings), *listeners(settings)]
    return World(
        app=create_app(settings, engine=imports_engine),
        engine=imports_engine,
        signer=Signer(base64.b64encode(private).decode(), "k1"),
        look=Look(databases.superuser_url("imports")),
        settings=settings,
        records=Records(Keyring.from_json(settings.batch_keys, settings.batch_key_id)),
        handlers={listener.event: listener for listener in handlers},
    )
