"""Whose record it is, and its identifiers sealed with that patient's key.

A patient's NHS number never changes: rows of imports on their way are sealed with the key of the
patient they were matched to, and rely on it. A record whose NHS number is corrected moves to
the patient of the right number, stored or new, and its identifiers are sealed anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from dataset.nhs_number import REASONS_FOR_NONE, is_valid
from dataset.values import Record, Value
from services.records.actions.opening import FIELD_OF, OpenRecord
from services.records.identifiers import (
    hash_candidates,
    hash_identifier,
    new_patient_key,
    patient_key,
    seal_identifier,
)
from services.records.keys import Keys
from services.records.queries.patients import FoundPatient, find_patient
from services.records.tables import Patient, PatientKey
from services.shared.errors import Conflict

OF_RECORD = ("birth", "postcode", "local_id")


@dataclass(frozen=True, slots=True)
class Owner:
    """The patient a record belongs to."""

    patient_id: UUID
    data_key: bytes


def real_number(value: Value) -> str | None:
    """The NHS number, None if it is blank, not valid, or the reason why there is none."""
    return value if isinstance(value, str) and is_valid(value) else None


def patient_of(session: Session, keys: Keys, *, site_id: UUID, value: Value) -> FoundPatient | None:
    """The site's stored patient with this NHS number, looked up under every hash key."""
    number = real_number(value)
    if number is None:
        return None
    hashes = hash_candidates(keys, "nhs_number", number)
    return find_patient(session, site_id=site_id, nhs_hashes=hashes)


def owner_for(
    session: Session, keys: Keys, *, site_id: UUID, current: OpenRecord | None, values: Record
) -> Owner:
    """The patient a record with these values belongs to, made if there is none yet.

    Raises:
        Conflict: `identifiers_erased`: that patient's key is gone.
    """
    if current is not None and current.values.get("nhs_number") == values["nhs_number"]:
        return Owner(current.patient_id, current.own_key())
    found = patient_of(session, keys, site_id=site_id, value=values["nhs_number"])
    if found is None:
        return _new_patient(session, keys, site_id=site_id, value=values["nhs_number"])
    if found.wrapped_key is None:
        raise Conflict(
            "The identifiers of this patient were erased on request. Nothing can be recorded under "
            "this NHS number here.",
            "identifiers_erased",
        )
    return Owner(found.patient_id, patient_key(keys, found.patient_id, found.wrapped_key))


def _new_patient(session: Session, keys: Keys, *, site_id: UUID, value: Value) -> Owner:
    patient_id = uuid7()
    data_key, wrapped = new_patient_key(keys, patient_id)
    columns: dict[str, Any] = {"nhs_absent": value}
    if value not in REASONS_FOR_NONE:
        number = str(value)
        columns = {
            "nhs_hash": hash_identifier(keys, "nhs_number", number),
            "nhs_sealed": seal_identifier(data_key, patient_id, "nhs_number", number),
        }
    session.execute(insert(Patient).values(patient_id=patient_id, site_id=site_id, **columns))
    session.execute(
        insert(PatientKey).values(patient_id=patient_id, site_id=site_id, wrapped_key=wrapped)
    )
    return Owner(patient_id, data_key)


def identity_columns(
    keys: Keys, *, owner: Owner, current: OpenRecord | None, values: Record
) -> dict[str, bytes | None]:
    """The columns of `record_identity`: what is unchanged keeps its hash, and its seal if it can.

    A hash is kept though it may be of an older key, so that one text has one hash as long as it is
    stored; a seal is kept unless the patient is another.
    """
    columns: dict[str, bytes | None] = {}
    for name in OF_RECORD:
        key = FIELD_OF[name]
        text = clear_text(values.get(key))
        same = current is not None and current.values.get(key) == values.get(key)
        if text is None:
            columns[f"{name}_hash"] = columns[f"{name}_sealed"] = None
            continue
        if same and current is not None:
            columns[f"{name}_hash"] = current.stored.hashes[name]
        else:
            columns[f"{name}_hash"] = hash_identifier(keys, key, text)
        if same and current is not None and current.patient_id == owner.patient_id:
            columns[f"{name}_sealed"] = current.stored.sealed[name]
        else:
            columns[f"{name}_sealed"] = seal_identifier(owner.data_key, owner.patient_id, key, text)
    return columns


def clear_text(value: Value) -> str | None:
    """An identifier in its canonical form, as it is hashed and sealed; None for a blank."""
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else None


def sealed_for_history(owner: Owner, key: str, values: Mapping[str, Value]) -> bytes | None:
    """An identifier as it stands in the history, sealed with its owner's key; None for a blank."""
    text = clear_text(values.get(key))
    return None if text is None else seal_identifier(owner.data_key, owner.patient_id, key, text)
