"""Which settings each process gets: its own secrets and addresses, and nobody else's.

Used by local runs and by the containers' job `settings`, so that the two cannot differ. Not in
here: where a process listens and serves metrics, which the two decide for themselves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from deploy.postgres.bootstrap import SERVICES, url_for

CONTACT_EMAIL = "audit.team@demo.example"
MAIL_FROM = "Fracture Audit <no-reply@fracture-audit.example>"


def environment_for(
    process: str, secrets: Mapping[str, Any], addresses: Mapping[str, str]
) -> dict[str, str]:
    """Returns the environment of one process.

    Args:
        process: `<service>-web`, `-relay`, `-consumer` or `-migrations`; `imports-worker-<n>`;
            `gateway-web` (the pages); `bootstrap` (databases and roles); `records-rotation`
            (wraps patients' keys anew).
        secrets: From `deploy.secrets.make_secrets`.
        addresses: `postgres` (with a role that may make roles), `broker`, `smtp`, `public` (where
            people reach us), and the HTTP address of each service by its name.

    Raises:
        ValueError: There is no such process.
    """
    if process == "records-rotation":
        return {
            "FLS_MAINTENANCE_DATABASE_URL": _database("records", "maintenance", secrets, addresses),
            **_keys("FLS_MASTER_KEY", secrets["master_keys"]["records"]),
        }
    service, _, part = process.partition("-")
    part = part.partition("-")[0]
    if process == "bootstrap":
        return _role_passwords(secrets)
    if process == "gateway-web":
        return _of_the_pages(secrets, addresses)
    parts = ("web", "relay", "consumer", "migrations", *(["worker"] * (service == "imports")))
    if service not in SERVICES or part not in parts:
        raise ValueError(f"there is no process {process}")
    if part == "migrations":
        return {"FLS_OWNER_DATABASE_URL": _database(service, "owner", secrets, addresses)}
    env = {
        "FLS_DATABASE_URL": _database(service, "service", secrets, addresses),
        "FLS_BROKER_URL": addresses["broker"],
        "FLS_IDENTITY_PUBLIC_KEYS": json.dumps(secrets["identity"]["public"]),
    }
    if service == "registration":
        return env | _of_registration(part, secrets, addresses)
    if service == "records" or (service == "imports" and part != "relay"):
        env |= _keys("FLS_MASTER_KEY", secrets["master_keys"][service])
        env |= _keys("FLS_BATCH_KEY", secrets["batch_keys"])
    if service == "imports" and part != "relay":
        env |= _keys("FLS_RECEIPT_KEY", secrets["receipt_keys"])
    if service == "records":
        env |= _keys("FLS_HASH_KEY", secrets["hash_keys"][service])
        env["FLS_STUDY_KEY"] = secrets["study_key"]
    return env


def _role_passwords(secrets: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"FLS_{service}_{login}_PASSWORD".upper(): password
        for service, of_service in secrets["passwords"].items()
        for login, password in of_service.items()
    }


def _of_the_pages(secrets: Mapping[str, Any], addresses: Mapping[str, str]) -> dict[str, str]:
    return {
        **{f"FLS_{service.upper()}_URL": addresses[service] for service in SERVICES},
        "FLS_IDENTITY_PUBLIC_KEYS": json.dumps(secrets["identity"]["public"]),
        "FLS_PUBLIC_URL": addresses["public"],
        "FLS_CONTACT_EMAIL": CONTACT_EMAIL,
        "FLS_VISITOR_KEY": secrets["visitor_key"],
        "FLS_COOKIE_SECURE": "true" if addresses["public"].startswith("https:") else "false",
    }


def _of_registration(
    part: str, secrets: Mapping[str, Any], addresses: Mapping[str, str]
) -> dict[str, str]:
    """The web process alone may sign identities, the consumer alone sends mail."""
    env = {"FLS_PUBLIC_URL": addresses["public"], "FLS_MAIL_FROM": MAIL_FROM}
    if part == "web":
        current = secrets["identity"]["current"]
        env["FLS_IDENTITY_KEY_ID"] = current
        env["FLS_CONTACT_EMAIL"] = CONTACT_EMAIL
        env |= _keys("FLS_SECOND_FACTOR_KEY", secrets["second_factor_keys"])
        # Who runs a demonstration may ask for the codes of its accounts: `flsdb code`.
        env["FLS_DEMO"] = str(not addresses["public"].startswith("https:")).lower()
        env["FLS_IDENTITY_PRIVATE_KEY"] = secrets["identity"]["private"][current]
    if part == "consumer":
        env["FLS_SMTP_URL"] = addresses["smtp"]
        env |= _keys("FLS_LOG_KEY", secrets["log_keys"])
        env["FLS_CONTACT_EMAIL"] = CONTACT_EMAIL
    return env


def _keys(name: str, key_set: Mapping[str, Any]) -> dict[str, str]:
    return {f"{name}S": json.dumps(key_set["keys"]), f"{name}_ID": key_set["current"]}


def _database(
    service: str, login: str, secrets: Mapping[str, Any], addresses: Mapping[str, str]
) -> str:
    password = secrets["passwords"][service][login]
    return url_for(addresses["postgres"], f"{service}_{login}", password, service)
