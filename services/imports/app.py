"""Joins imports' parts into one Flask application."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import Engine

from services.imports.domain.receipts import Signer
from services.imports.parts import Parts
from services.imports.settings import Settings
from services.imports.views import copies, imports, mending, pages, profiles, receipts
from services.shared.db import make_engine
from services.shared.sealing import Keyring
from services.shared.web import make_app

POOL_SIZE = 10
"""As many connections again may be opened: each of 16 threads may hold one for a whole upload."""


def create_app(settings: Settings, *, engine: Engine | None = None) -> Flask:
    """Builds the application.

    Args:
        engine: the database; None makes one from the settings.
    """
    return make_app(
        "imports",
        settings,
        engine=engine
        or make_engine(settings.database_url, application_name="imports.web", pool_size=POOL_SIZE),
        blueprints=[
            imports.blueprint,
            copies.blueprint,
            receipts.blueprint,
            profiles.blueprint,
            mending.blueprint,
        ],
        pages=[pages.blueprint, copies.pages],
        state=Parts(
            keyring=Keyring.from_json(settings.master_keys, settings.master_key_id),
            upload_limit_bytes=settings.upload_limit_bytes,
            undo_days=settings.undo_days,
            signer=Signer(settings.receipt_keys, settings.receipt_key_id),
        ),
    )
