"""Exchange, queues and dead queues, declared from one file before anything is published.

`deploy/rabbitmq/topology.json` is gathered from what the services say in code
(`python -m deploy.rabbitmq.gather`); an architecture test holds it up to date. Its shape:

    {"exchange": "fls.events", "queues": [{"name": "records.imports.rows_checked.v1",
                                           "event": "imports.rows_checked.v1"}, ...]}

Program: `python -m services.shared.topology deploy/rabbitmq/topology.json`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pika
from pika.exceptions import AMQPConnectionError

EXCHANGE = "fls.events"
DELIVERY_LIMIT = 50
"""Seat-belt against a message that kills its consumer; RabbitMQ 4 would take 20 by itself."""


def queue_name(consumer: str, event: str) -> str:
    """The queue in which a consumer finds an event."""
    return f"{consumer}.{event}"


def dead_queue_name(queue: str) -> str:
    """Where messages of a queue go that cannot be handled."""
    return f"{queue}.dead"


def declare(broker_url: str, topology: Mapping[str, Any]) -> int:
    """Declares everything; harmless when repeated. Returns the number of queues.

    Dead-lettering is at-least-once, which needs `reject-publish`: a full queue refuses instead of
    dropping its oldest message.
    """
    connection = pika.BlockingConnection(pika.URLParameters(broker_url))
    try:
        channel = connection.channel()
        channel.exchange_declare(topology["exchange"], "topic", durable=True)
        for queue in topology["queues"]:
            dead = dead_queue_name(queue["name"])
            channel.queue_declare(dead, durable=True, arguments={"x-queue-type": "quorum"})
            channel.queue_declare(
                queue["name"],
                durable=True,
                arguments={
                    "x-queue-type": "quorum",
                    "x-delivery-limit": DELIVERY_LIMIT,
                    "x-dead-letter-exchange": "",
                    "x-dead-letter-routing-key": dead,
                    "x-dead-letter-strategy": "at-least-once",
                    "x-overflow": "reject-publish",
                },
            )
            channel.queue_bind(queue["name"], topology["exchange"], queue["event"])
    finally:
        connection.close()
    return len(topology["queues"])


def main() -> None:
    """Declares the topology of the file named on the command line, waiting for the broker."""
    url = os.environ.get("FLS_BROKER_URL")
    if not url or len(sys.argv) != 2:
        print(
            "flsdb: set FLS_BROKER_URL and name the topology file, such as "
            "deploy/rabbitmq/topology.json",
            file=sys.stderr,
        )
        raise SystemExit(2)
    topology = json.loads(Path(sys.argv[1]).read_text())
    deadline = time.monotonic() + 120
    while True:
        try:
            count = declare(url, topology)
            break
        except AMQPConnectionError:
            if time.monotonic() > deadline:
                print("flsdb: RabbitMQ did not answer within two minutes", file=sys.stderr)
                raise SystemExit(1) from None
            time.sleep(1)
    print(f"{count} queues declared")


if __name__ == "__main__":
    main()
