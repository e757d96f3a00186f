"""Imports: upload, progress, findings, and the decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for
from flask_smorest import Blueprint
from marshmallow import RAISE

from services.imports import metrics
from services.imports.actions.deciding import cancel_import, confirm_import
from services.imports.actions.undoing import undo_import
from services.imports.actions.uploads import AlreadyHere, Upload, receive_upload
from services.imports.domain.states import APPLYING, CHECKING, RECEIVED
from services.imports.parts import parts
from services.imports.queries import showing
from services.imports.schemas import (
    FindingAnswer,
    FindingGroupsAnswer,
    FindingsQuery,
    ImportAnswer,
    OneImportAnswer,
    PageQuery,
    UploadQuery,
    page_of,
)
from services.imports.views.bodies import CutOff, blocks_of, drain_refused, open_body
from services.imports.views.forms import refuse_form
from services.shared.errors import FlsError
from services.shared.identity import allows, current_actor
from services.shared.web import national_transaction, site_transaction

blueprint = Blueprint("imports", __name__, url_prefix="/imports", description="Uploaded files")
blueprint.after_request(drain_refused)


@blueprint.post("")
@allows("records.import")
@blueprint.arguments(UploadQuery, location="query", unknown=RAISE)
@blueprint.doc(
    requestBody={
        "description": "The bytes of the file itself, not a form: CSV or another separated text, "
        "or an Excel workbook (.xlsx); at most 256 MB.",
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string", "format": "binary"}},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
)
@blueprint.alt_response(200, schema=OneImportAnswer, description="The same bytes are here already.")
@blueprint.response(201, OneImportAnswer)
def upload(query: dict[str, Any]) -> Any:
    """Upload a file: its bytes are the body. The same bytes again answer with their import."""
    refuse_form()
    status, import_id = take_file(
        lambda stream, limit: Upload(blocks_of(stream, limit), query["file_name"], query["choices"])
    )
    with site_transaction(read_only=True) as session:
        answer = showing.get_import(session, import_id, undo_days=parts().undo_days)
    return answer, status, {"Location": url_for("imports.show", import_id=import_id)}


def take_file(make_upload: Any) -> tuple[int, UUID]:
    """Takes the body in: 201 and the new import, or 200 and the one that has the same bytes.

    Args:
        make_upload: makes the `Upload` of the body's stream and the largest size in bytes.
    """
    actor = current_actor()
    limit = parts().upload_limit_bytes
    stream = open_body(limit)
    try:
        with site_transaction() as session:
            import_id = receive_upload(
                session,
                make_upload(stream, limit),
                by=actor,
                site_id=actor.own_site(),
                keyring=parts().keyring,
            )
    except AlreadyHere as known:
        metrics.UPLOADS.labels("known").inc()
        return 200, known.import_id
    except CutOff:
        metrics.UPLOADS.labels("broken_off").inc()
        raise
    except FlsError:
        metrics.UPLOADS.labels("refused").inc()
        raise
    metrics.UPLOADS.labels("taken").inc()
    return 201, import_id


@blueprint.get("")
@allows("records.read", "records.import")
@blueprint.arguments(PageQuery, location="query", unknown=RAISE)
@blueprint.response(200, page_of(ImportAnswer))
def list_all(query: dict[str, Any]) -> Any:
    """List the site's imports, the newest first."""
    with site_transaction(read_only=True) as session:
        return showing.list_imports(session, **query, undo_days=parts().undo_days)


@blueprint.get("/<uuid:import_id>")
@allows("records.read", "records.import")
@blueprint.response(200, OneImportAnswer)
def show(import_id: UUID) -> Any:
    """Show an import: state, progress, ledger, findings about the file, history."""
    with site_transaction(read_only=True) as session:
        import_ = showing.get_import(session, import_id, undo_days=parts().undo_days)
    if import_["state"] in (RECEIVED, CHECKING, APPLYING):
        with national_transaction("imports") as session:
            import_["queue"] = showing.count_queue(session, import_)
    return import_


@blueprint.get("/<uuid:import_id>/findings")
@allows("records.read", "records.import")
@blueprint.arguments(FindingsQuery, location="query", unknown=RAISE)
@blueprint.response(200, page_of(FindingAnswer))
def list_findings(query: dict[str, Any], import_id: UUID) -> Any:
    """List findings about rows, in the order of the file; identifiers are masked."""
    with site_transaction(read_only=True) as session:
        return showing.list_findings(session, import_id, keyring=parts().keyring, **query)


@blueprint.get("/<uuid:import_id>/finding-groups")
@allows("records.read", "records.import")
@blueprint.response(200, FindingGroupsAnswer)
def list_finding_groups(import_id: UUID) -> Any:
    """List findings grouped by what is wrong in which column, with what to do about it."""
    with site_transaction(read_only=True) as session:
        return {"items": showing.group_findings(session, import_id)}


@blueprint.post("/<uuid:import_id>/confirmation")
@allows("records.import")
@blueprint.response(200, OneImportAnswer)
def confirm(import_id: UUID) -> Any:
    """Confirm a checked import: its good rows are stored. Confirming twice does nothing twice."""
    actor = current_actor()
    with site_transaction() as session:
        confirm_import(session, import_id, by=actor, site_id=actor.own_site())
        session.flush()
        return showing.get_import(session, import_id, undo_days=parts().undo_days)


@blueprint.post("/<uuid:import_id>/undo")
@allows("records.import")
@blueprint.response(200, OneImportAnswer)
def undo(import_id: UUID) -> Any:
    """Undo a stored import: its records are as before; those touched since are kept and told."""
    actor = current_actor()
    with site_transaction() as session:
        undo_import(
            session,
            import_id,
            by=actor,
            site_id=actor.own_site(),
            undo_days=parts().undo_days,
        )
        session.flush()
        return showing.get_import(session, import_id, undo_days=parts().undo_days)


@blueprint.post("/<uuid:import_id>/cancellation")
@allows("records.import")
@blueprint.response(200, OneImportAnswer)
def cancel(import_id: UUID) -> Any:
    """Cancel an import that is not yet being stored; its file is deleted."""
    with site_transaction() as session:
        cancel_import(session, import_id, by=current_actor())
        session.flush()
        return showing.get_import(session, import_id, undo_days=parts().undo_days)
