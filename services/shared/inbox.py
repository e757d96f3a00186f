"""Claims an event for a consumer, once, in the transaction of its effect."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_CLAIM = text(
    "INSERT INTO inbox_event (consumer, event_id) VALUES (:consumer, :event_id) "
    "ON CONFLICT DO NOTHING RETURNING event_id"
)


def first_time(session: Session, consumer: str, event_id: UUID) -> bool:
    """True when this consumer has not handled the event; claims it with this transaction.

    A second delivery that arrives meanwhile waits for the first one's transaction to end.
    """
    claimed = session.execute(_CLAIM, {"consumer": consumer, "event_id": event_id})
    return claimed.first() is not None
