"""Joins the parts of the facilities web application; the only place where that is done."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import Engine

from services.facilities.settings import Settings
from services.facilities.views import answers, progress, results, rounds, sections
from services.shared.db import make_engine
from services.shared.web import make_app


def create_app(settings: Settings, engine: Engine | None = None) -> Flask:
    """Build the application. `engine`: one that is there already, for tests."""
    return make_app(
        "facilities",
        settings,
        engine=engine or make_engine(settings.database_url, application_name="facilities.web"),
        blueprints=(
            rounds.blueprint,
            rounds.questionnaires,
            answers.blueprint,
            sections.blueprint,
            progress.blueprint,
            results.blueprint,
        ),
    )
