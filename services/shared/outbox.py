"""Records events in the transaction of the change they speak of; the relay sends them afterwards.

`record_event` adds one row and wakes the relay at commit; it never flushes, commits or publishes.
Tables are made by `migrate.plumbing_tables`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import orjson
from marshmallow import Schema
from sqlalchemy import text
from sqlalchemy.orm import Session

from services.shared import logs
from services.shared.envelope import JSON, SEALED, WAKE_CHANNEL, Envelope, new_envelope

_INSERT = text(
    "INSERT INTO outbox_event (event_id, name, headers, content_type, body, keep) "
    "VALUES (:event_id, :name, CAST(:headers AS jsonb), :content_type, :body, :keep)"
)
_WAKE = text(f"SELECT pg_notify('{WAKE_CHANNEL}', '')")


@dataclass(frozen=True, slots=True)
class EventType:
    """An event that a service publishes.

    Attributes:
        name: service, noun, verb in the past, version: `imports.upload_received.v1`.
        kind: a `fact` tells what happened; `work` asks for a step and is taken one at a time; a
            `batch` carries sealed rows and is deleted from the outbox once sent.
        schema: the shape of its data; None for a batch.
    """

    name: str
    schema: type[Schema] | None
    kind: Literal["fact", "work", "batch"] = "fact"


def record_event(
    session: Session,
    event_type: EventType,
    *,
    subject: str | UUID,
    data: Mapping[str, Any],
    site_id: UUID | str | None = None,
    subject_version: int | None = None,
    actor_id: UUID | str | None = None,
) -> Envelope:
    """Records an event with this transaction; does not commit.

    Raises:
        ValueError: the data do not fit the event's schema; better here than in the relay.
    """
    if event_type.schema is None:
        raise ValueError(f"{event_type.name} carries sealed rows: use record_batch")
    schema = event_type.schema()
    dumped = schema.dump(data)
    faults = schema.validate(dumped)
    if faults:
        raise ValueError(f"{event_type.name} does not fit its schema: {sorted(faults)}")
    envelope = new_envelope(
        event_type.name,
        subject=str(subject),
        content_type=JSON,
        subject_version=subject_version,
        site_id=site_id,
        actor_id=actor_id,
        request_id=logs.bound("request_id"),
    )
    _insert(session, envelope, orjson.dumps(dumped), keep=True)
    return envelope


def record_batch(
    session: Session,
    event_type: EventType,
    *,
    subject: str | UUID,
    body: bytes,
    site_id: UUID | str | None = None,
    actor_id: UUID | str | None = None,
) -> Envelope:
    """Records a batch of rows, already sealed, with this transaction; does not commit."""
    if event_type.kind != "batch":
        raise ValueError(f"{event_type.name} is no batch")
    envelope = new_envelope(
        event_type.name,
        subject=str(subject),
        content_type=SEALED,
        site_id=site_id,
        actor_id=actor_id,
        request_id=logs.bound("request_id"),
    )
    _insert(session, envelope, body, keep=False)
    return envelope


def _insert(session: Session, envelope: Envelope, body: bytes, *, keep: bool) -> None:
    session.execute(
        _INSERT,
        {
            "event_id": envelope.id,
            "name": envelope.type,
            "headers": orjson.dumps(envelope.to_headers()).decode(),
            "content_type": envelope.content_type,
            "body": body,
            "keep": keep,
        },
    )
    session.execute(_WAKE)
