"""Receipts: what was sent, when and by whom, and what became of it, signed by this service.

A receipt is a JSON object. Its signature (Ed25519, RFC 8032) is over its canonical form: keys in
order, no blanks, UTF-8. So anybody who has the public key can see later that nothing of it was
altered, without asking us.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FORMAT = "fls-db receipt 1"


class NotGenuine(Exception):
    """The receipt is not as it was issued, or none of ours; the text says why."""


class Signer:
    """Signs receipts with the current of several keys, and publishes all of them."""

    def __init__(self, keys: Mapping[str, str], current_id: str) -> None:
        """Reads the keys as the settings hold them: key id -> base64 of 32 bytes."""
        self._keys = {
            key_id: Ed25519PrivateKey.from_private_bytes(base64.b64decode(key))
            for key_id, key in keys.items()
        }
        if current_id not in self._keys:
            raise ValueError(f"there is no key {current_id!r} among the receipt keys")
        self.current_id = current_id

    def sign(self, document: Mapping[str, Any]) -> bytes:
        """The signature of a receipt, 64 bytes."""
        return self._keys[self.current_id].sign(canonical(document))

    def public_keys(self) -> dict[str, str]:
        """Key id -> base64 of the public key, of all keys that have signed receipts."""
        return {
            key_id: base64.b64encode(key.public_key().public_bytes_raw()).decode()
            for key_id, key in self._keys.items()
        }


def canonical(document: Mapping[str, Any]) -> bytes:
    r"""The bytes that are signed.

    >>> canonical({"b": 1, "a": "é"})
    b'{"a":"\xc3\xa9","b":1}'
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def verify(signed: object, public_keys: Mapping[str, str]) -> dict[str, Any]:
    """The receipt inside a signed one, once it is shown to be as it was issued.

    Args:
        signed: {"receipt": {...}, "key_id": ..., "signature": base64}.
        public_keys: key id -> base64, as this service publishes them.

    Raises:
        NotGenuine: it is not.
    """
    if not isinstance(signed, dict) or not isinstance(signed.get("receipt"), dict):
        raise NotGenuine("This is no receipt: it has no part “receipt”.")
    document: dict[str, Any] = signed["receipt"]
    key = public_keys.get(str(signed.get("key_id")))
    if key is None:
        raise NotGenuine(f"The key {signed.get('key_id')!r} is none of those that are published.")
    try:
        signature = base64.b64decode(str(signed.get("signature")), validate=True)
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key))
        public.verify(signature, canonical(document))
    except (InvalidSignature, binascii.Error, ValueError):
        raise NotGenuine(
            "The signature does not belong to this receipt: something of it was altered."
        ) from None
    if document.get("format") != FORMAT:
        raise NotGenuine("It is signed, but not as a receipt of an import.")
    return document
