"""Every process gets the settings it reads, and no secret that it does not need."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from deploy.environment import environment_for
from deploy.postgres.bootstrap import SERVICES
from deploy.secrets import make_secrets
from gateway.settings import GatewaySettings
from services.facilities.settings import Settings as FacilitiesSettings
from services.imports.settings import Settings as ImportsSettings
from services.records.settings import Settings as RecordsSettings
from services.registration.settings import ConsumerSettings, MailSettings
from services.registration.settings import Settings as RegistrationSettings
from services.shared.settings import ServiceSettings, load

SECRETS = make_secrets()
ADDRESSES = {
    "postgres": "postgresql://postgres:admin@127.0.0.1:5000/postgres",
    "broker": "amqp://u:p@127.0.0.1:5001/%2F",
    "smtp": "smtp://127.0.0.1:5002",
    "public": "http://localhost:8080",
    **{service: f"http://127.0.0.1/{service}" for service in SERVICES},
}
READS: list[tuple[str, type[Any]]] = [
    ("registration-web", RegistrationSettings),
    ("registration-relay", ServiceSettings),
    ("registration-consumer", ConsumerSettings),
    ("registration-consumer", MailSettings),
    ("records-web", RecordsSettings),
    ("records-relay", RecordsSettings),
    ("records-consumer", RecordsSettings),
    ("imports-web", ImportsSettings),
    ("imports-relay", ServiceSettings),
    ("imports-consumer", ImportsSettings),
    ("imports-worker-7", ImportsSettings),
    ("facilities-web", FacilitiesSettings),
    ("facilities-relay", FacilitiesSettings),
    ("facilities-consumer", FacilitiesSettings),
    ("gateway-web", GatewaySettings),
]


@pytest.mark.parametrize(("process", "settings"), READS, ids=[name for name, _ in READS])
def test_a_process_gets_every_setting_that_it_reads(process: str, settings: type[Any]) -> None:
    load(settings, environment_for(process, SECRETS, ADDRESSES))


def test_only_registrations_web_process_can_sign_identities() -> None:
    private = SECRETS["identity"]["private"]["k1"]
    holders = [n for n, _ in READS if private in environment_for(n, SECRETS, ADDRESSES).values()]
    assert holders == ["registration-web"]


def test_only_migrations_know_the_owners_password() -> None:
    for service in SERVICES:
        owner = SECRETS["passwords"][service]["owner"]
        for name in (f"{service}-web", f"{service}-consumer", "gateway-web"):
            assert owner not in json.dumps(environment_for(name, SECRETS, ADDRESSES))
        migrations = environment_for(f"{service}-migrations", SECRETS, ADDRESSES)
        assert list(migrations) == ["FLS_OWNER_DATABASE_URL"]
        assert owner in migrations["FLS_OWNER_DATABASE_URL"]


def test_nobody_but_the_bootstrap_learns_the_administrators_password() -> None:
    for name, _ in READS:
        assert "admin@" not in json.dumps(environment_for(name, SECRETS, ADDRESSES))


def test_imports_and_records_share_the_batch_key_and_no_other() -> None:
    imports = environment_for("imports-worker-1", SECRETS, ADDRESSES)
    records = environment_for("records-consumer", SECRETS, ADDRESSES)
    assert imports["FLS_BATCH_KEYS"] == records["FLS_BATCH_KEYS"]
    assert imports["FLS_MASTER_KEYS"] != records["FLS_MASTER_KEYS"]


@pytest.mark.parametrize(
    ("public", "secure"), [("http://localhost:8080", "false"), ("https://a.example", "true")]
)
def test_cookies_need_tls_wherever_there_is_tls(public: str, secure: str) -> None:
    env = environment_for("gateway-web", SECRETS, {**ADDRESSES, "public": public})
    assert env["FLS_COOKIE_SECURE"] == secure


def test_every_key_has_32_bytes_and_no_two_are_alike() -> None:
    sets = [*SECRETS["master_keys"].values(), *SECRETS["hash_keys"].values()]
    sets += [SECRETS["batch_keys"], SECRETS["receipt_keys"]]
    keys = [key for key_set in sets for key in key_set["keys"].values()]
    keys += [SECRETS["visitor_key"], *SECRETS["identity"]["private"].values()]
    assert all(len(base64.b64decode(key)) == 32 for key in keys)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("process", ["", "records-worker", "pages-web", "imports-unknown"])
def test_an_unknown_process_is_refused(process: str) -> None:
    with pytest.raises(ValueError, match="there is no process"):
        environment_for(process, SECRETS, ADDRESSES)
