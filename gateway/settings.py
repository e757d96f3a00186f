"""What the pages read from the environment."""

from __future__ import annotations

import base64

import environ

from services.shared.settings import json_object


def _yes_or_no(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("true or false is wanted")
    return text == "true"


@environ.config(prefix="FLS", frozen=True)
class GatewaySettings:
    """Settings of the pages; they have no database and no broker."""

    registration_url: str = environ.var(help="Address of registration, http://host:port.")
    records_url: str = environ.var(help="Address of records, http://host:port.")
    imports_url: str = environ.var(help="Address of imports, http://host:port.")
    facilities_url: str = environ.var(help="Address of facilities, http://host:port.")
    public_url: str = environ.var(help="Address under which people reach us, without a final /.")
    contact_email: str = environ.var(help="The audit team's address, shown on the page Contact.")
    visitor_key: bytes = environ.var(
        converter=base64.b64decode, help="base64 key; signs the form tokens of visitors."
    )
    identity_public_keys: dict[str, str] = environ.var(
        converter=json_object,
        help="JSON object: key id -> base64 of registration's raw Ed25519 public key.",
    )
    cookie_secure: bool = environ.var(
        True,
        converter=lambda value: value if isinstance(value, bool) else _yes_or_no(value),
        help="Whether cookies travel over TLS only; false for local runs alone.",
    )
    metrics_host: str = environ.var("127.0.0.1", help="Address on which metrics are served.")
    metrics_port: int = environ.var(
        0, converter=int, help="Private port of this process's metrics; 0 serves none."
    )
    log_level: str = environ.var("INFO", help="DEBUG, INFO, WARNING or ERROR.")
