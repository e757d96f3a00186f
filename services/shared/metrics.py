"""Metrics of the plumbing itself, and how a process shows its metrics on its private port.

Under gunicorn, `PROMETHEUS_MULTIPROC_DIR` is set and the values of all its workers are added up.
"""

from __future__ import annotations

import os

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    start_http_server,
)
from prometheus_client.multiprocess import MultiProcessCollector

REQUESTS = Counter(
    "http_requests_total", "Requests answered.", ["service", "endpoint", "method", "status"]
)
REQUEST_SECONDS = Histogram(
    "http_request_seconds",
    "Time to answer a request.",
    ["service", "endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10, 60),
)
HANDLED = Counter(
    "consumer_handled_total",
    "Deliveries by outcome: handled, repeated, waited, failed, dead.",
    ["service", "event", "outcome"],
)
HANDLE_SECONDS = Histogram(
    "consumer_handle_seconds",
    "Time from a delivery to its commit.",
    ["service", "event"],
    buckets=(0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300),
)
LAG_SECONDS = Gauge(
    "consumer_lag_seconds",
    "Age of the event handled last, when its handling began.",
    ["service", "event"],
    multiprocess_mode="max",
)
DEAD_LETTERS = Counter(
    "dead_letters_total", "Messages put into a dead queue.", ["service", "event"]
)
HALTED = Gauge(
    "consumer_halted",
    "1 once a consumer has put more than 20 messages in a row into dead queues and stands still.",
    ["service"],
    multiprocess_mode="max",
)
UNPUBLISHED = Gauge(
    "outbox_unpublished",
    "Events recorded and not yet sent.",
    ["service"],
    multiprocess_mode="livesum",
)
OLDEST_SECONDS = Gauge(
    "outbox_oldest_seconds",
    "Age of the oldest event not yet sent.",
    ["service"],
    multiprocess_mode="livemax",
)
PUBLISHED = Counter("outbox_published_total", "Events confirmed by the broker.", ["service"])


def start_metrics_server(port: int, host: str) -> None:
    """Serves `/metrics` on a private port in a thread of this process; port 0 serves none."""
    if port == 0:
        return
    registry: CollectorRegistry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    start_http_server(port, addr=host, registry=registry)
