"""A database with nothing but the plumbing, and a broker with two queues of its own."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pika
import pytest
from sqlalchemy import Engine, create_engine, text

from deploy.postgres.bootstrap import bootstrap, url_for
from services.shared import consumer as consumer_module
from services.shared import pauses as pauses_module
from services.shared.consumer import Consumer, Listener
from services.shared.db import driver_url, make_engine
from services.shared.migrate import enable_site_rls, plumbing_tables
from services.shared.pauses import Pauses
from services.shared.relay import Relay
from services.shared.settings import ServiceSettings, load
from services.shared.topology import declare

EVENT = "plumbing.thing_happened.v1"
BATCH = "plumbing.rows_sent.v1"
UNHEARD = "plumbing.nobody_hears.v1"
_PASSWORDS = {"plumbing": {"owner": "o", "service": "s", "maintenance": "m"}}


class _Op:
    """What migrations use of alembic's `op`."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def execute(self, statement: str) -> None:
        self._connection.execute(text(statement))


@pytest.fixture(scope="session")
def plumbing_url(postgres_admin_url: str) -> str:
    bootstrap(postgres_admin_url, _PASSWORDS)
    owner = url_for(postgres_admin_url, "plumbing_owner", "o", "plumbing")
    engine = create_engine(driver_url(owner))
    with engine.begin() as connection:
        op = _Op(connection)
        plumbing_tables(op, "plumbing")
        op.execute("CREATE TABLE thing (id int, site_id uuid)")
        op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON thing TO plumbing_service")
        enable_site_rls(op, "thing", "plumbing")
    engine.dispose()
    return url_for(postgres_admin_url, "plumbing_service", "s", "plumbing")


@pytest.fixture
def engine(plumbing_url: str) -> Iterator[Engine]:
    made = make_engine(plumbing_url, application_name="test", pool_size=2)
    with made.begin() as connection:
        connection.execute(text("DELETE FROM outbox_event"))
    yield made
    made.dispose()


@pytest.fixture
def settings(plumbing_url: str, broker_url: str) -> ServiceSettings:
    queues = [{"name": f"plumbing.{event}", "event": event} for event in (EVENT, BATCH)]
    declare(broker_url, {"exchange": "fls.events", "queues": queues})
    with pika.BlockingConnection(pika.URLParameters(broker_url)) as connection:
        channel = connection.channel()
        for queue in queues:
            channel.queue_purge(queue["name"])
            channel.queue_purge(queue["name"] + ".dead")
    return load(
        ServiceSettings,
        {
            "FLS_DATABASE_URL": plumbing_url,
            "FLS_BROKER_URL": broker_url,
            "FLS_IDENTITY_PUBLIC_KEYS": "{}",
        },
    )


@pytest.fixture
def relay(settings: ServiceSettings) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=Relay("plumbing", settings, stop, Pauses()).run)
    thread.start()
    yield
    stop.set()
    thread.join(timeout=15)
    assert not thread.is_alive()


@pytest.fixture
def consume(
    settings: ServiceSettings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Consumer]]:
    """Starts a consumer of one listener; its pauses are short."""
    monkeypatch.setattr(consumer_module, "_PAUSES_SECONDS", (0.01,) * 4)
    monkeypatch.setattr(pauses_module, "_FIRST_SECONDS", 0.05)
    running: list[tuple[Consumer, threading.Thread]] = []

    def start(listener: Listener, *, threads: int = 1) -> Consumer:
        consumer = Consumer("plumbing", [listener], settings, engine, threads=threads)
        thread = threading.Thread(target=consumer.run)
        thread.start()
        running.append((consumer, thread))
        return consumer

    yield start
    for consumer, thread in running:
        consumer.stop()
        thread.join(timeout=15)
        assert not thread.is_alive()


class Wire:
    """A wire to the broker that can be cut."""

    def __init__(self, broker_url: str) -> None:
        parameters = pika.URLParameters(broker_url)
        self._target = (parameters.host, parameters.port)
        self._ends: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()
        port = self._server.getsockname()[1]
        self.url = broker_url.replace(f"{parameters.host}:{parameters.port}", f"127.0.0.1:{port}")

    def cut(self) -> None:
        """Ends the connections that there are; new ones can be made."""
        ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Cuts, and takes no connection any more."""
        self._server.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection(self._target)
                self._ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def wire(broker_url: str) -> Iterator[Wire]:
    made = Wire(broker_url)
    assert made.url != broker_url
    yield made
    made.close()


@pytest.fixture
def eventually() -> Callable[[Callable[[], Any]], Any]:
    """Waits until a function returns something true, at most twenty seconds."""

    def wait(look: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError("it did not come true within twenty seconds")

    return wait
