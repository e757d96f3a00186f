"""Seals and opens the identifiers of patients, and hashes them for look-up.

Every patient has a key of their own, wrapped by a master key; a sealed value is bound to its
patient and its field, so that it opens nowhere else. Source: architecture, patient data at rest.
"""

from __future__ import annotations

from uuid import UUID

from services.records.keys import Keys
from services.shared.sealing import DataKey, new_data_key, unseal


def hash_identifier(keys: Keys, field: str, text: str) -> bytes:
    """The keyed hash of an identifier in its canonical form (32 bytes)."""
    return keys.hashes.hash(field, text)


def hash_candidates(keys: Keys, field: str, text: str) -> list[bytes]:
    """Its hashes under all keys, the current one first; older rows may carry an older one."""
    return keys.hashes.candidates(field, text)


def new_patient_key(keys: Keys, patient_id: UUID) -> tuple[bytes, bytes]:
    """A fresh key for a patient, and the same wrapped by the master key."""
    data_key = new_data_key()
    return data_key, keys.master.wrap(data_key, patient_id.bytes)


def patient_key(keys: Keys, patient_id: UUID, wrapped: bytes) -> bytes:
    """Opens the key of a patient. Raises `sealing.CannotOpen` when it is not theirs."""
    return keys.master.unwrap(wrapped, patient_id.bytes)


class Sealer:
    """Seals the identifiers of one patient, many in a row."""

    def __init__(self, data_key: bytes, patient_id: UUID) -> None:
        self._key = DataKey(data_key)
        self._owner = patient_id.bytes

    def seal(self, field: str, text: str) -> bytes:
        """Seals one identifier with the patient's key."""
        return self._key.seal(text.encode(), self._owner + field.encode())


def seal_identifier(data_key: bytes, patient_id: UUID, field: str, text: str) -> bytes:
    """Seals one identifier with its patient's key."""
    return Sealer(data_key, patient_id).seal(field, text)


def open_identifier(data_key: bytes, patient_id: UUID, field: str, sealed: bytes) -> str:
    """Opens one identifier. Raises `sealing.CannotOpen` when it belongs elsewhere."""
    return unseal(data_key, sealed, patient_id.bytes + field.encode()).decode()
