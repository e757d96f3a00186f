"""Opens records for people: notes who reads, then opens the identifiers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.records import metrics
from services.records.queries.history import last_read_at
from services.records.queries.records import refuse_outside_audit
from services.shared.errors import NotFound
from services.shared.identity import Actor

# In one statement, because it comes before every reading: nothing is noted for a site outside the
# audit, nor about a record that is not there.
_LOG = text("""
WITH here AS (SELECT patient_audit, state FROM site WHERE site_id = :site_id),
logged AS (
    INSERT INTO read_log (site_id, record_id, actor_id, request_id, visit_id)
    SELECT o.site_id, o.record_id, CAST(:actor_id AS uuid), CAST(:request_id AS text),
        CAST(:visit_id AS uuid)
    FROM here, (
        SELECT r.site_id, r.record_id FROM fls_record r
        WHERE r.record_id = :record_id AND r.state <> 'deleted'
        UNION ALL
        SELECT e.site_id, e.record_id FROM entry e
        WHERE e.record_id = :record_id AND e.wrapped_key IS NOT NULL
    ) o
    WHERE here.patient_audit AND here.state = 'approved'
    RETURNING record_id
)
SELECT here.patient_audit, here.state, EXISTS (SELECT FROM logged) AS is_noted FROM here
""")
# Under the id that its record will have.
_LOG_HELD = text("""
INSERT INTO read_log (site_id, record_id, actor_id, request_id, visit_id)
SELECT v.site_id, v.record_id, CAST(:actor_id AS uuid), CAST(:request_id AS text),
    CAST(:visit_id AS uuid)
FROM own_staged_row v WHERE v.import_id = :import_id AND v.row_number = :row_number
""")
_ONE_OPENING = timedelta(minutes=10)
ERASED = "erased"
"""What a list shows in place of an identifier that was erased."""


def log_read(session: Session, *, record_id: UUID, by: Actor, request_id: str | None) -> None:
    """Notes that a person opens a record, or what is none yet.

    In a transaction of its own, committed before anything is opened.

    Raises:
        Forbidden: the transaction's site does not take part in the patient audit.
        NotFound: it has no such record; nothing is noted.
        Unavailable: we have not heard of the site yet.
    """
    values = {
        "site_id": by.own_site(),
        "record_id": record_id,
        "actor_id": by.account_id,
        "visit_id": by.visit_id,
        "request_id": request_id,
    }
    site = session.connection().execute(_LOG, values).one_or_none()
    refuse_outside_audit(None if site is None else (site.patient_audit, site.state))
    if site is None or not site.is_noted:
        raise NotFound("There is no such record at your site.")
    metrics.READS_LOGGED.inc()


def log_held_row(
    session: Session, *, import_id: UUID, row_number: int, by: Actor, request_id: str | None
) -> None:
    """Notes that a person opens a row of an import that is set aside."""
    values = {
        "import_id": import_id,
        "row_number": row_number,
        "actor_id": by.account_id,
        "visit_id": by.visit_id,
        "request_id": request_id,
    }
    session.execute(_LOG_HELD, values)
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
