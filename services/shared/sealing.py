"""Seals bytes (AES-256-GCM) and hashes identifiers with keys (HMAC-SHA-256).

Two layers: a *data key* of 32 bytes seals one patient's or one import's values; the *keyring* wraps
data keys, so that rotation re-wraps keys and touches no data. Key ids travel with what was sealed;
keys come from the settings and never lie in a database.

Source: NIST SP 800-38D (GCM with a random 96-bit nonce), RFC 2104 (HMAC).
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

_NONCE_BYTES = 12


class CannotOpen(Exception):
    """What was sealed was altered, belongs elsewhere, or its key is not in our settings."""


def new_data_key() -> bytes:
    """A fresh random key of 32 bytes."""
    return os.urandom(32)


def seal(key: bytes, plaintext: bytes, aad: bytes = b"") -> bytes:
    """Seals bytes with a data key: nonce (12 bytes), ciphertext, tag (16 bytes).

    `aad` says what they belong to (a row's id, a field's name): moved elsewhere, they do not open.
    """
    return DataKey(key).seal_all([plaintext], [aad])[0]


def unseal(key: bytes, sealed: bytes, aad: bytes = b"") -> bytes:
    """Opens what `seal` sealed.

    Raises:
        CannotOpen: altered, moved elsewhere, or another key.
    """
    return DataKey(key).unseal(sealed, aad)


def seal_columns(
    keys: Sequence[bytes], owners: Sequence[bytes], columns: Mapping[str, Sequence[str | None]]
) -> dict[str, list[bytes | None]]:
    """Seals columns of texts, each row with a data key of its own: `seal`, in bulk.

    A value belongs to its row's owner, with the name of its column behind. None stays None.
    """
    ciphers, sealed = [AESGCM(key).encrypt for key in keys], {}
    for name, texts in columns.items():
        nonces, of_column = _nonces(len(keys)), name.encode()
        sealed[name] = [
            None if text is None else nonce + encrypt(nonce, text.encode(), owner + of_column)
            for encrypt, owner, text, nonce in zip(ciphers, owners, texts, nonces, strict=True)
        ]
    return sealed


def _nonces(count: int) -> list[bytes]:
    """Drawn at once: each draw lets other threads go on, and waits until they let it go on."""
    drawn = os.urandom(_NONCE_BYTES * count)
    return [drawn[at : at + _NONCE_BYTES] for at in range(0, len(drawn), _NONCE_BYTES)]


class DataKey:
    """A data key for many values: setting a cipher up costs more than using it."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal_all(self, plaintexts: Sequence[bytes], aads: Sequence[bytes]) -> list[bytes]:
        """Seals many, each as the function `seal` does."""
        encrypt, nonces = self._cipher.encrypt, _nonces(len(plaintexts))
        return [n + encrypt(n, p, a) for n, p, a in zip(nonces, plaintexts, aads, strict=True)]

    def unseal(self, sealed: bytes, aad: bytes = b"") -> bytes:
        """Opens like the function `unseal`. Raises CannotOpen."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], aad)
        except (InvalidTag, ValueError):
            raise CannotOpen("cannot be opened with this key") from None


class _KeysById:
    """Keys of 32 bytes by id, one of them the current one."""

    def __init__(self, keys: Mapping[str, bytes], current_id: str) -> None:
        for key_id, key in keys.items():
            if len(key) != 32:
                raise ValueError(f"the key {key_id!r} has {len(key)} bytes; 32 are wanted")
        if current_id not in keys:
            raise ValueError(f"there is no key {current_id!r} among the keys")
        self.current_id = current_id

    @classmethod
    def from_json(cls, keys: Mapping[str, str], current_id: str) -> Self:
        """Reads the keys as the settings hold them: key id -> base64."""
        return cls({key_id: base64.b64decode(key) for key_id, key in keys.items()}, current_id)


class Keyring(_KeysById):
    """Master keys by id: the current one seals and wraps, all open."""

    def __init__(self, keys: Mapping[str, bytes], current_id: str) -> None:
        super().__init__(keys, current_id)
        self._keys = {key_id: DataKey(key) for key_id, key in keys.items()}

    def seal(self, plaintext: bytes, aad: bytes = b"") -> bytes:
        """Seals with the current master key: length of the key id, key id, sealed bytes."""
        return self.seal_all([plaintext], [aad])[0]

    def seal_all(self, plaintexts: Sequence[bytes], aads: Iterable[bytes]) -> list[bytes]:
        """Seals many in bulk, each as `seal` does."""
        key_id = self.current_id.encode()
        bound = [key_id + b"\0" + aad for aad in aads]
        sealed = self._keys[self.current_id].seal_all(plaintexts, bound)
        return [bytes([len(key_id)]) + key_id + each for each in sealed]

    def open(self, sealed: bytes, aad: bytes = b"") -> bytes:
        """Opens what any of the keys sealed.

        Raises:
            CannotOpen: altered, moved elsewhere, or its key is not in the settings.
        """
        key_id = sealed[1 : 1 + sealed[0]] if sealed else b""
        key = self._keys.get(key_id.decode("ascii", "replace"))
        if key is None:
            raise CannotOpen("the key it was sealed with is not in the settings")
        return key.unseal(sealed[1 + len(key_id) :], key_id + b"\0" + aad)


class HashKeys(_KeysById):
    """Keyed hashes of identifiers, for look-up and comparison without the identifier."""

    def __init__(self, keys: Mapping[str, bytes], current_id: str) -> None:
        super().__init__(keys, current_id)
        self._keys = dict(keys)
        self._begun: dict[tuple[str, str], HMAC] = {}

    def hash(self, purpose: str, text: str) -> bytes:
        """The 32-byte hash under the current key.

        Args:
            purpose: what the text is (`nhs_number`): the same text hashes differently elsewhere.
        """
        return self._hash(self.current_id, purpose, text)

    def hash_all(self, purpose: str, texts: Iterable[str | None]) -> list[bytes | None]:
        """The hashes of many texts under the current key; None stays None."""
        begin = self._begin(self.current_id, purpose).copy
        hashes: list[bytes | None] = []
        for text in texts:
            if text is None:
                hashes.append(None)
                continue
            state = begin()
            state.update(text.encode())
            hashes.append(state.finalize())
        return hashes

    def candidates(self, purpose: str, text: str) -> list[bytes]:
        """The hashes under all keys, the current one first, to look up what older keys hashed."""
        order = sorted(self._keys, key=lambda key_id: key_id != self.current_id)
        return [self._hash(key_id, purpose, text) for key_id in order]

    def _hash(self, key_id: str, purpose: str, text: str) -> bytes:
        state = self._begin(key_id, purpose).copy()
        state.update(text.encode())
        return state.finalize()

    def _begin(self, key_id: str, purpose: str) -> HMAC:
        """A hash that has taken its key and purpose in: going on from a copy costs a third."""
        begun = self._begun.get((key_id, purpose))
        if begun is None:
            begun = HMAC(self._keys[key_id], SHA256())
            begun.update(f"{purpose}\0".encode())
            self._begun[key_id, purpose] = begun
        return begun
