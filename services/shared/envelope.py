"""The fields around every event: CloudEvents 1.0 attributes as AMQP 0.9.1 headers.

Source: CloudEvents AMQP protocol binding (prefix `cloudEvents_`). Extensions of ours:
`subjectversion`, `siteid`, `actorid`, `traceparent` (W3C trace context).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

JSON = "application/json"
SEALED = "application/octet-stream"
WAKE_CHANNEL = "outbox"
"""The PostgreSQL notification by which whoever records an event wakes the relay."""
_PREFIX = "cloudEvents_"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who says what about whom, and when.

    Attributes:
        type: the event's name, which is its routing key too.
        subject: id of the thing it speaks of.
        subject_version: grows with each change of the subject; None where order does not matter.
        site_id: the site whose rows the listener may touch.
        actor_id: account behind the change; None for the system itself.
    """

    id: UUID
    type: str
    source: str
    time: datetime
    subject: str
    content_type: str
    subject_version: int | None = None
    site_id: UUID | None = None
    actor_id: UUID | None = None
    traceparent: str | None = None

    def to_headers(self) -> dict[str, str]:
        """The envelope as AMQP headers; absent extensions are left out."""
        values = {
            "specversion": "1.0",
            "id": self.id,
            "type": self.type,
            "source": self.source,
            "time": self.time.isoformat(),
            "subject": self.subject,
            "subjectversion": self.subject_version,
            "siteid": self.site_id,
            "actorid": self.actor_id,
            "traceparent": self.traceparent,
        }
        return {_PREFIX + k: str(v) for k, v in values.items() if v is not None}


def new_envelope(
    name: str,
    *,
    subject: str,
    content_type: str,
    subject_version: int | None = None,
    site_id: UUID | str | None = None,
    actor_id: UUID | str | None = None,
    request_id: str | None = None,
) -> Envelope:
    """An envelope for an event that happens now; its source is the first word of its name."""
    return Envelope(
        id=uuid7(),
        type=name,
        source=name.partition(".")[0],
        time=datetime.now(UTC),
        subject=subject,
        content_type=content_type,
        subject_version=subject_version,
        site_id=_uuid(site_id),
        actor_id=_uuid(actor_id),
        traceparent=traceparent_from(request_id),
    )


def from_headers(headers: Mapping[str, object] | None, content_type: str | None) -> Envelope:
    """Reads an envelope.

    Raises:
        ValueError: an attribute is missing or malformed.
    """
    values = {
        k.removeprefix(_PREFIX): str(v) for k, v in (headers or {}).items() if k.startswith(_PREFIX)
    }
    try:
        version = values.get("subjectversion")
        return Envelope(
            id=UUID(values["id"]),
            type=values["type"],
            source=values["source"],
            time=datetime.fromisoformat(values["time"]),
            subject=values["subject"],
            content_type=content_type or JSON,
            subject_version=None if version is None else int(version),
            site_id=_uuid(values.get("siteid")),
            actor_id=_uuid(values.get("actorid")),
            traceparent=values.get("traceparent"),
        )
    except KeyError as error:
        raise ValueError(f"the envelope has no {error.args[0]}") from None


def traceparent_from(request_id: str | None) -> str | None:
    """A W3C trace context whose trace id is the request id (32 hexadecimal digits)."""
    if not request_id:
        return None
    return f"00-{request_id}-{secrets.token_hex(8)}-01"


def request_id_from(traceparent: str | None) -> str | None:
    """The request id that a trace context carries."""
    parts = (traceparent or "").split("-")
    return parts[1] if len(parts) == 4 else None


def _uuid(value: UUID | str | None) -> UUID | None:
    return value if value is None or isinstance(value, UUID) else UUID(value)
