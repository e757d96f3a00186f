"""SQL that says what a staged row would do: new, changed, same, held or rejected, and why.

The rows come from a source, with the record that each is matched to. What can only be looked up in
one go (who has opted out, what is locked) is asked for before.
"""

from __future__ import annotations

from typing import Any

from services.records.domain.periods import Locks
from services.records.queries.matching import differs, judged
from services.records.tables import StagedRow

STAGED = tuple(column.name for column in StagedRow.__table__.columns)
"""The columns of a staged row."""


def _verdict(overwrite_unknown: bool) -> str:
    """What a row `s` does to the record `r` with the identity `i` that it is matched to.

    One of `new`, `changed`, `same`, `held:<reason>`, `rejected:<code>`. A row is checked together
    with the version of the record that it was merged with; if the record has moved since, only a
    row that would change nothing goes on. Rows that changed nothing when they were staged were not
    merged, and have no dataset version. Opt-outs and locks were looked up when the row was staged;
    what has come since holds it.
    """
    change = differs(overwrite_unknown=overwrite_unknown)
    return f"""CASE
        WHEN s.row_number IN (SELECT o.row_number FROM opted o) THEN 'held:opted_out'
        WHEN s.match LIKE 'held:%' THEN s.match
        WHEN s.match = 'rejected:R07' THEN 'held:change_of_identity'
        WHEN s.match LIKE 'rejected:%' THEN 'held:changed_since_check'
        WHEN s.match = 'new' THEN CASE
            WHEN s.checked_record_id IS NOT NULL OR :mode = 'update_only'
            THEN 'held:changed_since_check'
            WHEN {is_locked("s.date_index_diagnosed", "NULL::uuid")} THEN 'held:period_locked'
            ELSE 'new' END
        WHEN :mode = 'add_only' THEN 'rejected:M01'
        WHEN NOT {change} THEN 'same'
        WHEN s.checked_record_id = s.matched_id AND s.checked_version = r.version
            AND s.dataset_version IS NOT NULL THEN CASE
            WHEN {is_locked("r.date_index_diagnosed", "r.record_id")}
                OR {is_locked("s.date_index_diagnosed", "r.record_id")}
            THEN 'held:period_locked' ELSE 'changed' END
        WHEN s.checked_record_id IS NULL THEN 'held:stored_since_check'
        ELSE 'held:changed_since_check' END"""


def lock_binds(locks: Locks) -> dict[str, Any]:
    """What is locked, as the statements here take it."""
    unlocked = sorted(locks.unlocked, key=str)
    return {
        "any_locked": bool(locks.years),
        "locked_years": sorted(locks.years),
        "unlocked_ids": [record_id for record_id, _ in unlocked],
        "unlocked_years": [year for _, year in unlocked],
    }


def is_locked(day: str, record_id: str) -> str:
    """A condition: a record must not be in, come into or leave the year of a day.

    Binds: those of `lock_binds`.
    """
    year = f"extract(year FROM {day})::integer"
    return f"""(CAST(:any_locked AS boolean) AND coalesce(
                {year} = ANY(CAST(:locked_years AS integer[])) AND NOT EXISTS (
                    SELECT FROM unnest(CAST(:unlocked_ids AS uuid[]),
                        CAST(:unlocked_years AS integer[])) AS u (record_id, year)
                    WHERE u.record_id = {record_id} AND u.year = {year}), false))"""


def opted(source: str) -> str:
    """The rows of a source whose patient has opted out. The function answers with places.

    Aggregates of one query take its rows in one order, so that a place means the same in each.
    """
    return f"""asked AS MATERIALIZED (
        SELECT array_agg(s.row_number) AS row_numbers, array_agg(s.nhs_hash) AS hashes,
            array_agg(s.date_index_diagnosed) AS days
        FROM {source} s WHERE s.nhs_hash IS NOT NULL
    ),
    opted AS MATERIALIZED (
        SELECT a.row_numbers[o.place] AS row_number
        FROM asked a CROSS JOIN LATERAL opted_out(a.hashes) AS o (place)
    )"""


ELSEWHERE = """elsewhere AS MATERIALIZED (
        SELECT a.row_numbers[o.place] AS row_number
        FROM asked a CROSS JOIN LATERAL recorded_elsewhere(a.hashes, a.days) AS o (place)
    )"""
"""The rows of which another site has a record too; needs `opted` before it."""


def new_rows(source: str, passed: str) -> str:
    """Rows of a source that no stored record can be behind, with their verdict.

    It says what `judged_rows` would say of them and looks nothing up: for a site that has no
    record, and for rows that the comparison found new when nothing at the site has changed since.
    A row that brings no key is about a patient who is stored.

    Args:
        passed: which columns to pass on of the row `s`; of what is matched there is nothing.
    """
    return f"""SELECT CASE
            WHEN s.row_number IN (SELECT o.row_number FROM opted o) THEN 'held:opted_out'
            WHEN s.checked_record_id IS NOT NULL OR :mode = 'update_only'
                OR (s.nhs_hash IS NULL AND s.nhs_absent IS NULL)
            THEN 'held:changed_since_check'
            WHEN {is_locked("s.date_index_diagnosed", "NULL::uuid")} THEN 'held:period_locked'
            ELSE 'new' END AS verdict, {passed}
        FROM (
            SELECT v.*, CASE WHEN v.wrapped_key IS NULL THEN v.patient_id END AS known_patient_id,
                NULL::uuid AS matched_id
            FROM {source} v
        ) s"""


def judged_rows(source: str, passed: str, overwrite_unknown: bool) -> str:
    """The rows of a source with their verdict; needs `opted` before it, and `lock_binds`.

    The verdict stands first: whoever reads one column of a kept row takes apart all before it.

    Args:
        passed: which columns to pass on, of the row `s` and its record `r`.
    """
    return f"""SELECT {_verdict(overwrite_unknown)} AS verdict, {passed}
        FROM ({judged(source, STAGED)}) s
        LEFT JOIN fls_record r ON r.record_id = s.matched_id
        LEFT JOIN record_identity i ON i.record_id = s.matched_id"""
