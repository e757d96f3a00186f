"""Joins the parts of the records web application; the only place where that is done."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import Engine

from services.records.keys import keys_from
from services.records.settings import Settings
from services.records.views import (
    duplicates,
    exporting,
    finding,
    forms,
    history,
    imports,
    national,
    pages,
    periods,
    records,
    withdrawals,
    worklists,
)
from services.shared.db import make_engine
from services.shared.web import make_app


def create_app(settings: Settings, engine: Engine | None = None) -> Flask:
    """Builds the application. `engine`: one that is there already, for tests."""
    return make_app(
        "records",
        settings,
        engine=engine or make_engine(settings.database_url, application_name="records.web"),
        blueprints=(
            finding.blueprint,
            withdrawals.blueprint,
            records.blueprint,
            history.blueprint,
            forms.blueprint,
            worklists.blueprint,
            duplicates.blueprint,
            periods.blueprint,
            imports.blueprint,
            national.blueprint,
            exporting.blueprint,
        ),
        pages=(pages.blueprint,),
        state=keys_from(settings),
    )
