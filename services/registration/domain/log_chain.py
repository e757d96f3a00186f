"""The chain of hashes over the log: each line's digest covers the line and all before it.

Whoever alters, removes or slips in a line breaks every digest from there on. Whoever also makes the
digests anew is found by the head, which is signed and mailed away each day.

Source: hash chains as in RFC 6962's reasoning, without the tree; SHA-256; Ed25519 (RFC 8032).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

START = hashlib.sha256(b"FLS-DB log 1").digest()
"""What the first line's digest covers as "all before it"."""
_FIELDS = (
    "entry_id",
    "at",
    "actor_kind",
    "actor_id",
    "credential_id",
    "site_id",
    "what",
    "subject_kind",
    "subject_id",
    "details",
)
_HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


def next_digest(before: bytes, line: Mapping[str, Any]) -> bytes:
    """Returns the digest of a line, 32 bytes.

    Args:
        before: The digest of the line before it in the chain, or `START`.
        line: The columns of `audit_log` by name.
    """
    return hashlib.sha256(before + _canonical(line)).digest()


def head_text(position: int, digest: bytes) -> str:
    """Returns a head as people pass it on: how many lines, and the digest of the last.

    >>> head_text(2, bytes(32))[:6]
    '2:0000'
    """
    return f"{position}:{digest.hex()}"


def read_head(text: str) -> tuple[int, bytes] | None:
    """Returns position and digest of a head as `head_text` writes it; None if it is none."""
    found = _HEAD.fullmatch(text.strip())
    return (int(found[1]), bytes.fromhex(found[2])) if found else None


class HeadSigner:
    """Signs heads with the current of several keys, and checks what any of them signed."""

    def __init__(self, keys: Mapping[str, str], current_id: str) -> None:
        """Reads the keys as the settings hold them: key id -> base64 of 32 bytes."""
        self._keys = {
            key_id: Ed25519PrivateKey.from_private_bytes(base64.b64decode(key))
            for key_id, key in keys.items()
        }
        if current_id not in self._keys:
            raise ValueError(f"there is no key {current_id!r} among the log keys")
        self.current_id = current_id

    def sign(self, day: date, position: int, digest: bytes) -> bytes:
        """Returns the signature of a day's head, 64 bytes."""
        return self._keys[self.current_id].sign(_signed(day, position, digest))

    def is_right(
        self, key_id: str, signature: bytes, *, day: date, position: int, digest: bytes
    ) -> bool:
        """Says whether a head was signed by one of the keys and is as it was signed."""
        key = self._keys.get(key_id)
        if key is None:
            return False
        try:
            key.public_key().verify(signature, _signed(day, position, digest))
        except InvalidSignature:
            return False
        return True


def _signed(day: date, position: int, digest: bytes) -> bytes:
    return f"FLS-DB log head 1\n{day.isoformat()}\n{head_text(position, digest)}\n".encode()


def _canonical(line: Mapping[str, Any]) -> bytes:
    shown = {name: _plain(line[name]) for name in _FIELDS}
    text = json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if value is None or isinstance(value, (int, str, dict)) else str(value)
