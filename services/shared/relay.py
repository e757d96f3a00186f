"""Sends what is in the outbox to RabbitMQ: in order, confirmed, and never giving up.

One relay per service is active (PostgreSQL advisory lock); a second one waits. A crash between
publishing and marking sends an event twice: that is why consumers keep an inbox. Written on
psycopg alone, and imports neither SQLAlchemy nor marshmallow: four relays should be small.
"""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path
from typing import Any

import pika
import psycopg
from pika.exceptions import AMQPError, NackError, UnroutableError

from services.shared import logs, metrics
from services.shared.envelope import WAKE_CHANNEL
from services.shared.pauses import Pauses
from services.shared.settings import ServiceSettings
from services.shared.topology import EXCHANGE

_ROWS = 100
_BYTES = 8 * 1024 * 1024
_IDLE_SECONDS = 5.0
_SWEEP_SECONDS = 3600.0

_TAKE = """
    SELECT position, event_id, name, headers, content_type, body, keep FROM (
        SELECT *, sum(length(body)) OVER (ORDER BY position) - length(body) AS before
        FROM (SELECT * FROM outbox_event WHERE published_at IS NULL
              ORDER BY position LIMIT %s) AS first_rows
    ) AS sized WHERE before < %s ORDER BY position
"""
_BACKLOG = """
    SELECT count(*), coalesce(extract(epoch FROM now() - min(recorded_at)), 0)
    FROM outbox_event WHERE published_at IS NULL
"""
_FAULT = "UPDATE outbox_event SET attempts = attempts + 1, last_error = %s WHERE position = %s"
_SWEEP = "DELETE FROM outbox_event WHERE published_at < now() - interval '60 days'"


def run_relay(service: str, settings: ServiceSettings) -> None:
    """Runs until SIGTERM; waits out whatever is down."""
    logs.configure(f"{service}.relay", settings.log_level)
    metrics.start_metrics_server(settings.metrics_port, settings.metrics_host)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    relay_until(stop, service, settings)


def relay_until(stop: threading.Event, service: str, settings: ServiceSettings) -> None:
    """Sends what is in the outbox until told to stop, over one connection after the other."""
    pauses = Pauses()
    while not stop.is_set():
        try:
            Relay(service, settings, stop, pauses).run()
        except (psycopg.OperationalError, AMQPError, OSError) as error:
            seconds = pauses.next()
            logs.get_logger().warning("relay_waits", cause=type(error).__name__, seconds=seconds)
            stop.wait(seconds)


class Relay:
    """One connection to each side, for as long as both last."""

    def __init__(
        self, service: str, settings: ServiceSettings, stop: threading.Event, pauses: Pauses
    ) -> None:
        self._service = service
        self._settings = settings
        self._stop = stop
        self._pauses = pauses
        self._swept_at = time.monotonic()

    def run(self) -> None:
        """Sends until told to stop. Raises when either side goes away."""
        # psycopg alone knows nothing of the driver that SQLAlchemy wants named.
        url = "postgresql://" + self._settings.database_url.partition("://")[2]
        name = f"{self._service}.relay"
        with (
            psycopg.connect(url, application_name=name, autocommit=True) as database,
            pika.BlockingConnection(pika.URLParameters(self._settings.broker_url)) as broker,
        ):
            self._wait_for_turn(database, broker)
            database.execute(f"LISTEN {WAKE_CHANNEL}")
            channel = broker.channel()
            channel.confirm_delivery()
            self._pauses.start_over()
            logs.get_logger().info("relaying")
            while not self._stop.is_set():
                self._touch()
                taken, sent = self._send_some(database, channel)
                self._show_backlog(database)
                if taken and sent < taken:
                    self._stop.wait(5)  # an event that nobody can take: a fault, see the log
                if not taken:
                    self._rest(database, broker)

    def _wait_for_turn(self, database: psycopg.Connection[Any], broker: Any) -> None:
        """Waits until no other relay of this service is active."""
        lock = "SELECT pg_try_advisory_lock(hashtext('outbox relay'))"
        while not self._stop.is_set():
            row = database.execute(lock).fetchone()
            if row and row[0]:
                return
            self._touch()
            broker.process_data_events(time_limit=0)
            self._stop.wait(1)

    def _send_some(self, database: psycopg.Connection[Any], channel: Any) -> tuple[int, int]:
        """Publishes the oldest events, at most 100 or 8 MB; marks those that were confirmed."""
        rows = database.execute(_TAKE, (_ROWS, _BYTES)).fetchall()
        kept: list[int] = []
        done_with: list[int] = []
        try:
            for position, event_id, name, headers, content_type, body, keep in rows:
                if not _publish(channel, event_id, name, headers, content_type, body):
                    database.execute(_FAULT, ("no queue took it", position))
                    logs.get_logger().error("event_not_taken", event_type=name, event_id=event_id)
                    break
                (kept if keep else done_with).append(position)
        finally:
            # Marked also when the broker went away half-way: what was confirmed is sent.
            self._mark(database, kept, done_with)
        return len(rows), len(kept) + len(done_with)

    def _mark(
        self, database: psycopg.Connection[Any], kept: list[int], done_with: list[int]
    ) -> None:
        if kept:
            database.execute(
                "UPDATE outbox_event SET published_at = now() WHERE position = ANY(%s)", (kept,)
            )
        if done_with:
            database.execute("DELETE FROM outbox_event WHERE position = ANY(%s)", (done_with,))
        metrics.PUBLISHED.labels(self._service).inc(len(kept) + len(done_with))

    def _rest(self, database: psycopg.Connection[Any], broker: Any) -> None:
        """Waits for a notification, or five seconds; keeps the broker's heartbeat going."""
        if time.monotonic() - self._swept_at > _SWEEP_SECONDS:
            database.execute(_SWEEP)
            self._swept_at = time.monotonic()
        deadline = time.monotonic() + _IDLE_SECONDS
        while not self._stop.is_set() and time.monotonic() < deadline:
            broker.process_data_events(time_limit=0)
            for _ in database.notifies(timeout=1.0, stop_after=1):
                return

    def _show_backlog(self, database: psycopg.Connection[Any]) -> None:
        count, oldest = database.execute(_BACKLOG).fetchone() or (0, 0)
        metrics.UNPUBLISHED.labels(self._service).set(count)
        metrics.OLDEST_SECONDS.labels(self._service).set(float(oldest))

    def _touch(self) -> None:
        if self._settings.live_file:
            Path(self._settings.live_file).touch()


def _publish(
    channel: Any, event_id: Any, name: str, headers: dict[str, Any], content_type: str, body: bytes
) -> bool:
    """Publishes one event and waits for the broker's word. False when no queue takes it."""
    properties = pika.BasicProperties(
        content_type=content_type,
        message_id=str(event_id),
        headers=headers,
        delivery_mode=pika.DeliveryMode.Persistent.value,
    )
    try:
        channel.basic_publish(EXCHANGE, name, body, properties, mandatory=True)
    except (UnroutableError, NackError):
        return False
    return True
