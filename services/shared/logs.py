"""Structured logs: one JSON line an event, ids and scalars only, a request id on each.

A log line is `log.info("import_confirmed", import_id=..., rows=...)`: a constant name and plain
values. Anything else (a dict, a row, an object) is replaced by the name of its type, so that a
patient's data cannot slip into a log with the object that carries them.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from contextlib import AbstractContextManager
from datetime import date
from typing import Any
from uuid import UUID

import structlog

_SCALARS = (str, int, float, bool, UUID, date, type(None))
_MAX_TEXT = 2000


def configure(service: str, level: str = "INFO") -> None:
    """Sends our logs, and those of the libraries, to standard error as JSON lines."""
    structlog.configure(
        processors=[
            # Not bound as context: each thread of a web process begins with an empty one.
            lambda _, __, event: {"service": service, **event},
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _plain_values,
            _fault,
            structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Bridge()], force=True)


def get_logger() -> Any:
    """The logger of this process; context bound with `bind()` is added to its lines."""
    return structlog.get_logger()


def bind(**values: object) -> AbstractContextManager[None]:
    """Adds values, such as `request_id`, to all lines written inside the block."""
    return structlog.contextvars.bound_contextvars(**values)


def bound(name: str) -> str | None:
    """A value that `bind()` has set, such as the request id; None outside any block."""
    return structlog.contextvars.get_contextvars().get(name)


def _plain_values(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key == "exc_info":
            continue
        if not isinstance(value, _SCALARS):
            event[key] = f"<{type(value).__name__}>"
        elif isinstance(value, str):
            event[key] = value[:_MAX_TEXT]
    return event


def _fault(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Turns an exception into its class and the places it passed, without its text.

    The text of a database error quotes the row it failed on, which may be a patient's.
    """
    if event.pop("exc_info", None):
        kind, error, trace = sys.exc_info()
        event["fault"] = kind.__name__ if kind else "unknown"
        places = []
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno}:{code.co_name}")
            trace = trace.tb_next
        event["where"] = " < ".join(reversed(places[-8:]))
        diagnostic = getattr(getattr(error, "orig", error), "diag", None)
        if diagnostic is not None:
            event["sqlstate"] = diagnostic.sqlstate
            event["constraint"] = diagnostic.constraint_name
    return event


class _Bridge(logging.Handler):
    """Passes warnings of libraries on: their place and class, not their text."""

    def emit(self, record: logging.LogRecord) -> None:
        text = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        structlog.get_logger().warning("library", logger=record.name, text=text[:300])
