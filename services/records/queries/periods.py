"""Reads of audit periods, extensions and unlock requests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from services.records.domain.periods import FIRST_YEAR, Locks, Period, PeriodDays, period_of
from services.records.tables import AuditPeriod, PeriodExtension, UnlockRequest

PERIOD_COLUMNS = """a.entry_deadline, a.locks_on,
    (SELECT max(e.until_on) FROM period_extension e
        WHERE e.site_id = :site_id AND e.year = a.year) AS extended_until,
    (SELECT max(u.until_on) FROM unlock_request u
        WHERE u.site_id = :site_id AND u.year = a.year AND u.state = 'granted'
            AND (u.record_id IS NULL OR u.record_id = CAST(:record_id AS uuid))
    ) AS unlocked_until"""
"""What makes the period of a year `a` at the site, for the record `:record_id`."""
_PERIODS = text(f"""
SELECT a.year, {PERIOD_COLUMNS}
FROM audit_period a
WHERE a.year = ANY(:years)
""")


def load_periods(
    session: Session,
    *,
    site_id: UUID,
    years: Iterable[int],
    today: date,
    record_id: UUID | None = None,
) -> dict[int, Period]:
    """What holds for these years at a site, by year.

    Args:
        record_id: the record it is asked for; what was unlocked for it alone counts too.
    """
    wanted = set(years)
    periods = {year: Period(year, "open") for year in wanted}
    if wanted:
        values = {"site_id": site_id, "record_id": record_id, "years": sorted(wanted)}
        for row in session.execute(_PERIODS, values):
            periods[row.year] = period_from(row, row.year, today=today)
    return periods


def period_from(row: Row[Any], year: int, *, today: date) -> Period:
    """What holds for a year, from `PERIOD_COLUMNS`; all of them None if the year has no days."""
    days = None
    if row.locks_on is not None:
        days = PeriodDays(row.entry_deadline, row.locks_on)
    return period_of(
        year,
        days,
        today=today,
        extended_until=row.extended_until,
        unlocked_until=row.unlocked_until,
    )


_LOCKED_YEARS = text("""
SELECT a.year FROM audit_period a
WHERE a.locks_on <= :today
    AND NOT EXISTS (SELECT FROM period_extension e
        WHERE e.site_id = :site_id AND e.year = a.year AND e.until_on >= :today)
    AND NOT EXISTS (SELECT FROM unlock_request u
        WHERE u.site_id = :site_id AND u.year = a.year AND u.record_id IS NULL
            AND u.state = 'granted' AND u.until_on >= :today)
""")
_UNLOCKED_RECORDS = text("""
SELECT u.record_id, u.year FROM unlock_request u
WHERE u.site_id = :site_id AND u.year = ANY(:years) AND u.record_id IS NOT NULL
    AND u.state = 'granted' AND u.until_on >= :today
""")


def load_locks(session: Session, *, site_id: UUID, today: date) -> Locks:
    """All that is locked at a site today: what `period_status` says, for a set of rows."""
    values = {"site_id": site_id, "today": today}
    years = list(session.scalars(_LOCKED_YEARS, values))
    if not years:
        return Locks()
    unlocked = session.execute(_UNLOCKED_RECORDS, {**values, "years": years})
    return Locks(frozenset(years), frozenset((row.record_id, row.year) for row in unlocked))


def list_years(session: Session, *, site_id: UUID | None, today: date) -> list[dict[str, Any]]:
    """Every year of the audit with what holds for it, the newest first.

    Args:
        site_id: with this site's extensions and unlockings; None: the deadlines alone.
    """
    years = range(FIRST_YEAR, today.year + 1)
    # No site has the nil id, so that no extension is found.
    periods = load_periods(session, site_id=site_id or UUID(int=0), years=years, today=today)
    versions = {
        row.year: row.version
        for row in session.execute(select(AuditPeriod.year, AuditPeriod.version))
    }
    extended = {} if site_id is None else _extended_until(session, site_id)
    return [
        {
            "year": year,
            "status": periods[year].status,
            "entry_deadline": periods[year].entry_deadline,
            "locks_on": periods[year].locks_on,
            "unlocked_until": periods[year].unlocked_until,
            "extended_until": extended.get(year),
            "version": versions.get(year, 0),
        }
        for year in reversed(years)
    ]


def _extended_until(session: Session, site_id: UUID) -> dict[int, date]:
    query = select(PeriodExtension.year, PeriodExtension.until_on).where(
        PeriodExtension.site_id == site_id
    )
    latest: dict[int, date] = {}
    for year, until_on in session.execute(query):
        latest[year] = max(until_on, latest.get(year, until_on))
    return latest


def list_extensions(session: Session) -> list[PeriodExtension]:
    """All extensions that the transaction may see, the newest first."""
    query = select(PeriodExtension).order_by(PeriodExtension.granted_at.desc())
    return list(session.scalars(query))


def list_requests(session: Session, *, state: str | None) -> list[UnlockRequest]:
    """Unlock requests that the transaction may see, the newest first; of one state, or all."""
    query = select(UnlockRequest).order_by(UnlockRequest.asked_at.desc())
    return list(session.scalars(query if state is None else query.filter_by(state=state)))


def find_request(session: Session, request_id: UUID) -> UnlockRequest | None:
    """An unlock request, if the transaction may see it."""
    return session.get(UnlockRequest, request_id)


def find_extension(session: Session, extension_id: UUID) -> PeriodExtension | None:
    """An extension, if the transaction may see it."""
    return session.get(PeriodExtension, extension_id)
