"""The settings of the records processes."""

from __future__ import annotations

import base64

import environ

from services.shared.settings import ServiceSettings, json_object


@environ.config(prefix="FLS", frozen=True)
class Settings(ServiceSettings):
    """Keys that wrap patients' keys, hash identifiers, open row batches and make study keys."""

    master_keys: dict[str, str] = environ.var(
        converter=json_object,
        help="JSON object: key id -> base64 of 32 bytes. They wrap the key of each patient.",
    )
    master_key_id: str = environ.var(help="Which of the master keys wraps new keys.")
    hash_keys: dict[str, str] = environ.var(
        converter=json_object,
        help="JSON object: key id -> base64 of 32 bytes. They hash identifiers for look-up; keep "
        "old ones as long as hashes made with them are stored.",
    )
    hash_key_id: str = environ.var(help="Which of the hash keys makes new hashes.")
    batch_keys: dict[str, str] = environ.var(
        converter=json_object,
        help="JSON object: key id -> base64 of 32 bytes. Row batches of imports are sealed with "
        "them; the same as in imports.",
    )
    study_key: bytes = environ.var(
        converter=base64.b64decode,
        help="base64 of 32 bytes. It makes the study keys of the pseudonymised extract from NHS "
        "numbers. Never change it: the same person would get another study key.",
    )
    batch_key_id: str = environ.var(help="Which of the batch keys seals new batches.")
