"""Makes all secrets of a system of one's own, once: local runs and the demo in containers.

A real deployment brings its own, from its own store; `deploy/environment.py` says which process
needs which. Every kind of key has ids, so that a new one can be added beside the old.
"""

from __future__ import annotations

import base64
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.postgres.bootstrap import LOGINS, SERVICES

FIRST_KEY_ID = "k1"


def make_secrets() -> dict[str, Any]:
    """Returns new secrets as a JSON-able dict.

    Its shape:

        passwords    service -> owner, service, maintenance -> password of that database role
        identity     current (key id), private (key id -> key), public (key id -> key): Ed25519, raw
        master_keys  imports, records -> key set; they wrap data keys. No two services share one
        hash_keys    records -> key set; they hash identifiers for look-up
        study_key    records makes the study keys of its extract with it; never changed
        batch_keys   key set; imports seals row batches with it, records opens them
        receipt_keys key set; imports signs receipts with it (Ed25519). Never thrown away
        log_keys     key set; registration signs heads of its log with it (Ed25519). Kept for ever
        second_factor_keys key set; registration seals the secrets of authenticator apps with it
        visitor_key  signs the form tokens of people who have not signed in

    A key set is `{"current": key id, "keys": {key id: key}}`; every key is base64 of 32 bytes.
    """
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    return {
        "passwords": {
            # Without signs that an address would have to escape.
            service: {login: secrets.token_hex(20) for login in LOGINS}
            for service in SERVICES
        },
        "identity": {
            "current": FIRST_KEY_ID,
            "private": {FIRST_KEY_ID: _text(private.private_bytes_raw())},
            "public": {FIRST_KEY_ID: _text(public)},
        },
        "master_keys": {service: _key_set() for service in ("imports", "records")},
        "hash_keys": {"records": _key_set()},
        "study_key": _text(secrets.token_bytes(32)),
        "batch_keys": _key_set(),
        "receipt_keys": _key_set(),
        "second_factor_keys": _key_set(),
        "log_keys": _key_set(),
        "visitor_key": _text(secrets.token_bytes(32)),
    }


def with_newer_secrets(kept: dict[str, Any]) -> dict[str, Any]:
    """The secrets of a system that is older than some of them: those that lack are made.

    >>> sorted(with_newer_secrets({"visitor_key": "v"}))[-2:]
    ['study_key', 'visitor_key']
    """
    return {**make_secrets(), **kept}


def _key_set() -> dict[str, Any]:
    return {"current": FIRST_KEY_ID, "keys": {FIRST_KEY_ID: _text(secrets.token_bytes(32))}}


def with_new_key(key_set: dict[str, Any]) -> dict[str, Any]:
    """The key set with one more key, which is the current one from now on.

    >>> sorted(with_new_key({"current": "k9", "keys": {"k9": "..."}})["keys"])
    ['k10', 'k9']
    """
    newest = max(int(key_id[1:]) for key_id in key_set["keys"])
    key_id = f"k{newest + 1}"
    return {
        "current": key_id,
        "keys": {**key_set["keys"], key_id: _text(secrets.token_bytes(32))},
    }


def with_current_key_alone(key_set: dict[str, Any]) -> dict[str, Any]:
    """The key set without the keys that nothing needs any more."""
    current = key_set["current"]
    return {"current": current, "keys": {current: key_set["keys"][current]}}


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
