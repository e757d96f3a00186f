"""What each sealed thing of an import belongs to, so that none can be moved to another place."""

from __future__ import annotations

from uuid import UUID

from services.shared.sealing import Keyring, seal, unseal


def wrap_key(keyring: Keyring, import_id: UUID, data_key: bytes) -> bytes:
    """The import's data key as it may lie in the database."""
    return keyring.seal(data_key, _key_aad(import_id))


def unwrap_key(keyring: Keyring, import_id: UUID, wrapped: bytes) -> bytes:
    """The import's data key.

    Raises:
        CannotOpen: altered, another import's, or its master key is not in the settings.
    """
    return keyring.open(wrapped, _key_aad(import_id))


def seal_part(
    data_key: bytes, import_id: UUID, number: int, part: bytes, *, converted: bool = False
) -> bytes:
    """A part of a file, or of its converted form, sealed."""
    return seal(data_key, part, _part_aad(import_id, number, converted))


def open_part(
    data_key: bytes, import_id: UUID, number: int, sealed: bytes, *, converted: bool = False
) -> bytes:
    """A part of a file, or of its converted form. Raises CannotOpen if it was altered or moved."""
    return unseal(data_key, sealed, _part_aad(import_id, number, converted))


def seal_value(
    data_key: bytes, import_id: UUID, row_number: int, field: str | None, value: str | None
) -> bytes | None:
    """The cell value of a finding, sealed; None if there is none."""
    if value is None:
        return None
    return seal(data_key, value.encode(), _value_aad(import_id, row_number, field))


def open_value(
    data_key: bytes, import_id: UUID, row_number: int, field: str | None, sealed: bytes | None
) -> str | None:
    """The cell value kept with a finding; None if none was kept."""
    if sealed is None:
        return None
    return unseal(data_key, sealed, _value_aad(import_id, row_number, field)).decode()


def _key_aad(import_id: UUID) -> bytes:
    return f"{import_id}:key".encode()


def _part_aad(import_id: UUID, number: int, converted: bool) -> bytes:
    return f"{import_id}:{'converted' if converted else 'part'}:{number}".encode()


def _value_aad(import_id: UUID, row_number: int, field: str | None) -> bytes:
    return f"{import_id}:row:{row_number}:{field}".encode()
