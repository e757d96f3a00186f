"""Liveness and readiness of a web process; nginx never serves them."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import text

from services.shared.db import transaction
from services.shared.errors import Unavailable
from services.shared.identity import public

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
@public
def live() -> Response:
    """The process answers."""
    return jsonify(status="live")


@blueprint.get("/ready")
@public
def ready() -> Response:
    """The process can do its work: its database answers."""
    engine = current_app.extensions["fls_engine"]
    if engine is not None:
        try:
            with transaction(engine, read_only=True) as session:
                session.execute(text("SELECT 1"))
        except Exception:
            raise Unavailable("The database does not answer.") from None
    return jsonify(status="ready")
