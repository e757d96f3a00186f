"""All applications, made as in production but with no server behind them."""

from __future__ import annotations

import base64
import importlib
import json
import os
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from services.shared.settings import load

SERVICES = ("registration", "records", "imports", "facilities")


def settings_environment() -> dict[str, str]:
    """Settings that any process accepts; keys are random, servers do not exist."""
    private = os.urandom(32)
    public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    key = {"k1": base64.b64encode(os.urandom(32)).decode()}
    return {
        "FLS_DATABASE_URL": "postgresql://nobody:x@127.0.0.1:1/nothing",
        "FLS_BROKER_URL": "amqp://nobody:x@127.0.0.1:1/",
        "FLS_IDENTITY_PUBLIC_KEYS": json.dumps({"k1": base64.b64encode(public).decode()}),
        "FLS_IDENTITY_PRIVATE_KEY": base64.b64encode(private).decode(),
        "FLS_IDENTITY_KEY_ID": "k1",
        "FLS_CONTACT_EMAIL": "team@audit.example",
        "FLS_SMTP_URL": "smtp://127.0.0.1:1",
        "FLS_MAIL_FROM": "audit@example.org",
        "FLS_PUBLIC_URL": "http://localhost:8080",
        "FLS_LOG_KEYS": json.dumps(key),
        "FLS_LOG_KEY_ID": "k1",
        "FLS_SECOND_FACTOR_KEYS": json.dumps(key),
        "FLS_SECOND_FACTOR_KEY_ID": "k1",
        "FLS_MASTER_KEYS": json.dumps(key),
        "FLS_MASTER_KEY_ID": "k1",
        "FLS_HASH_KEYS": json.dumps(key),
        "FLS_HASH_KEY_ID": "k1",
        "FLS_BATCH_KEYS": json.dumps(key),
        "FLS_RECEIPT_KEYS": json.dumps(key),
        "FLS_RECEIPT_KEY_ID": "k1",
        "FLS_BATCH_KEY_ID": "k1",
        "FLS_STUDY_KEY": key["k1"],
        "FLS_COOKIE_SECURE": "false",
        "FLS_VISITOR_KEY": key["k1"],
        **{f"FLS_{s.upper()}_URL": "http://127.0.0.1:1" for s in SERVICES},
    }


@cache
def all_apps() -> dict[str, Flask]:
    """The four services, by name; the gateway's own tests have a census of its pages."""
    environment = settings_environment()
    apps = {}
    for package in (f"services.{s}" for s in SERVICES):
        settings = importlib.import_module(f"{package}.settings").Settings
        create_app = importlib.import_module(f"{package}.app").create_app
        apps[package.rpartition(".")[2]] = create_app(load(settings, environment))
    return apps
