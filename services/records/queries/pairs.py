"""Reads and SQL of duplicates (V20): which records of a patient are near each other, and states.

The statements take a set of record ids and go by index, so that a slice of an import and the save
of one record are the same work. A record that is deleted makes no pair; pairs that it is in stay,
hidden, and count again when it is restored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from dataset.states import token_of
from dataset.store import NEAR_DAYS, near_fracture, recorded_elsewhere

ELSEWHERE_TOKEN = token_of(recorded_elsewhere())
"""By which "also recorded elsewhere" is acknowledged."""
NEAR_TOKEN = token_of(near_fracture(1))
"""By which it is said that all near pairs of a record, as they are now, are both right."""

_IDS = "unnest(CAST(:record_ids AS uuid[])) AS asked (record_id)"
_PAIRS_OF_IDS = f"""
        SELECT q.pair_id FROM {_IDS}
        LEFT JOIN duplicate_pair q ON q.first_record_id = asked.record_id
        UNION
        SELECT q.pair_id FROM {_IDS}
        LEFT JOIN duplicate_pair q ON q.second_record_id = asked.record_id"""

# Left joins and OFFSET 0 hold the order: from the ids to their records, then to those of the same
# patient. A condition beside the joins would let the planner turn them round, and read the site's
# records for each id.
NOTE_PAIRS = text(f"""
INSERT INTO duplicate_pair (pair_id, site_id, first_record_id, second_record_id, kind)
SELECT gen_random_uuid(), :site_id, n.first_id, n.second_id, n.kind
FROM (
    SELECT DISTINCT
        CASE WHEN m.is_later THEN m.other_id ELSE m.record_id END AS first_id,
        CASE WHEN m.is_later THEN m.record_id ELSE m.other_id END AS second_id,
        CASE WHEN m.day = m.other_day THEN 'same_day' ELSE 'near' END AS kind
    FROM (
        SELECT r.record_id, r.date_index_diagnosed AS day, r.state, o.record_id AS other_id,
            o.date_index_diagnosed AS other_day, o.state AS other_state,
            (r.created_at, r.record_id) > (o.created_at, o.record_id) AS is_later
        FROM {_IDS}
        LEFT JOIN fls_record r ON r.record_id = asked.record_id
        LEFT JOIN fls_record o ON o.site_id = :site_id AND o.patient_id = r.patient_id
        OFFSET 0
    ) m
    WHERE m.state <> 'deleted' AND m.other_state <> 'deleted' AND m.other_id <> m.record_id
        AND m.other_day BETWEEN m.day - {NEAR_DAYS} AND m.day + {NEAR_DAYS}
) n
ON CONFLICT (first_record_id, second_record_id) DO UPDATE SET
    kind = excluded.kind,
    decision = CASE WHEN duplicate_pair.decision LIKE 'kept_%' THEN duplicate_pair.decision END,
    decided_by = CASE WHEN duplicate_pair.decision LIKE 'kept_%' THEN duplicate_pair.decided_by END,
    decided_at = CASE WHEN duplicate_pair.decision LIKE 'kept_%' THEN duplicate_pair.decided_at END
WHERE duplicate_pair.decision = 'apart'
    OR (duplicate_pair.kind = 'near' AND excluded.kind = 'same_day')
RETURNING first_record_id, second_record_id
""")
"""Notes pairs that are there now. What was apart, or was decided when the two were only near, is
asked again; that two records of one day are both right stays true when one moves off a little."""


def _pairs_where(condition: str) -> str:
    """Ids of pairs that any of the ids is in, whose records `a` and `b` are so; an array."""
    return f"""ARRAY(
    SELECT m.pair_id FROM (
        SELECT q.pair_id, a.patient_id AS first_patient, b.patient_id AS second_patient,
            a.date_index_diagnosed AS first_day, b.date_index_diagnosed AS second_day
        FROM (SELECT p.pair_id FROM ({_PAIRS_OF_IDS}) p OFFSET 0) own
        LEFT JOIN duplicate_pair q ON q.pair_id = own.pair_id
        LEFT JOIN fls_record a ON a.record_id = q.first_record_id
        LEFT JOIN fls_record b ON b.record_id = q.second_record_id
        OFFSET 0
    ) m
    WHERE {condition})"""


SOFTEN_PAIRS = text(f"""
UPDATE duplicate_pair p SET kind = 'near'
WHERE p.kind = 'same_day' AND p.pair_id = ANY({_pairs_where("m.first_day <> m.second_day")})
""")
"""Pairs of one day whose records have moved to different days."""

MARK_APART = text(f"""
UPDATE duplicate_pair p SET decision = 'apart', decided_by = NULL, decided_at = now()
WHERE (p.decision IS NULL OR p.decision = 'both_right') AND p.pair_id = ANY({
    _pairs_where(
        f"m.first_patient <> m.second_patient OR abs(m.first_day - m.second_day) > {NEAR_DAYS}"
    )
})
""")
"""Pairs whose records are no longer near each other, or no longer of one patient."""

NOTE_ELSEWHERE = text(f"""
WITH mine AS MATERIALIZED (
    SELECT m.*, row_number() OVER () AS place FROM (
        SELECT r.record_id, r.elsewhere, p.nhs_hash, r.date_index_diagnosed AS day
        FROM {_IDS}
        LEFT JOIN fls_record r ON r.record_id = asked.record_id
        LEFT JOIN patient p ON p.patient_id = r.patient_id
        OFFSET 0
    ) m
    WHERE m.nhs_hash IS NOT NULL
),
found AS MATERIALIZED (
    SELECT f.place FROM recorded_elsewhere(
        (SELECT array_agg(m.nhs_hash ORDER BY m.place) FROM mine m),
        (SELECT array_agg(m.day ORDER BY m.place) FROM mine m)) AS f (place)
)
UPDATE fls_record r SET elsewhere = NOT r.elsewhere
WHERE r.record_id = ANY(ARRAY(
    SELECT m.record_id FROM mine m
    WHERE m.elsewhere <> (m.place IN (SELECT f.place FROM found f))))
RETURNING r.record_id
""")
"""Notes what another site has too, of records whose hashes were all made with one key."""

_OTHER_STANDS = """EXISTS (
        SELECT FROM fls_record o WHERE o.record_id = {other} AND o.state <> 'deleted')"""


def _is_in_pair(as_: str, other: str, kind: str) -> str:
    """A condition: the record `r` is in an undecided pair with another one that is not deleted.

    OFFSET 0 has it looked up for each record; else all undecided pairs of the site may be gathered
    first. For the same reason it avoids what the index of undecided pairs is made for.
    """
    return f"""EXISTS (
        SELECT FROM duplicate_pair p WHERE p.{as_}_record_id = r.record_id
            AND p.kind = '{kind}' AND coalesce(p.decision, '') = ''
            AND {_OTHER_STANDS.format(other=f"p.{other}_record_id")}
        OFFSET 0)"""


STATE = f"""CASE
    WHEN r.deleted_reason IS NOT NULL THEN 'deleted'
    WHEN {_is_in_pair("second", "first", "same_day")} THEN 'duplicate'
    WHEN r.own_state IN ('invalid', 'to_confirm') THEN r.own_state
    WHEN r.elsewhere AND NOT '{ELSEWHERE_TOKEN}' = ANY(coalesce(r.acknowledged, '{{}}'))
        THEN 'to_confirm'
    WHEN {_is_in_pair("first", "second", "near")} OR {_is_in_pair("second", "first", "near")}
        THEN 'to_confirm'
    ELSE r.own_state END"""
"""What counts as the state of a record `r`: deleted, the later of two on one day that nobody has
decided about, invalid, a warning that nobody has confirmed (V20 among them), then its own."""

CONFIRM_NEAR = text(f"""
UPDATE duplicate_pair p SET decision = 'both_right', decided_by = CAST(:by AS uuid),
    decided_at = now()
WHERE p.kind = 'near' AND p.decision IS NULL AND p.pair_id = ANY(ARRAY(
    SELECT q.pair_id FROM (
        SELECT r.record_id FROM fls_record r
        WHERE r.record_id = ANY(CAST(:record_ids AS uuid[]))
            AND '{NEAR_TOKEN}' = ANY(r.acknowledged)
        OFFSET 0
    ) c
    JOIN duplicate_pair q ON q.first_record_id = c.record_id OR q.second_record_id = c.record_id))
""")
CONSUME_NEAR = text(f"""
UPDATE fls_record r SET acknowledged = nullif(array_remove(r.acknowledged, '{NEAR_TOKEN}'), '{{}}')
WHERE r.record_id = ANY(CAST(:record_ids AS uuid[])) AND '{NEAR_TOKEN}' = ANY(r.acknowledged)
""")
"""Acknowledging "another fracture near this one" decides the pairs that are there. The token does
not stay: about a record that comes near later, a person is asked again."""

REFRESH_STATES = text(f"""
UPDATE fls_record r SET state = {STATE}
WHERE r.record_id = ANY(ARRAY(
    SELECT asked.record_id FROM {_IDS}
    UNION
    SELECT p.second_record_id FROM {_IDS}
        LEFT JOIN duplicate_pair p ON p.first_record_id = asked.record_id
    UNION
    SELECT p.first_record_id FROM {_IDS}
        LEFT JOIN duplicate_pair p ON p.second_record_id = asked.record_id))
    AND r.state <> {STATE}
""")
"""Sets the state of records and of those that they are paired with."""

MARKED = text(f"""
SELECT r.record_id FROM fls_record r
WHERE r.record_id = ANY(CAST(:record_ids AS uuid[])) AND (r.elsewhere
    OR '{NEAR_TOKEN}' = ANY(r.acknowledged)
    OR EXISTS (SELECT FROM duplicate_pair p WHERE p.first_record_id = r.record_id)
    OR EXISTS (SELECT FROM duplicate_pair p WHERE p.second_record_id = r.record_id))
""")
"""Those of many records that V20 has something to say of. All others have their own state."""

# While the rows of a slice are still in staging: no look-up of what they have become.
IDS_OF_SLICE = text(
    "SELECT record_id FROM own_staged_row "
    "WHERE import_id = :import_id AND row_number = ANY(CAST(:stored_rows AS integer[]))"
)


@dataclass(frozen=True, slots=True)
class Nearby:
    """Another record of the patient, diagnosed near a day.

    Attributes:
        is_earlier: it was there before the record that is asked for (always so for a new one).
        decided: somebody has said that both are right.
    """

    record_id: UUID
    days_apart: int
    is_earlier: bool
    decided: bool


_NEARBY = text(f"""
SELECT o.record_id, abs(o.date_index_diagnosed - CAST(:day AS date)) AS days_apart,
    me.record_id IS NULL OR (me.created_at, me.record_id) > (o.created_at, o.record_id)
        AS is_earlier,
    EXISTS (
        SELECT FROM duplicate_pair p
        WHERE p.first_record_id = least_id AND p.second_record_id = greatest_id
            AND p.decision = 'both_right'
            AND (p.kind = 'same_day' OR o.date_index_diagnosed <> CAST(:day AS date))) AS decided
FROM patient q
JOIN fls_record o ON o.site_id = q.site_id AND o.patient_id = q.patient_id
LEFT JOIN fls_record me ON me.record_id = CAST(:record_id AS uuid)
CROSS JOIN LATERAL (
    SELECT CASE WHEN (me.created_at, me.record_id) > (o.created_at, o.record_id)
            THEN o.record_id ELSE me.record_id END AS least_id,
        CASE WHEN (me.created_at, me.record_id) > (o.created_at, o.record_id)
            THEN me.record_id ELSE o.record_id END AS greatest_id
) AS in_order
WHERE q.site_id = :site_id AND q.nhs_hash = ANY(:hashes)
    AND coalesce(o.state, '') <> 'deleted' AND o.record_id IS DISTINCT FROM CAST(:record_id AS uuid)
    AND o.date_index_diagnosed + 0 BETWEEN CAST(:day AS date) - {NEAR_DAYS}
        AND CAST(:day AS date) + {NEAR_DAYS}
ORDER BY days_apart, o.record_id
""")


def list_nearby(
    session: Session,
    *,
    site_id: UUID,
    hashes: Sequence[bytes],
    record_id: UUID | None,
    diagnosed_on: date,
) -> list[Nearby]:
    """Records of a patient at the site diagnosed near a day, nearest first.

    Args:
        hashes: of the NHS number, under every key.
        record_id: the record that is asked for, left out; None for one that is not stored.
    """
    rows = session.execute(
        _NEARBY,
        {"site_id": site_id, "hashes": list(hashes), "record_id": record_id, "day": diagnosed_on},
    )
    return [Nearby(*row) for row in rows]


_RECORDED_ELSEWHERE = text(
    "SELECT EXISTS (SELECT FROM recorded_elsewhere(:hashes, CAST(:days AS date[])))"
)


def is_recorded_elsewhere(session: Session, *, hashes: Sequence[bytes], diagnosed_on: date) -> bool:
    """Whether another site has a record of the patient within seven days; nothing more is told."""
    values = {"hashes": list(hashes), "days": [diagnosed_on] * len(hashes)}
    return bool(session.execute(_RECORDED_ELSEWHERE, values).scalar_one())


_DAY = text("SELECT date_index_diagnosed FROM fls_record WHERE record_id = :record_id")


def find_diagnosed_on(session: Session, record_id: UUID) -> date | None:
    """The stored day of diagnosis of a record; None if it is not stored."""
    day: date | None = session.execute(_DAY, {"record_id": record_id}).scalar_one_or_none()
    return day


PAIRS_OF = """
SELECT p.pair_id, p.kind, p.decision,
    CASE WHEN p.first_record_id = :record_id THEN p.second_record_id
        ELSE p.first_record_id END AS record_id
FROM duplicate_pair p
JOIN fls_record o ON o.record_id = CASE WHEN p.first_record_id = :record_id
    THEN p.second_record_id ELSE p.first_record_id END
WHERE (p.first_record_id = :record_id OR p.second_record_id = :record_id)
    AND p.decision IS DISTINCT FROM 'apart' AND o.state <> 'deleted'
ORDER BY p.found_at, p.pair_id
"""
"""The pairs of the record `:record_id`, without those that came apart."""
_PAIRS_OF = text(PAIRS_OF)


def list_pairs_of(session: Session, *, record_id: UUID) -> list[dict[str, Any]]:
    """The pairs that a record is part of, with the other record; without those that came apart."""
    return [dict(row._mapping) for row in session.execute(_PAIRS_OF, {"record_id": record_id})]
