"""Seals and opens the identifiers of patients, and hashes them for look-up.

Every patient has a key of their own, wrapped by a master key; a sealed value is bound to its
patient and its field, so that it opens nowhere else. Source: architecture, patient data at rest.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from services.records.keys import Keys
from services.shared.sealing import DataKey, new_data_key, seal, unseal
from services.shared.sealing import seal_columns as seal_columns_with


def hash_identifier(keys: Keys, field: str, text: str) -> bytes:
    """The keyed hash of an identifier in its canonical form (32 bytes)."""
    return keys.hashes.hash(field, text)


def hash_candidates(keys: Keys, field: str, text: str) -> list[bytes]:
    """Its hashes under all keys, the current one first; older rows may carry an older one."""
    return keys.hashes.candidates(field, text)


def new_patient_key(keys: Keys, patient_id: UUID) -> tuple[bytes, bytes]:
    """A fresh key for a patient, and the same wrapped by the master key."""
    data_key = new_data_key()
    return data_key, keys.master.seal(data_key, patient_id.bytes)


def patient_key(keys: Keys, patient_id: UUID, wrapped: bytes) -> bytes:
    """Opens the key of a patient. Raises `sealing.CannotOpen` when it is not theirs."""
    return keys.master.open(wrapped, patient_id.bytes)


def new_patient_keys(keys: Keys, patient_ids: Sequence[UUID]) -> tuple[list[bytes], list[bytes]]:
    """Fresh keys for many patients, and the same wrapped by the master key."""
    drawn = os.urandom(32 * len(patient_ids))
    data_keys = [drawn[start : start + 32] for start in range(0, len(drawn), 32)]
    owners = [patient_id.bytes for patient_id in patient_ids]
    return data_keys, keys.master.seal_all(data_keys, owners)


def seal_columns(
    data_keys: Sequence[bytes],
    patient_ids: Sequence[UUID],
    columns: Mapping[str, Sequence[str | None]],
) -> dict[str, list[bytes | None]]:
    """Seals identifiers of many patients, each with the key of its own.

    Args:
        columns: field -> identifiers, one for each patient; None for a blank, which stays None.
    """
    owners = [patient_id.bytes for patient_id in patient_ids]
    return seal_columns_with(data_keys, owners, columns)


class Opener:
    """Opens the identifiers of one patient, many in a row."""

    def __init__(self, keys: Keys, patient_id: UUID, wrapped: bytes) -> None:
        self._key = DataKey(patient_key(keys, patient_id, wrapped))
        self._owner = patient_id.bytes

    def open(self, field: str, sealed: bytes | None) -> str | None:
        """Opens one identifier, if there is one. Raises `sealing.CannotOpen`."""
        if sealed is None:
            return None
        return self._key.unseal(sealed, self._owner + field.encode()).decode()


def seal_identifier(data_key: bytes, patient_id: UUID, field: str, text: str) -> bytes:
    """Seals one identifier with its patient's key."""
    return seal(data_key, text.encode(), patient_id.bytes + field.encode())


def open_identifier(data_key: bytes, patient_id: UUID, field: str, sealed: bytes) -> str:
    """Opens one identifier. Raises `sealing.CannotOpen` when it belongs elsewhere."""
    return unseal(data_key, sealed, patient_id.bytes + field.encode()).decode()


def seal_texts(
    data_key: bytes, owner_id: UUID, purpose: str, record_id: UUID, texts: Mapping[str, Any]
) -> bytes:
    """Seals what was typed about a record as one JSON object.

    Args:
        owner_id: whose key it is: a patient, or an entry that is no record yet.
        purpose: `entry`, `earlier`, `waiting` or `draft`; it opens under the same alone.
    """
    plain = orjson.dumps(texts)
    return seal(data_key, plain, owner_id.bytes + purpose.encode() + record_id.bytes)


def open_texts(
    data_key: bytes, owner_id: UUID, purpose: str, record_id: UUID, sealed: bytes
) -> dict[str, Any]:
    """Opens what `seal_texts` sealed. Raises `sealing.CannotOpen`."""
    plain = unseal(data_key, sealed, owner_id.bytes + purpose.encode() + record_id.bytes)
    texts: dict[str, Any] = orjson.loads(plain)
    return texts
