"""Audit periods: the audit team sets deadlines, extends them for a site, and unlocks on request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.records.domain.periods import FIRST_YEAR, LONGEST_UNLOCK_DAYS
from services.records.queries import periods as queries
from services.records.queries.records import find_record_head
from services.records.tables import AuditPeriod, FlsRecord, PeriodExtension, Site, UnlockRequest
from services.shared.errors import Conflict, InvalidInput, NotFound


def set_period(
    session: Session,
    *,
    year: int,
    entry_deadline: date,
    locks_on: date,
    version: int,
    by: UUID,
    today: date,
) -> None:
    """Sets the deadlines of a year of diagnosis, for all sites.

    Args:
        version: the one the deadlines were read with; 0 for a year that has none yet.

    Raises:
        InvalidInput: the year is not of the audit, or the days are in the wrong order.
        Conflict: `version_moved`: somebody else has set them meanwhile.
    """
    _check_deadlines(year, entry_deadline, locks_on, today)
    days = {"entry_deadline": entry_deadline, "locks_on": locks_on, "updated_by": by}
    if version == 0:
        row = insert(AuditPeriod).values(year=year, version=1, **days).on_conflict_do_nothing()
        done = session.execute(row.returning(AuditPeriod.year)).first()
    else:
        done = session.execute(
            update(AuditPeriod)
            .where(AuditPeriod.year == year, AuditPeriod.version == version)
            .values(version=version + 1, updated_at=func.now(), **days)
            .returning(AuditPeriod.year)
        ).first()
    if done is None:
        raise Conflict(
            "Somebody else has set these deadlines since you opened them. Look at them again.",
            "version_moved",
        )


def _check_deadlines(year: int, entry_deadline: date, locks_on: date, today: date) -> None:
    errors: dict[str, list[str]] = {}
    if not FIRST_YEAR <= year <= today.year:
        errors["year"] = [f"Fractures of the audit are diagnosed from {FIRST_YEAR} to this year."]
    if entry_deadline < date(year, 12, 31):
        errors["entry_deadline"] = [
            "The year has not ended by then, so its records cannot all be there. Give a later day."
        ]
    if locks_on <= entry_deadline:
        errors["locks_on"] = ["The year locks after its deadline. Give a later day."]
    if errors:
        raise InvalidInput(errors)


def extend_period(
    session: Session,
    *,
    site_id: UUID,
    year: int,
    until_on: date,
    reason_code: str,
    reason: str,
    by: UUID,
    today: date,
) -> UUID:
    """Gives a site more time for a year; the session is of that site.

    Raises:
        NotFound: there is no such site.
        InvalidInput: the year has no deadline, or the day is none that gives more time.
    """
    if session.get(Site, site_id) is None:
        raise NotFound("There is no such site.")
    period = session.get(AuditPeriod, year)
    if period is None:
        raise InvalidInput({"year": ["This year has no deadline, so there is nothing to extend."]})
    if until_on < max(today, period.locks_on):
        raise InvalidInput(
            {"until_on": ["Give a day from today on that is not before the day the year locks."]}
        )
    extension_id = uuid7()
    session.add(
        PeriodExtension(
            extension_id=extension_id,
            site_id=site_id,
            year=year,
            until_on=until_on,
            reason_code=reason_code,
            reason=reason,
            granted_by=by,
        )
    )
    session.flush()
    return extension_id


def ask_to_unlock(
    session: Session,
    *,
    site_id: UUID,
    record_id: UUID | None,
    year: int | None,
    reason: str,
    by: UUID,
    today: date,
) -> UUID:
    """Asks the audit team to unlock a record or a year. The same request twice is one.

    Raises:
        NotFound: the site has no such record.
        InvalidInput: neither a record nor a year is named, or it is not locked.
    """
    wanted = _year_of(session, record_id) if record_id is not None else year
    if wanted is None:
        raise InvalidInput({"year": ["Say which record or which year shall be unlocked."]})
    periods = queries.load_periods(
        session, site_id=site_id, years=[wanted], today=today, record_id=record_id
    )
    if not periods[wanted].is_locked:
        raise InvalidInput({"year": [f"{wanted} is not locked, so there is nothing to unlock."]})
    open_one = select(UnlockRequest.request_id).where(
        UnlockRequest.site_id == site_id,
        UnlockRequest.state == "asked",
        UnlockRequest.year == wanted,
        UnlockRequest.record_id.is_not_distinct_from(record_id),
    )
    found = session.scalars(open_one).first()
    if found is not None:
        return found
    request_id = uuid7()
    session.add(
        UnlockRequest(
            request_id=request_id,
            site_id=site_id,
            record_id=record_id,
            year=wanted,
            reason=reason,
            asked_by=by,
            state="asked",
        )
    )
    session.flush()
    return request_id


def _year_of(session: Session, record_id: UUID) -> int:
    head = find_record_head(session, record_id)
    if head is None or head["state"] == "deleted":
        raise NotFound("There is no such record at your site.")
    day: date = session.scalars(
        select(FlsRecord.__table__.c.date_index_diagnosed).where(
            FlsRecord.__table__.c.record_id == record_id
        )
    ).one()
    return day.year


def decide_unlock(
    session: Session, *, request_id: UUID, decision: Mapping[str, Any], by: UUID, today: date
) -> None:
    """Grants a request until a day, or refuses it with a reason; the session is of its site.

    Args:
        decision: `granted`, `until_on` (the last day, needed to grant), `reason` (needed to
            refuse).

    Raises:
        NotFound: there is no such request.
        InvalidInput: the day is missing, past, or further away than a quarter; or no reason.
        Conflict: `already_decided`.
    """
    query = select(UnlockRequest).where(UnlockRequest.request_id == request_id).with_for_update()
    request = session.scalars(query).one_or_none()
    if request is None:
        raise NotFound("There is no such request.")
    granted, until_on, reason = decision["granted"], decision["until_on"], decision["reason"]
    _check_decision(granted, until_on, reason, today)
    state = "granted" if granted else "refused"
    if request.state != "asked":
        if (request.state, request.until_on) == (state, until_on if granted else None):
            return
        raise Conflict("Somebody has decided about this request already.", "already_decided")
    now = session.scalars(select(func.now())).one()
    request.state = state
    request.until_on = until_on if granted else None
    request.decision_reason = reason
    request.decided_by = by
    request.decided_at = now
    session.flush()


def _check_decision(granted: bool, until_on: date | None, reason: str | None, today: date) -> None:
    latest = today + timedelta(days=LONGEST_UNLOCK_DAYS)
    if granted and (until_on is None or not today <= until_on <= latest):
        raise InvalidInput({"until_on": [f"Give a day from today to {latest.day} {latest:%B %Y}."]})
    if not granted and not reason:
        raise InvalidInput({"reason": ["Say why, so that the site can understand it."]})
