"""Reads of audit periods, extensions and unlock requests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.records.domain.periods import Period, PeriodDays, period_of

_PERIODS = text("""
SELECT a.year, a.entry_deadline, a.locks_on,
    (SELECT max(e.until_on) FROM period_extension e
        WHERE e.site_id = :site_id AND e.year = a.year) AS extended_until,
    (SELECT max(u.until_on) FROM unlock_request u
        WHERE u.site_id = :site_id AND u.year = a.year AND u.state = 'granted'
            AND (u.record_id IS NULL OR u.record_id = CAST(:record_id AS uuid))) AS unlocked_until
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
            periods[row.year] = period_of(
                row.year,
                PeriodDays(row.entry_deadline, row.locks_on),
                today=today,
                extended_until=row.extended_until,
                unlocked_until=row.unlocked_until,
            )
    return periods
