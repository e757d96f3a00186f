"""What the processes of imports read from the environment, besides what every service does."""

from __future__ import annotations

import environ

from services.shared.settings import ServiceSettings, json_object


@environ.config(prefix="FLS", frozen=True)
class Settings(ServiceSettings):
    """Settings of imports: web process, workers, consumer."""

    master_keys: dict[str, str] = environ.var(
        converter=json_object,
        help="JSON object: key id -> base64 key of 32 bytes; wraps the data key of each import.",
    )
    master_key_id: str = environ.var(help="Which master key wraps new data keys.")
    batch_keys: dict[str, str] = environ.var(
        converter=json_object,
        help="JSON object: key id -> base64 key of 32 bytes, the same as in records; seals the "
        "rows that travel there.",
    )
    batch_key_id: str = environ.var(help="Which batch key seals new batches.")
    receipt_keys: dict[str, str] = environ.var(
        converter=json_object,
        help="JSON object: key id -> base64 of an Ed25519 private key of 32 bytes; signs receipts. "
        "Older ones stay, so that their receipts can be checked.",
    )
    receipt_key_id: str = environ.var(help="Which receipt key signs new receipts.")
    upload_limit_bytes: int = environ.var(
        256 * 1024 * 1024, converter=int, help="Largest file taken, in bytes."
    )
    undo_days: int = environ.var(
        7, converter=int, help="For how many days after it was stored an import can be undone."
    )
    keep_days: int = environ.var(
        30,
        converter=int,
        help="For how many days after its end the bytes of a file and the cells of findings stay.",
    )
    rows_limit: int = environ.var(
        1_000_000, converter=int, help="Most rows of one file, blank ones not counted."
    )
    chunk_window: int = environ.var(
        4,
        converter=int,
        help="How many chunks of one import may be under way at a time, so that sites take turns.",
    )
