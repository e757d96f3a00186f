"""The settings of the records processes."""

from __future__ import annotations

import environ

from services.shared.settings import ServiceSettings, json_object


@environ.config(prefix="FLS", frozen=True)
class Settings(ServiceSettings):
    """Keys of three kinds: to wrap patients' keys, to hash identifiers, to open row batches."""

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
    batch_key_id: str = environ.var(help="Which of the batch keys seals new batches.")
