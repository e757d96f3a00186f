"""What stands beside a record and decides with it: pairs, opt-outs, audit periods.

The one place where saving asks the parts of the service that decide about these.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from dataset.findings import Finding
from dataset.store import opted_out
from dataset.values import Record
from services.records.actions.identifying import real_number
from services.records.actions.pairing import (
    duplicate_findings,
    note_elsewhere,
    note_pairs,
    refresh_states,
    store_findings,
)
from services.records.domain.periods import Period
from services.records.keys import Keys
from services.records.queries.periods import load_periods
from services.records.queries.whole import WholeRecord


def findings_beside(
    session: Session,
    keys: Keys,
    *,
    site_id: UUID,
    record_id: UUID | None,
    said: Record,
    today: date,
) -> list[Finding]:
    """What is said of a record because of what is stored beside it: V24, R05, V20.

    Args:
        record_id: None for one that has no id yet.
        said: the record as it is, or as somebody wants it.
    """
    day = said.get("date_index_diagnosed")
    return store_findings(
        session,
        keys,
        site_id=site_id,
        record_id=record_id,
        nhs_number=real_number(said.get("nhs_number")),
        diagnosed_on=day if isinstance(day, date) else None,
        today=today,
    )


def findings_beside_stored(whole: WholeRecord) -> list[Finding]:
    """The same of a record as it is stored, from what was read with it.

    A record that is stored in a year is not brought into it, so R05 is never among them.
    """
    found = [opted_out()] if whole.has_opted_out else []
    return [*found, *duplicate_findings(whole.nearby, is_elsewhere=whole.is_elsewhere)]


def settle(
    session: Session, keys: Keys, *, site_id: UUID, record_ids: Sequence[UUID], by: UUID
) -> None:
    """Notes what is near these records, here and elsewhere, and sets the states that count.

    Args:
        by: who has saved or acknowledged.
    """
    note_pairs(session, site_id=site_id, record_ids=record_ids)
    note_elsewhere(session, keys, site_id=site_id, record_ids=record_ids)
    refresh_states(session, site_id=site_id, record_ids=record_ids, by=by)


def period_of(
    session: Session, *, site_id: UUID, record_id: UUID, day: object, today: date
) -> dict[str, Any] | None:
    """What holds for a record's year of diagnosis; None while the day is not known."""
    if not isinstance(day, date):
        return None
    periods = load_periods(
        session, site_id=site_id, years=[day.year], today=today, record_id=record_id
    )
    return period_as_json(periods[day.year])


def period_as_json(period: Period) -> dict[str, Any]:
    """A period as every answer has it."""
    return {
        "year": period.year,
        "status": period.status,
        "entry_deadline": period.entry_deadline,
        "locks_on": period.locks_on,
        "unlocked_until": period.unlocked_until,
    }
