"""Reads and writes around deletion, erasure and duplicates that take more than one row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from dataset.nhs_number import REASONS_FOR_NONE
from services.records.identifiers import hash_candidates
from services.records.keys import Keys

_OF_NUMBER = text("""
SELECT r.record_id FROM patient p JOIN fls_record r ON r.patient_id = p.patient_id
WHERE p.site_id = :site_id AND r.site_id = :site_id AND p.nhs_hash = ANY(:hashes)
    AND coalesce(r.state, '') <> 'deleted' ORDER BY r.record_id
""")
_OF_SAME_PATIENT = text("""
SELECT r.record_id FROM fls_record r
WHERE r.site_id = :site_id AND coalesce(r.state, '') <> 'deleted'
    AND r.patient_id = (SELECT o.patient_id FROM fls_record o WHERE o.record_id = :record_id)
ORDER BY r.record_id
""")


def records_of_patient(
    session: Session,
    keys: Keys,
    *,
    site_id: UUID,
    nhs_number: str | None = None,
    of_record: UUID | None = None,
) -> list[UUID]:
    """The records of a patient at the site that are not deleted.

    Args:
        nhs_number: whose; or
        of_record: a record of theirs.
    """
    if nhs_number is not None:
        values: dict[str, Any] = {"hashes": hash_candidates(keys, "nhs_number", nhs_number)}
        return list(session.scalars(_OF_NUMBER, {"site_id": site_id, **values}))
    return list(session.scalars(_OF_SAME_PATIENT, {"site_id": site_id, "record_id": of_record}))


_PAIR_OF = text("""
SELECT pair_id FROM duplicate_pair
WHERE decision IS NULL AND ((first_record_id = :one AND second_record_id = :other)
    OR (first_record_id = :other AND second_record_id = :one))
""")


def find_pair_of(session: Session, one: UUID, other: UUID) -> UUID | None:
    """The pair that two records are and nobody has decided about; None if they are none."""
    values = {"one": one, "other": other}
    pair_id: UUID | None = session.execute(_PAIR_OF, values).scalar_one_or_none()
    return pair_id


_NEXT_VERSION = text(
    "UPDATE fls_record SET version = version + 1, updated_at = now() "
    "WHERE record_id = :record_id RETURNING version"
)


def next_version(session: Session, record_id: UUID) -> int:
    """Counts a record's version up and returns it."""
    version: int = session.execute(_NEXT_VERSION, {"record_id": record_id}).scalar_one()
    return version


# Only those that hold no record now: the key of a patient who has others seals their identifiers.
_EARLIER_OWNERS = text("""
SELECT DISTINCT c.patient_id FROM fls_record r JOIN record_change c ON c.record_id = r.record_id
WHERE r.patient_id = :patient_id AND c.patient_id <> :patient_id
    AND NOT EXISTS (SELECT FROM fls_record o WHERE o.patient_id = c.patient_id)
""")


def earlier_owners(session: Session, patient_id: UUID) -> list[UUID]:
    """Patients that records of this one belonged to before, and who have no record any more."""
    return list(session.scalars(_EARLIER_OWNERS, {"patient_id": patient_id}))


_DELETE_UNFINISHED = text(
    "DELETE FROM entry WHERE site_id = :site_id AND wrapped_key IS NOT NULL "
    "AND nhs_hash = ANY(:hashes)"
)


def delete_unfinished(session: Session, keys: Keys, *, site_id: UUID, nhs_number: str) -> None:
    """Deletes what was typed about a patient and is no record yet."""
    if nhs_number not in REASONS_FOR_NONE:
        hashes = hash_candidates(keys, "nhs_number", nhs_number)
        session.execute(_DELETE_UNFINISHED, {"site_id": site_id, "hashes": hashes})


# Texts that wait and drafts are sealed with the key that goes; nobody could open them any more.
_ERASE = tuple(
    map(
        text,
        (
            "DELETE FROM entry WHERE record_id IN "
            "(SELECT r.record_id FROM fls_record r WHERE r.patient_id = ANY(:patients))",
            "DELETE FROM draft WHERE patient_id = ANY(:patients)",
            "UPDATE record_identity SET birth_hash = NULL, birth_sealed = NULL, "
            "postcode_hash = NULL, postcode_sealed = NULL, local_id_hash = NULL, "
            "local_id_sealed = NULL WHERE patient_id = ANY(:patients)",
            "UPDATE patient SET nhs_hash = NULL, nhs_sealed = NULL, nhs_absent = :absent "
            "WHERE patient_id = ANY(:patients)",
            "DELETE FROM patient_key WHERE patient_id = ANY(:patients)",
            "UPDATE fls_record SET unreadable = NULL, outward_postcode = "
            "CASE WHEN :with_area THEN NULL ELSE outward_postcode END "
            "WHERE patient_id = ANY(:patients)",
        ),
    )
)


def erase_patients(
    session: Session, patients: Sequence[UUID], *, absent: str, with_area: bool
) -> None:
    """Deletes keys, sealed identifiers, hashes, waiting texts and drafts of these patients."""
    values = {"patients": list(patients), "absent": absent, "with_area": with_area}
    for statement in _ERASE:
        session.execute(statement, values)


_REOPEN = text("""
UPDATE duplicate_pair SET decision = NULL, decided_by = NULL, decided_at = NULL
WHERE (decision = 'kept_first' AND second_record_id = :record_id)
    OR (decision = 'kept_second' AND first_record_id = :record_id)
""")


def reopen_pairs_of(session: Session, record_id: UUID) -> None:
    """Asks again about pairs in which this record was given up: it is back."""
    session.execute(_REOPEN, {"record_id": record_id})


_PAIRS = text("""
SELECT p.pair_id, p.kind, p.found_at, p.decision, p.decided_by, p.decided_at, p.first_record_id,
    p.second_record_id, count(*) OVER () AS total
FROM duplicate_pair p
JOIN fls_record a ON a.record_id = p.first_record_id
JOIN fls_record b ON b.record_id = p.second_record_id
WHERE p.site_id = :site_id AND p.decision IS DISTINCT FROM 'apart'
    AND (p.decision IS NOT NULL) = :decided
    AND (:decided OR (a.state <> 'deleted' AND b.state <> 'deleted'))
ORDER BY coalesce(p.decided_at, p.found_at), p.pair_id
LIMIT :limit OFFSET :offset
""")


def list_pairs(
    session: Session, *, site_id: UUID, decided: bool, page: int, page_size: int
) -> tuple[list[dict[str, Any]], int]:
    """A page of pairs, oldest first, and how many there are in all; none of those come apart."""
    values = {"site_id": site_id, "decided": decided, "limit": page_size}
    rows = session.execute(_PAIRS, {**values, "offset": (page - 1) * page_size}).all()
    return [dict(row._mapping) for row in rows], rows[0].total if rows else 0


_DELETED = text("""
SELECT r.record_id, r.deleted_reason AS reason, c.at AS deleted_at, c.actor_id AS deleted_by,
    count(*) OVER () AS total
FROM fls_record r
LEFT JOIN LATERAL (
    SELECT h.at, h.actor_id FROM record_change h
    WHERE h.record_id = r.record_id AND h.kind = 'deleted' ORDER BY h.version DESC LIMIT 1
) c ON true
WHERE r.site_id = :site_id AND r.state = 'deleted'
ORDER BY c.at DESC NULLS LAST, r.record_id LIMIT :limit OFFSET :offset
""")


def list_deleted(
    session: Session, *, site_id: UUID, page: int, page_size: int
) -> tuple[list[dict[str, Any]], int]:
    """A page of deleted records, the newest first: why, when, by whom; and how many in all."""
    values = {"site_id": site_id, "limit": page_size, "offset": (page - 1) * page_size}
    rows = session.execute(_DELETED, values).all()
    return [dict(row._mapping) for row in rows], rows[0].total if rows else 0


# One opt-out has a hash under each hash key.
_COUNT_OPT_OUTS = text(
    "SELECT count(DISTINCT (recorded_by, recorded_at)) FROM opt_out WHERE site_id = :site_id"
)


def count_opt_outs(session: Session, *, site_id: UUID) -> int:
    """How many opt-outs the site has recorded; whose is not stored."""
    count: int = session.execute(_COUNT_OPT_OUTS, {"site_id": site_id}).scalar_one()
    return count
