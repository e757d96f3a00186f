"""A person decides about two records that may be one fracture (V20): keep one, or both count."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.records.actions.guarding import lock_site, refuse_locked
from services.records.actions.noting import note_change
from services.records.actions.opening import get_stored
from services.records.actions.pairing import refresh_states
from services.records.actions.withdrawing import mark_deleted
from services.records.domain.authors import Author
from services.records.domain.history import REASON
from services.records.keys import Keys
from services.records.queries.deciding import next_version
from services.records.tables import DuplicatePair
from services.shared.errors import Conflict, NotFound

KEPT_FIRST: Final = "kept_first"
KEPT_SECOND: Final = "kept_second"
BOTH_RIGHT: Final = "both_right"


def decide_pair(
    session: Session,
    keys: Keys,
    *,
    site_id: UUID,
    pair_id: UUID,
    decision: str,
    by: Author,
    today: date,
) -> None:
    """Decides about a pair: deletes the one that is not kept, or lets both count.

    The same again changes nothing. The history of the records that stay says what was decided.

    Args:
        decision: `kept_first`, `kept_second` or `both_right`.

    Raises:
        NotFound: the site has no such pair, or one of its records is gone.
        Conflict: `already_decided` otherwise; `period_locked`.
    """
    lock_site(session, site_id)
    pair = get_pair(session, pair_id)
    if pair.decision == decision:
        return
    if pair.decision is not None:
        raise Conflict(
            "Somebody has decided about these two records already. Look at them again.",
            "already_decided",
            {"decision": pair.decision},
        )
    records = [get_stored(session, keys, r) for r in (pair.first_record_id, pair.second_record_id)]
    for record in records:
        refuse_locked(
            session,
            site_id=site_id,
            record_id=record.record_id,
            days=[record.diagnosed_on],
            today=today,
        )
    pair.decision, pair.decided_by, pair.decided_at = decision, by.account_id, _now(session)
    session.flush()
    first, second = records
    given_up = {KEPT_FIRST: second, KEPT_SECOND: first}.get(decision)
    for record in records:
        if record is given_up:
            mark_deleted(session, site_id=site_id, record=record, reason="duplicate", by=by)
        else:
            _note(session, site_id, record.record_id, decision, by)
    ids = [record.record_id for record in records]
    refresh_states(session, site_id=site_id, record_ids=ids, by=by.account_id)


def get_pair(session: Session, pair_id: UUID) -> DuplicatePair:
    """A pair of the transaction's site. Raises NotFound; one that came apart is none."""
    query = select(DuplicatePair).where(DuplicatePair.pair_id == pair_id)
    pair = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if pair is None or pair.decision == "apart":
        raise NotFound("There are no such two records at your site, or they are no longer alike.")
    return pair


def _note(session: Session, site_id: UUID, record_id: UUID, decision: str, by: Author) -> None:
    note_change(
        session,
        site_id=site_id,
        record_id=record_id,
        version=next_version(session, record_id),
        kind="duplicate_decided",
        changes={REASON: [None, decision]},
        by=by,
    )


def _now(session: Session) -> datetime:
    now: datetime = session.scalars(select(func.now())).one()
    return now
