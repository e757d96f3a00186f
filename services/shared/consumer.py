"""Takes events from RabbitMQ and hands them to a service's handlers, once in effect.

For each delivery: one transaction holds the inbox row and the handler's effect; the message is
acknowledged after the commit. What goes wrong is decided by its kind:

    something we depend on is down    keep the message, wait, try again; does not count
    `InvalidInput`, `Forbidden`, a    dead queue at once: trying again cannot help
      body or envelope we cannot read
    anything else                     wait, hand it back; dead queue at the fifth failure

A broker connection that breaks is opened again; unacknowledged messages come back by themselves.
pika's connection lives in the main thread and handlers in others, so that a long one does not stop
the heartbeat. One thread keeps a queue's order; with more, a short step passes a long one.
"""

from __future__ import annotations

import contextlib
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pika
from marshmallow import EXCLUDE, Schema, ValidationError
from pika.exceptions import AMQPError
from sqlalchemy import Engine, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from services.shared import errors, logs, metrics
from services.shared.db import transaction
from services.shared.envelope import JSON, Envelope, from_headers, request_id_from
from services.shared.inbox import first_time
from services.shared.pauses import Pauses
from services.shared.settings import ServiceSettings
from services.shared.topology import dead_queue_name, queue_name

_PAUSES_SECONDS = (1.0, 2.0, 4.0, 8.0)
"""Waits after the first to fourth failure; the fifth goes to the dead queue."""
_DEAD_IN_A_ROW = 20
_HOPELESS = (errors.InvalidInput, errors.Forbidden, errors.Unauthenticated, errors.TooLarge)
_DOWN = (OperationalError, InterfaceError, errors.Unavailable, AMQPError, ConnectionError)


@dataclass(frozen=True, slots=True)
class Event:
    """What a handler gets: the envelope, and the data.

    Attributes:
        data: the loaded data (dict) of a fact or of work; bytes, still sealed, of a batch.
    """

    envelope: Envelope
    data: Any


@dataclass(frozen=True, slots=True)
class Listener:
    """One event that a service hears.

    Attributes:
        handle: called inside a transaction that knows the event's site; must not commit.
        schema: the listener's own reading of the data; unknown fields are passed over.
        prefetch: deliveries taken ahead; for work and batches no more than there are threads that
            could handle them, so that a crash costs others nothing.
    """

    event: str
    handle: Callable[[Session, Event], None]
    schema: type[Schema] | None = None
    prefetch: int = 10


@dataclass(slots=True)
class _Periodic:
    seconds: float
    function: Callable[[Engine], None]
    due: float = 0.0


@dataclass(frozen=True, slots=True)
class _Delivery:
    channel: Any
    tag: int
    listener: Listener
    properties: Any
    body: bytes


def run_consumer(
    *,
    service: str,
    listeners: Sequence[Listener],
    settings: ServiceSettings,
    engine: Engine,
    process: str = "consumer",
    periodic: Sequence[tuple[float, Callable[[Engine], None]]] = (),
    threads: int = 1,
) -> None:
    """Consumes until SIGTERM.

    Args:
        service: its name begins the names of its queues and is its name in the inbox.
        process: what the logs call this process, such as `worker`.
        periodic: (seconds, function) pairs, called in the first thread between deliveries.
        threads: how many deliveries are handled at once; each needs a connection of the engine.
    """
    logs.configure(f"{service}.{process}", settings.log_level)
    metrics.start_metrics_server(settings.metrics_port, settings.metrics_host)
    consumer = Consumer(service, listeners, settings, engine, periodic, threads)
    signal.signal(signal.SIGTERM, lambda *_: consumer.stop())
    signal.signal(signal.SIGINT, lambda *_: consumer.stop())
    consumer.run()


class Consumer:
    """The deliveries of one process."""

    def __init__(
        self,
        service: str,
        listeners: Sequence[Listener],
        settings: ServiceSettings,
        engine: Engine,
        periodic: Sequence[tuple[float, Callable[[Engine], None]]] = (),
        threads: int = 1,
    ) -> None:
        self._service = service
        self._listeners = listeners
        self._settings = settings
        self._engine = engine
        self._periodic = [_Periodic(seconds, function) for seconds, function in periodic]
        self._threads = [threading.Thread(target=self._work_through) for _ in range(threads)]
        self._work: queue.Queue[_Delivery] = queue.Queue()
        self._stopping = threading.Event()
        self._halted = threading.Event()
        self._connection: Any = None
        self._pauses = Pauses()
        self._dead_in_a_row = 0
        self._log = logs.get_logger()

    def stop(self) -> None:
        """Ends after the deliveries in hand; what was taken ahead goes back by itself."""
        self._stopping.set()

    def run(self) -> None:
        """Consumes until `stop()`; opens the connection again whenever it breaks."""
        for thread in self._threads:
            thread.start()
        while not self._stopping.is_set():
            if self._halted.is_set():
                self._stand_still()
                break
            try:
                self._consume()
            except (AMQPError, OSError) as error:
                seconds = self._pauses.next()
                self._log.warning("broker_waits", cause=type(error).__name__, seconds=seconds)
                self._stopping.wait(seconds)
        for thread in self._threads:
            thread.join()
        # The last delivery was acknowledged through the connection, so that closes after it.
        self._close()

    def _consume(self) -> None:
        parameters = pika.URLParameters(self._settings.broker_url)
        self._connection = pika.BlockingConnection(parameters)
        for listener in self._listeners:
            channel = self._connection.channel()
            channel.basic_qos(prefetch_count=listener.prefetch)
            name = queue_name(self._service, listener.event)
            channel.basic_consume(name, partial(self._take, listener))
        self._pauses.start_over()
        self._log.info("consuming", queues=len(self._listeners))
        while not self._stopping.is_set() and not self._halted.is_set():
            self._connection.process_data_events(time_limit=1.0)
            self._touch()

    def _stand_still(self) -> None:
        """Hands everything back and takes nothing more until a person starts the process again.

        It does not end: what starts ended processes would have it bury the next twenty.
        """
        metrics.HALTED.labels(self._service).set(1)
        self._log.critical("consumer_halted", reason="more than 20 dead messages in a row")
        self._close()
        while not self._stopping.wait(1.0):
            self._touch()

    def _take(self, listener: Listener, channel: Any, method: Any, *rest: Any) -> None:
        self._work.put(_Delivery(channel, method.delivery_tag, listener, *rest))

    def _work_through(self) -> None:
        while not self._stopping.is_set():
            if self._halted.is_set():
                self._stopping.wait(0.5)
                continue
            if threading.current_thread() is self._threads[0]:
                self._run_periodic()
            try:
                delivery = self._work.get(timeout=0.5)
            except queue.Empty:
                continue
            if delivery.channel.is_open:
                # A delivery of a broken connection is dropped: the broker delivers it again.
                self._settle(delivery)

    def _run_periodic(self) -> None:
        for task in self._periodic:
            if time.monotonic() >= task.due:
                task.due = time.monotonic() + task.seconds
                try:
                    task.function(self._engine)
                except Exception:
                    self._log.error("periodic_failed", name=task.function.__name__, exc_info=True)

    def _settle(self, delivery: _Delivery) -> None:
        """Handles a delivery to its end, then acknowledges it or hands it back."""
        try:
            envelope = from_headers(delivery.properties.headers, delivery.properties.content_type)
        except ValueError as error:
            self._bury(delivery, f"envelope: {error}")
            return
        with logs.bind(
            request_id=request_id_from(envelope.traceparent),
            event_type=envelope.type,
            event_id=envelope.id,
        ):
            self._settle_known(delivery, envelope)

    def _settle_known(self, delivery: _Delivery, envelope: Envelope) -> None:
        pauses = Pauses()
        while not self._stopping.is_set():
            try:
                self._handle_once(delivery, envelope)
            except _DOWN as error:
                seconds = pauses.next()
                self._log.warning("handler_waits", cause=type(error).__name__, seconds=seconds)
                self._count(envelope, "waited")
                self._stopping.wait(seconds)
                if not delivery.channel.is_open:
                    return
                continue
            except _HOPELESS as error:
                self._bury(delivery, f"{type(error).__name__}: {error.detail}", envelope)
            except Exception:
                self._failed(delivery, envelope)
            else:
                self._dead_in_a_row = 0
                self._answer(delivery, lambda d: d.channel.basic_ack(d.tag))
            return

    def _handle_once(self, delivery: _Delivery, envelope: Envelope) -> None:
        started = time.perf_counter()
        lag = (datetime.now(UTC) - envelope.time).total_seconds()
        metrics.LAG_SECONDS.labels(self._service, envelope.type).set(lag)
        event = Event(envelope, self._load(delivery, envelope))
        with transaction(self._engine, site_id=envelope.site_id) as session:
            if new := first_time(session, self._service, envelope.id):
                delivery.listener.handle(session, event)
        self._count(envelope, "handled" if new else "repeated")
        seconds = time.perf_counter() - started
        metrics.HANDLE_SECONDS.labels(self._service, envelope.type).observe(seconds)

    def _load(self, delivery: _Delivery, envelope: Envelope) -> Any:
        if envelope.content_type != JSON:
            return delivery.body
        try:
            data = orjson.loads(delivery.body)
            schema = delivery.listener.schema
            return data if schema is None else schema(unknown=EXCLUDE).load(data)
        except (ValueError, ValidationError) as error:
            fields = sorted(error.messages) if isinstance(error, ValidationError) else []
            raise errors.InvalidInput(detail=f"the data cannot be read: {fields}") from None

    def _failed(self, delivery: _Delivery, envelope: Envelope) -> None:
        """Counts a failure of ours in a transaction of its own; at the fifth, the dead queue."""
        self._log.error("handler_failed", exc_info=True)
        self._count(envelope, "failed")
        cause = _where()
        try:
            attempts = self._count_failure(envelope)
        except _DOWN:
            attempts = 1
        if attempts > len(_PAUSES_SECONDS):
            self._bury(delivery, cause, envelope)
            return
        self._stopping.wait(_PAUSES_SECONDS[attempts - 1])
        self._answer(delivery, lambda d: d.channel.basic_nack(d.tag, requeue=True))

    def _count_failure(self, envelope: Envelope) -> int:
        statement = text(
            "INSERT INTO event_failure (consumer, event_id, attempts) VALUES (:consumer, :id, 1) "
            "ON CONFLICT (consumer, event_id) DO UPDATE "
            "SET attempts = event_failure.attempts + 1, failed_at = now() RETURNING attempts"
        )
        with transaction(self._engine) as session:
            values = {"consumer": self._service, "id": envelope.id}
            return int(session.execute(statement, values).scalar_one())

    def _bury(self, delivery: _Delivery, cause: str, envelope: Envelope | None = None) -> None:
        """Puts the message into the dead queue, confirmed, and then acknowledges it.

        Publishes on a connection of its own, because a confirmed publish on the consumer's would
        have to run in the other thread.
        """
        event = delivery.listener.event
        headers = dict(delivery.properties.headers or {})
        headers["x-cause"] = cause[:1000]
        headers["x-buried-at"] = datetime.now(UTC).isoformat()
        delivery.properties.headers = headers
        try:
            parameters = pika.URLParameters(self._settings.broker_url)
            with pika.BlockingConnection(parameters) as connection:
                channel = connection.channel()
                channel.confirm_delivery()
                dead = dead_queue_name(queue_name(self._service, event))
                channel.basic_publish("", dead, delivery.body, delivery.properties, mandatory=True)
        except (AMQPError, OSError):
            self._log.warning("dead_queue_unreachable", event_type=event)
            self._answer(delivery, lambda d: d.channel.basic_nack(d.tag, requeue=True))
            return
        self._log.error("message_buried", event_type=event, cause=cause[:300])
        metrics.DEAD_LETTERS.labels(self._service, event).inc()
        if envelope is not None:
            self._count(envelope, "dead")
        self._answer(delivery, lambda d: d.channel.basic_ack(d.tag))
        self._dead_in_a_row += 1
        if self._dead_in_a_row > _DEAD_IN_A_ROW:
            self._halted.set()

    def _answer(self, delivery: _Delivery, answer: Callable[[_Delivery], None]) -> None:
        """Has the connection's thread acknowledge or hand back, if the channel still lives."""

        def send() -> None:
            if delivery.channel.is_open:
                answer(delivery)

        # When the connection broke meanwhile, the broker delivers again, and the inbox knows.
        with contextlib.suppress(AMQPError):
            self._connection.add_callback_threadsafe(send)

    def _count(self, envelope: Envelope, outcome: str) -> None:
        metrics.HANDLED.labels(self._service, envelope.type, outcome).inc()

    def _touch(self) -> None:
        if self._settings.live_file:
            Path(self._settings.live_file).touch()

    def _close(self) -> None:
        with contextlib.suppress(AMQPError, OSError):
            if self._connection is not None and self._connection.is_open:
                self._connection.process_data_events(time_limit=0)
                self._connection.close()


def _where() -> str:
    """The class and place of the fault in hand, without its text, which may quote a row."""
    kind, _, trace = sys.exc_info()
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "unknown"
    return f"{kind.__name__ if kind else 'unknown'} at {place}"
