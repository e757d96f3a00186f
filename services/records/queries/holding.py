"""Reads and writes about held rows: the row, the records it may be about, the import's memory."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.records.domain.columns import CLINICAL, Column
from services.records.domain.decisions import HELD, NEAR_DAYS
from services.records.queries.comparing import BEFORE

MOST_CANDIDATES = 10

_HELD = text(f"""
SELECT row_number, reason FROM staged_decision
WHERE import_id = :import_id AND outcome = '{HELD}' AND row_number > :after
ORDER BY row_number LIMIT :limit
""")
_COUNT = text(
    f"SELECT count(*) FROM staged_decision WHERE import_id = :import_id AND outcome = '{HELD}'"
)
_REASON = text(f"""
SELECT reason FROM staged_decision
WHERE import_id = :import_id AND row_number = :row_number AND outcome = '{HELD}'
""")
_DROP_DECISION = text(
    "DELETE FROM staged_decision WHERE import_id = :import_id AND row_number = :row_number"
)
_DROP_ROW = text(
    "DELETE FROM own_staged_row WHERE import_id = :import_id AND row_number = :row_number"
)


def _as_wire(column: Column) -> str:
    is_text = column.sql_type.startswith("text")
    return f"v.{column.key}" if is_text else f"v.{column.key}::text AS {column.key}"


# A row that brings no key is sealed with its patient's, who may have been erased since.
_ROW = text(f"""
SELECT v.record_id, v.patient_id, coalesce(v.wrapped_key, pk.wrapped_key) AS wrapped_key,
    v.wrapped_key IS NOT NULL AS has_own_key, v.checked_record_id, v.cleared, v.acknowledged,
    v.nhs_hash, v.nhs_absent, v.nhs_sealed, v.birth_sealed, v.postcode_sealed, v.local_id_hash,
    v.local_id_sealed, v.date_index_diagnosed AS day, {", ".join(map(_as_wire, CLINICAL))}
FROM own_staged_row v LEFT JOIN patient_key pk ON pk.patient_id = v.patient_id
WHERE v.import_id = :import_id AND v.row_number = :row_number
""")

_CANDIDATES = text(f"""
SELECT r.record_id FROM fls_record r
WHERE r.site_id = :site_id AND r.state <> 'deleted' AND (
    r.record_id = CAST(:checked_record_id AS uuid)
    OR r.record_id IN (
        SELECT i.record_id FROM record_identity i
        WHERE i.site_id = :site_id AND i.local_id_hash = :local_id_hash)
    OR (r.patient_id IN (
            SELECT p.patient_id FROM patient p
            WHERE p.site_id = :site_id AND p.nhs_hash = :nhs_hash)
        AND r.date_index_diagnosed BETWEEN CAST(:day AS date) - {NEAR_DAYS}
            AND CAST(:day AS date) + {NEAR_DAYS}))
ORDER BY r.date_index_diagnosed, r.record_id LIMIT {MOST_CANDIDATES}
""")

_BEFORE = text(f"""
SELECT {BEFORE} AS before, r.patient_id, r.unreadable
FROM fls_record r LEFT JOIN record_identity i ON i.record_id = r.record_id
WHERE r.record_id = :record_id
""")

# One that the import has made goes as a whole when the import is undone, and one that it has only
# confirmed goes back by this change. What it has changed before is not taken back in two steps: the
# effect stays behind, so that undoing finds the record touched and says so.
_NOTE_EFFECT = text("""
INSERT INTO import_effect AS e (
    import_id, record_id, site_id, outcome, version_before, version_after, before)
VALUES (:import_id, :record_id, :site_id, :outcome, :version_before, :version_after,
    CAST(:before AS jsonb))
ON CONFLICT (import_id, record_id) DO UPDATE SET
    outcome = CASE e.outcome WHEN 'same' THEN excluded.outcome ELSE e.outcome END,
    version_before = CASE e.outcome WHEN 'same' THEN excluded.version_before
        ELSE e.version_before END,
    before = CASE e.outcome WHEN 'same' THEN excluded.before ELSE e.before END,
    version_after = excluded.version_after
WHERE e.outcome <> 'changed' AND e.version_after = excluded.version_before
""")

# What stands in the history alone (`queries.undoing`) becomes an effect that can be added to.
_MADE_BY_IMPORT = text("""
INSERT INTO import_effect (import_id, record_id, site_id, outcome, version_after)
SELECT c.import_id, c.record_id, c.site_id, 'new', c.version FROM record_change c
WHERE c.import_id = :import_id AND c.record_id = :record_id AND c.kind = 'created'
ON CONFLICT (import_id, record_id) DO NOTHING
""")


def list_held(session: Session, import_id: UUID, *, after: int, limit: int) -> list[Any]:
    """(row_number, reason) of held rows after a row, in the order of the file."""
    values = {"import_id": import_id, "after": after, "limit": limit}
    return list(session.execute(_HELD, values))


def count_held(session: Session, import_id: UUID) -> int:
    """How many rows wait for a decision."""
    return int(session.execute(_COUNT, {"import_id": import_id}).scalar_one())


def find_reason(session: Session, import_id: UUID, row_number: int) -> str | None:
    """Why a row is held; None if it is not, or not any more."""
    values = {"import_id": import_id, "row_number": row_number}
    reason: str | None = session.execute(_REASON, values).scalar_one_or_none()
    return reason


def find_row(session: Session, import_id: UUID, row_number: int) -> Any:
    """A staged row, its clinical values in wire form; None if it was deleted."""
    return session.execute(_ROW, {"import_id": import_id, "row_number": row_number}).one_or_none()


def find_candidates(session: Session, *, site_id: UUID, row: Any) -> list[UUID]:
    """Records that a staged row may be about, in the order of their days of diagnosis."""
    values = {
        "site_id": site_id,
        "checked_record_id": row.checked_record_id,
        "local_id_hash": row.local_id_hash,
        "nhs_hash": row.nhs_hash,
        "day": row.day,
    }
    return list(session.execute(_CANDIDATES, values).scalars())


def drop_row(session: Session, import_id: UUID, row_number: int) -> None:
    """Forgets a row that is decided."""
    values = {"import_id": import_id, "row_number": row_number}
    session.execute(_DROP_DECISION, values)
    session.execute(_DROP_ROW, values)


def find_before(session: Session, record_id: UUID) -> Any:
    """(before, patient_id, unreadable) of a record: what undoing its next change will need."""
    return session.execute(_BEFORE, {"record_id": record_id}).one()


def note_effect(
    session: Session,
    *,
    import_id: UUID,
    record_id: UUID,
    site_id: UUID,
    outcome: str,
    version_before: int | None,
    version_after: int,
    before: str | None,
) -> None:
    """Remembers what a decided row did to a record, for undoing.

    Args:
        before: as `find_before` gives it, as JSON; None if undoing must leave the record alone.
    """
    if version_before is not None:
        session.execute(_MADE_BY_IMPORT, {"import_id": import_id, "record_id": record_id})
    session.execute(
        _NOTE_EFFECT,
        {
            "import_id": import_id,
            "record_id": record_id,
            "site_id": site_id,
            "outcome": outcome,
            "version_before": version_before,
            "version_after": version_after,
            "before": before,
        },
    )
