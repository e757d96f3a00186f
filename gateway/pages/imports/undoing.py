"""Undoing an import that was stored: what it would do, then doing it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.forms import Form
from services.shared.errors import Conflict
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("undoing", __name__)


@blueprint.get("/imports/<uuid:import_id>/undo")
@allows("records.import")
def ask_undo(import_id: UUID) -> Response | str:
    clients: Clients = app_state()
    import_ = clients.imports.get_import(import_id)
    if import_["state"] != "applied":
        return redirect(f"/imports/{import_id}")
    return render_template(
        "imports/undo.html",
        form=Form({}, {}),
        import_=import_,
        preview=clients.records.preview_undo(import_id),
    )


@blueprint.post("/imports/<uuid:import_id>/undo")
@allows("records.import")
def undo(import_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    try:
        clients.imports.undo(import_id)
    except Conflict as error:
        page = render_template(
            "imports/undo.html",
            form=Form({}, {"": [error.detail]}),
            import_=clients.imports.get_import(import_id),
            preview=None,
        )
        return page, 409
    return redirect(f"/imports/{import_id}", 303)
