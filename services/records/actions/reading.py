"""Opens records for people: notes who reads, then opens the identifiers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.records import metrics
from services.records.queries.history import last_read_at
from services.shared.errors import NotFound
from services.shared.identity import Actor

_LOG = text("""
INSERT INTO read_log (site_id, record_id, actor_id, request_id, visit_id)
SELECT o.site_id, o.record_id, CAST(:actor_id AS uuid), CAST(:request_id AS text),
    CAST(:visit_id AS uuid)
FROM (
    SELECT r.site_id, r.record_id FROM fls_record r
    WHERE r.record_id = :record_id AND r.state <> 'deleted'
    UNION ALL
    SELECT e.site_id, e.record_id FROM entry e
    WHERE e.record_id = :record_id AND e.wrapped_key IS NOT NULL
) o
RETURNING record_id
""")
_ONE_OPENING = timedelta(minutes=10)
ERASED = "erased"
"""What a list shows in place of an identifier that was erased."""


def log_read(session: Session, *, record_id: UUID, by: Actor, request_id: str | None) -> None:
    """Notes that a person opens a record, or what is none yet.

    In a transaction of its own, committed before anything is opened.

    Raises:
        NotFound: the transaction's site has no such record; nothing is noted.
    """
    values = {
        "record_id": record_id,
        "actor_id": by.account_id,
        "visit_id": by.visit_id,
        "request_id": request_id,
    }
    if session.execute(_LOG, values).first() is None:
        raise NotFound("There is no such record at your site.")
    metrics.READS_LOGGED.inc()


def log_writing(session: Session, *, record_id: UUID, by: Actor, request_id: str | None) -> None:
    """Notes that somebody who saves a record is shown it, unless they have opened it just now.

    A form that saves itself every few seconds is one opening.

    Raises:
        NotFound: as `log_read`.
    """
    last = last_read_at(session, record_id=record_id, by=by.account_id)
    if last is None or datetime.now(UTC) - last > _ONE_OPENING:
        log_read(session, record_id=record_id, by=by, request_id=request_id)
