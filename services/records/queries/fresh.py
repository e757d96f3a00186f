"""SQL of fresh rows: new records, for each patient the first of the import.

Such a row has nothing to do with any other fresh row, only with stored records of its patient, so
that slices of them can be applied side by side; later rows of its patient come after them. What is
a fresh row was found by the comparison, and stays so as long as nothing at the site has changed
since.
"""

from __future__ import annotations

from sqlalchemy import text

from services.records.queries.slices import in_slice, rows_where
from services.records.queries.storing import HISTORY, KEPT, inserts
from services.records.queries.verdicts import ELSEWHERE, STAGED, new_rows, opted

_IS_FRESH = f"""{in_slice(listed=False)}
            AND v.checked_record_id IS NULL
            AND v.row_number <> ALL(CAST(:other_rows AS integer[]))"""
_FRESH = rows_where(_IS_FRESH)

APPLY_FRESH = text(f"""
    WITH {opted(_FRESH)},
    {ELSEWHERE},
    judged AS MATERIALIZED ({new_rows(_FRESH, ", ".join(f"s.{name}" for name in STAGED))}),
    {inserts(own_patients=True)},
    history AS ({HISTORY}),
    kept AS ({KEPT})
    SELECT s.verdict, count(*) AS rows,
        array_agg(s.row_number) FILTER (WHERE s.verdict = 'new')::text AS stored_rows,
        array_agg(s.record_id) FILTER (
            WHERE s.verdict = 'new' AND s.wrapped_key IS NULL
        )::text AS to_pair,
        array_agg(s.record_id) FILTER (
            WHERE s.verdict = 'new' AND s.wrapped_key IS NULL AND s.acknowledged IS NOT NULL
        )::text AS to_look_at,
        array_agg(s.record_id) FILTER (
            WHERE s.verdict = 'new' AND s.row_number IN (SELECT e.row_number FROM elsewhere e)
        ) AS elsewhere
    FROM judged s GROUP BY s.verdict
""")
"""Stores the fresh rows of a slice; one whose patient has opted out, or whose year was locked, is
held.
Binds: import_id, site_id, mode, after, upto, by, other_rows (those of the slice that are not fresh)
and those of `lock_binds`.
Returns (verdict, rows, stored_rows, to_pair, to_look_at, elsewhere) as `apply_statement` does; a
row whose patient is not stored yet comes near nothing."""

DELETE_FRESH = text(f"""
DELETE FROM own_staged_row v WHERE {_IS_FRESH}
""")
"""Takes those rows out of staging that were stored: the ones held have a decision by now."""
