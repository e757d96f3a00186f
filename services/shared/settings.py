"""Reads the environment once into a typed object; what is missing stops the process with one line.

Each service derives its class from `ServiceSettings` and adds its own lines:

    @environ.config(prefix="FLS", frozen=True)
    class RecordsSettings(ServiceSettings):
        master_keys = environ.var(converter=json_object, help="Key id -> base64 key of 32 bytes.")

A default must be safe in production and fit to publish; what has no such default has none.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import TypeVar, cast

import environ
from environ.exceptions import MissingEnvValueError

S = TypeVar("S")


def json_object(text: str) -> dict[str, str]:
    """Converts a setting that holds a JSON object of strings, such as key id -> key."""
    value = json.loads(text)
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise ValueError("a JSON object of strings is wanted")
    return value


@environ.config(prefix="FLS", frozen=True)
class ServiceSettings:
    """What every process of every service reads."""

    database_url: str = environ.var(help="PostgreSQL address with the service's own role.")
    broker_url: str = environ.var(help="RabbitMQ address, amqp://user:password@host:port/vhost.")
    identity_public_keys: dict[str, str] = environ.var(
        converter=json_object,
        help="JSON object: key id -> base64 of registration's raw Ed25519 public key; several at "
        "once, so that keys can rotate.",
    )
    metrics_host: str = environ.var("127.0.0.1", help="Address on which metrics are served.")
    metrics_port: int = environ.var(
        0, converter=int, help="Private port of this process's metrics; 0 serves none."
    )
    log_level: str = environ.var("INFO", help="DEBUG, INFO, WARNING or ERROR.")
    live_file: str = environ.var(
        "", help="File that a consumer or relay touches on each loop, for liveness; empty: none."
    )


def load(cls: type[S], env: Mapping[str, str] | None = None) -> S:
    """Reads the settings of one process.

    Raises:
        SystemExit: a setting is missing or cannot be read; the line names it, never its value.
    """
    source = dict(os.environ if env is None else env)
    try:
        return cast(S, environ.to_config(cls, source))
    except MissingEnvValueError as error:
        names = sorted(str(name) for name in _flat(error.args))
        print(f"flsdb: set {', '.join(names)} in the environment", file=sys.stderr)
        raise SystemExit(2) from None
    except ValueError as error:
        # The message of a converter may quote a secret, so only the class of the fault is shown.
        print(f"flsdb: a setting cannot be read ({type(error).__name__})", file=sys.stderr)
        raise SystemExit(2) from None


def _flat(args: tuple[object, ...]) -> list[object]:
    flat: list[object] = []
    for arg in args:
        flat.extend(arg if isinstance(arg, (set, list, tuple, frozenset)) else [arg])
    return flat
