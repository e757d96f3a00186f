"""Finds patients and records of a site by the keyed hashes of their identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.records.tables import FlsRecord, Patient, PatientKey

_record = FlsRecord.__table__.c
_NAMES_A_RECORD = text("""
SELECT i.record_id FROM record_identity i
JOIN fls_record r ON r.record_id = i.record_id
WHERE i.site_id = :site_id AND i.local_id_hash = ANY(:hashes)
ORDER BY (r.state = 'deleted'), i.record_id
LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class FoundPatient:
    """A stored patient.

    Attributes:
        wrapped_key: None if the patient's identifiers were erased.
    """

    patient_id: UUID
    wrapped_key: bytes | None


def find_patient(
    session: Session, *, site_id: UUID, nhs_hashes: Sequence[bytes]
) -> FoundPatient | None:
    """The site's patient with one of these hashes of an NHS number."""
    query = (
        select(Patient.patient_id, PatientKey.wrapped_key)
        .outerjoin(PatientKey, PatientKey.patient_id == Patient.patient_id)
        .where(Patient.site_id == site_id, Patient.nhs_hash.in_(nhs_hashes))
        .order_by(Patient.created_at)
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else FoundPatient(row.patient_id, row.wrapped_key)


def list_records_of(
    session: Session, *, site_id: UUID, patient_id: UUID, but: UUID | None = None
) -> list[dict[str, Any]]:
    """A patient's records that are not deleted, the newest diagnosis first.

    Args:
        but: a record to leave out.
    """
    query = (
        select(
            _record.record_id,
            _record.date_index_diagnosed.label("diagnosed_on"),
            _record.site_1,
            _record.state,
        )
        .where(
            _record.site_id == site_id,
            _record.patient_id == patient_id,
            _record.state != "deleted",
        )
        .order_by(_record.date_index_diagnosed.desc(), _record.record_id)
    )
    if but is not None:
        query = query.where(_record.record_id != but)
    return [dict(row._mapping) for row in session.execute(query)]


def find_record_of_day(
    session: Session, *, site_id: UUID, patient_id: UUID, diagnosed_on: date
) -> UUID | None:
    """A record of this patient diagnosed on that day that is not deleted."""
    query = (
        select(_record.record_id)
        .where(
            _record.site_id == site_id,
            _record.patient_id == patient_id,
            _record.date_index_diagnosed == diagnosed_on,
            _record.state != "deleted",
        )
        .order_by(_record.created_at, _record.record_id)
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def find_record_named(
    session: Session, *, site_id: UUID, local_id_hashes: Sequence[bytes]
) -> UUID | None:
    """The record that has one of these hashes of a local identifier."""
    values = {"site_id": site_id, "hashes": list(local_id_hashes)}
    found: UUID | None = session.execute(_NAMES_A_RECORD, values).scalar_one_or_none()
    return found


def wrapped_keys_of(session: Session, patient_ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """The keys of these patients, wrapped; an erased one is left out."""
    query = select(PatientKey.patient_id, PatientKey.wrapped_key).where(
        PatientKey.patient_id.in_(patient_ids)
    )
    return {row.patient_id: row.wrapped_key for row in session.execute(query)}
