"""Counts over all sites, as the national reader; no row of a patient leaves here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

# Grouped by days first: a join and a conversion for each group, not for each record.
_COUNTS = text("""
WITH by_day AS (
    SELECT site_id, date_index_diagnosed, state, count(*) AS records
    FROM fls_record
    WHERE state <> 'deleted' AND date_index_diagnosed BETWEEN :first AND :last
    GROUP BY 1, 2, 3
)
SELECT s.code AS site_code, to_char(d.date_index_diagnosed, 'YYYY-MM') AS month, d.state,
    sum(d.records)::bigint AS records
FROM by_day d JOIN site s USING (site_id)
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")


def count_records(session: Session, *, year: int) -> Sequence[Row[Any]]:
    """Stored records of a year of diagnosis: (site_code, month, state, records), in this order."""
    days = {"first": date(year, 1, 1), "last": date(year, 12, 31)}
    return session.execute(_COUNTS, days).all()
