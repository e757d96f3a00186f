"""Reads for many rows at once: who has opted out, what is near (V20), what another site has.

Two of them ask functions of the database that answer across sites with a place in the question and
nothing else. Every identifier may come with several hashes, one for each hash key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from dataset.store import NEAR_DAYS
from services.records.queries.arrays import bytea_array, text_array


@dataclass(slots=True)
class Asked:
    """Rows to ask about, one line for each hash of their NHS number; columns of equal length.

    Attributes:
        days: dates of diagnosis in wire form, where they matter.
    """

    rows: list[int] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    days: list[str] = field(default_factory=list)


_OPTED_OUT = text("SELECT * FROM opted_out(CAST(:hashes AS bytea[]))")
_ELSEWHERE = text(
    "SELECT * FROM recorded_elsewhere(CAST(:hashes AS bytea[]), CAST(:days AS date[]))"
)

# Near ones of which nobody has said that both are right. A row's own record is left out. OFFSET 0
# holds the order: from the rows to the records of their patients.
_NEAR = text(f"""
SELECT m.row_number, min(m.apart) AS days
FROM (
    SELECT g.row_number, g.record_id, o.record_id AS other_id, o.state,
        abs(o.date_index_diagnosed - g.day) AS apart
    FROM unnest(CAST(:row_numbers AS integer[]), CAST(:patient_ids AS uuid[]),
        CAST(:record_ids AS uuid[]), CAST(:days AS date[])
    ) AS g (row_number, patient_id, record_id, day)
    LEFT JOIN fls_record o ON o.site_id = :site_id AND o.patient_id = g.patient_id
    OFFSET 0
) m
WHERE m.other_id IS DISTINCT FROM m.record_id AND m.state <> 'deleted' AND m.apart <= {NEAR_DAYS}
    AND NOT EXISTS (
        SELECT FROM duplicate_pair p WHERE p.decision = 'both_right'
            AND (p.kind = 'same_day' OR m.apart > 0)
            AND ((p.first_record_id = m.other_id AND p.second_record_id = m.record_id)
                OR (p.second_record_id = m.other_id AND p.first_record_id = m.record_id)))
GROUP BY m.row_number
""")


def find_opted_out(session: Session, asked: Asked) -> frozenset[int]:
    """Rows whose patient has opted out, at whatever site."""
    if not asked.rows:
        return frozenset()
    found = session.execute(_OPTED_OUT, {"hashes": bytea_array(asked.hashes)})
    return frozenset(asked.rows[place - 1] for (place,) in found)


def find_elsewhere(session: Session, asked: Asked) -> frozenset[int]:
    """Rows of which another site has a record within seven days of theirs."""
    if not asked.rows:
        return frozenset()
    values = {"hashes": bytea_array(asked.hashes), "days": text_array(asked.days)}
    found = session.execute(_ELSEWHERE, values)
    return frozenset(asked.rows[place - 1] for (place,) in found)


def find_near(
    session: Session,
    *,
    site_id: UUID,
    patients: Mapping[int, tuple[UUID, UUID | None]],
    days: Mapping[int, str],
) -> dict[int, int]:
    """Days to the nearest other record of the patient here, for rows that have one near.

    Args:
        patients: row number -> stored patient, and the record that the row is about.
        days: row number -> date of diagnosis; rows without one are not asked about.
    """
    wanted = [row for row in patients if row in days]
    if not wanted:
        return {}
    found = session.execute(
        _NEAR,
        {
            "site_id": site_id,
            "row_numbers": wanted,
            "patient_ids": [patients[row][0] for row in wanted],
            "record_ids": [patients[row][1] for row in wanted],
            "days": text_array([days[row] for row in wanted]),
        },
    )
    return {row.row_number: row.days for row in found}
