"""SQL of fresh rows: new records, for each patient the first of the import.

Such a row has nothing to do with any other fresh row, only with stored records of its patient, so
that slices of them can be applied side by side; later rows of its patient come after them: all
second ones side by side in the same way, then the rest. What is a fresh row was found by the
comparison, and stays so as long as nothing at the site has changed since.
"""

from __future__ import annotations

from sqlalchemy import TextClause, text

from services.records.queries.slices import in_slice, rows_where
from services.records.queries.storing import HISTORY, KEPT, inserts
from services.records.queries.verdicts import ELSEWHERE, STAGED, new_rows, opted

_NOT_OTHERS = "AND v.row_number <> ALL(CAST(:other_rows AS integer[]))"
_ARE_WANTED = {
    listed: f"""{in_slice(listed=listed)}
            AND v.checked_record_id IS NULL {"" if listed else _NOT_OTHERS}"""
    for listed in (False, True)
}


def _apply(source: str) -> TextClause:
    return text(f"""
    WITH {opted(source)},
    {ELSEWHERE},
    judged AS MATERIALIZED ({new_rows(source, ", ".join(f"s.{name}" for name in STAGED))}),
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


APPLY_FRESH = {listed: _apply(rows_where(wanted)) for listed, wanted in _ARE_WANTED.items()}
"""Whether the slice is a list -> stores its fresh rows, or those of the list.

One whose patient has opted out, or whose year was locked, is held. Binds: import_id, site_id, mode,
after, upto, by, those of `lock_binds`, and either other_rows (those of the range that are not
fresh) or rows. Returns (verdict, rows, stored_rows, to_pair, to_look_at, elsewhere) as
`apply_statement` does; a row whose patient is not stored yet comes near nothing."""

DELETE_FRESH = {
    listed: text(f"DELETE FROM own_staged_row v WHERE {wanted}")
    for listed, wanted in _ARE_WANTED.items()
}
"""Takes those rows out of staging that were stored: the ones held have a decision by now."""
