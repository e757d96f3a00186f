"""What the views of records have in common: who writes, the log of openings, the answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from services.records.actions.answering import record_answer
from services.records.actions.reading import log_read, log_writing
from services.records.domain.authors import Author, Door
from services.records.queries.records import require_patient_audit
from services.records.today import today_in_london
from services.shared.identity import current_actor
from services.shared.web import app_state, site_transaction


def author(door: Door) -> Author:
    """The caller as the history names them."""
    actor = current_actor()
    return Author(actor.account_id, actor.visit_id, door)


@contextmanager
def own_records(*, read_only: bool = False) -> Iterator[tuple[Session, UUID]]:
    """A transaction over the records of the caller's site, which takes part in the audit."""
    site_id = current_actor().own_site()
    with site_transaction(read_only=read_only) as session:
        require_patient_audit(session, site_id=site_id)
        yield session, site_id


def note_opening(record_id: UUID, *, writing: bool = False, on: Connection | None = None) -> None:
    """Logs that the caller opens a record, in a transaction of its own: no log, no answer.

    Args:
        writing: they save it, and are shown it with the answer; often in a row.
        on: a connection to use, where reading follows.
    """
    log = log_writing if writing else log_read
    current_actor().own_site()
    with site_transaction(on=on) as session:
        log(session, record_id=record_id, by=current_actor(), request_id=g.get("request_id"))


def opened(record_id: UUID, *, on: Connection | None = None) -> dict[str, Any]:
    """All about a record, once its opening is logged, or it was saved."""
    actor = current_actor()
    with site_transaction(read_only=True, on=on) as session:
        return record_answer(
            session,
            app_state(),
            site_id=actor.own_site(),
            record_id=record_id,
            account_id=actor.account_id,
            today=today_in_london(),
        )
