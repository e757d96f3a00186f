"""The keys that the records service works with, read from its settings once."""

from __future__ import annotations

from dataclasses import dataclass

from services.records.settings import Settings
from services.shared.sealing import HashKeys, Keyring


@dataclass(frozen=True, slots=True)
class Keys:
    """Four kinds of keys.

    Attributes:
        master: wraps the key of each patient.
        hashes: hashes identifiers for look-up and comparison.
        batches: opens the row batches that imports sends.
        study: makes the study keys of the extract.
    """

    master: Keyring
    hashes: HashKeys
    batches: Keyring
    study: bytes

    @property
    def has_older_hash_keys(self) -> bool:
        """True when hashes made with another key than the current one may be stored."""
        return len(self.hashes.candidates("probe", "")) > 1


def keys_from(settings: Settings) -> Keys:
    """Reads the keys; raises ValueError when one is malformed or a current one is missing."""
    return Keys(
        master=Keyring.from_json(settings.master_keys, settings.master_key_id),
        hashes=HashKeys.from_json(settings.hash_keys, settings.hash_key_id),
        batches=Keyring.from_json(settings.batch_keys, settings.batch_key_id),
        study=_checked(settings.study_key),
    )


def _checked(key: bytes) -> bytes:
    if len(key) != 32:
        raise ValueError(f"the study key has {len(key)} bytes; 32 are wanted")
    return key
