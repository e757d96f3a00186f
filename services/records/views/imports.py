"""What became of an import, as records knows it, and what people decide about its held rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from flask import g
from flask_smorest import Blueprint
from marshmallow import RAISE

from dataset.fields import FIELDS
from dataset.wire import wire_from_value
from services.records import schemas
from services.records.actions import holding
from services.records.actions.reading import log_held_row
from services.records.actions.undoing import preview
from services.records.domain.authors import Author
from services.records.domain.decisions import HELD_REASONS
from services.records.queries import changing
from services.records.queries import holding as queries_of_held
from services.records.queries import records as queries
from services.records.queries.staging import find_import
from services.records.queries.undoing import KEPT, REMOVED, RESTORED
from services.records.today import today_in_london
from services.records.views.opening import author, note_opening, own_records
from services.shared.errors import Conflict, NotFound
from services.shared.identity import allows, current_actor
from services.shared.web import app_state, site_transaction

ORDER: Final = {field.key: place for place, field in enumerate(FIELDS)}
SHOWN: Final = ("local_id", "nhs_number", "date_of_birth", "date_index_diagnosed", "site_1")
"""What tells a person which record it is."""

blueprint = Blueprint("imports", __name__, url_prefix="/imports", description="Imports")


@blueprint.get("/<uuid:import_id>/ledger")
@allows("records.read")
@blueprint.response(200, schemas.LedgerAnswer)
def get_ledger(import_id: UUID) -> dict[str, Any]:
    """Get what an import would do and has done, counted by outcome."""
    with site_transaction(read_only=True) as session:
        queries.require_patient_audit(session, site_id=current_actor().own_site())
        return queries.get_import_ledger(session, import_id)


@blueprint.get("/<uuid:import_id>/undo-preview")
@allows("records.import")
@blueprint.response(200, schemas.UndoPreviewAnswer)
def preview_undo(import_id: UUID) -> dict[str, Any]:
    """Get what undoing an applied import would do to records, by their number."""
    with site_transaction(read_only=True) as session:
        queries.require_patient_audit(session, site_id=current_actor().own_site())
        staged = find_import(session, import_id)
        if staged is None:
            raise NotFound("There is no such import at your site.")
        if staged.state != "applied":
            raise Conflict("Only an import that was stored can be undone.", "wrong_state")
        counts, years = preview(session, staged)
    return {name: counts.get(name, 0) for name in (REMOVED, RESTORED, KEPT)} | {
        "locked_years": years
    }


@blueprint.get("/<uuid:import_id>/changes")
@allows("records.read")
@blueprint.arguments(schemas.ChangesQuery, location="query", unknown=RAISE)
@blueprint.response(200, schemas.ChangesAnswer)
def list_changes(query: dict[str, Any], import_id: UUID) -> dict[str, Any]:
    """List the rows that would change an answer, before the import is stored.

    409 `wrong_state` once it is being stored: the history of each record says it then.
    """
    with own_records(read_only=True) as (session, _):
        staged = find_import(session, import_id)
        if staged is None:
            raise NotFound("There is no such import at your site.")
        if staged.state != "compared":
            raise Conflict(
                "What an import would change is shown between its check and its confirmation. "
                "After that the history of each record shows it.",
                "wrong_state",
            )
        rows = changing.list_changes(
            session, import_id, query["field"], after=query["after"], limit=query["limit"],
            overwrite_unknown=bool(staged.overwrite_unknown),
        )  # fmt: skip
    return {"items": rows}


@blueprint.get("/<uuid:import_id>/held-rows")
@allows("records.import")
@blueprint.arguments(schemas.HeldRowsQuery, location="query", unknown=RAISE)
@blueprint.response(200, schemas.HeldRowsAnswer)
def list_held_rows(query: dict[str, Any], import_id: UUID) -> dict[str, Any]:
    """List rows that wait for a decision, in the order of the file, without what they say."""
    with own_records(read_only=True) as (session, _):
        staged = find_import(session, import_id)
        if staged is None:
            raise NotFound("There is no such import at your site.")
        rows = queries_of_held.list_held(
            session, import_id, after=query["after"], limit=query["limit"]
        )
        return {
            "state": staged.state,
            "total": queries_of_held.count_held(session, import_id),
            "items": [
                {"row": row.row_number, "code": row.reason, "reason": HELD_REASONS[row.reason]}
                for row in rows
            ],
        }


@blueprint.get("/<uuid:import_id>/held-rows/<int:row_number>")
@allows("records.import")
@blueprint.response(200, schemas.HeldRowAnswer)
def get_held_row(import_id: UUID, row_number: int) -> dict[str, Any]:
    """Open a held row with the records that it may be about. Each opening is logged first."""
    with own_records(read_only=True) as (session, site_id):
        held = holding.open_held(
            session, app_state(), site_id=site_id, import_id=import_id, row_number=row_number
        )
    for record in held.candidates:
        note_opening(record.record_id)
    with own_records() as (session, _):
        log_held_row(
            session, import_id=import_id, row_number=row_number, by=current_actor(),
            request_id=g.get("request_id"),
        )  # fmt: skip
    with own_records(read_only=True) as (session, _):
        staged = find_import(session, import_id)
    return _held_answer(held, overwrite_unknown=bool(staged and staged.overwrite_unknown))


@blueprint.post("/<uuid:import_id>/held-rows/<int:row_number>/decision")
@allows("records.import")
@blueprint.arguments(schemas.HeldDecisionBody)
@blueprint.response(200, schemas.HeldDecisionAnswer)
def decide_held_row(body: dict[str, Any], import_id: UUID, row_number: int) -> dict[str, Any]:
    """Decide about a held row of a stored import: update a record, add one, or leave it out.

    422 when the record would have errors: nothing is stored, and the row still waits. 409
    `wrong_state`, `decision_not_possible`, `version_moved`, `already_recorded`, `opted_out`,
    `period_locked`, `identifiers_erased`.
    """
    with own_records() as (session, site_id):
        outcome = holding.decide_held(
            session, app_state(), site_id=site_id, import_id=import_id, row_number=row_number,
            decision=body["decision"], record_id=body["record_id"], version=body["version"],
            by=_author(import_id), today=today_in_london(),
        )  # fmt: skip
    return {"outcome": outcome}


@blueprint.post("/<uuid:import_id>/held-rows/leave")
@allows("records.import")
@blueprint.response(200, schemas.HeldLeftAnswer)
def leave_held_rows(import_id: UUID) -> dict[str, Any]:
    """Leave out all rows that still wait, up to a thousand; repeat while any were left out."""
    with own_records() as (session, site_id):
        left = holding.leave_all(
            session, site_id=site_id, import_id=import_id, by=_author(import_id)
        )
    return {"left": left}


def _author(import_id: UUID) -> Author:
    return replace(author("import"), import_id=import_id)


def _held_answer(held: holding.HeldRow, *, overwrite_unknown: bool) -> dict[str, Any]:
    return {
        "row": held.row_number,
        "code": held.reason,
        "reason": HELD_REASONS[held.reason],
        "values": {key: wire_from_value(value) for key, value in held.values.items()},
        "may_add": held.may_add,
        "candidates": [
            {
                "record_id": record.record_id,
                "version": record.version,
                "values": {
                    key: wire_from_value(record.values[key])
                    for key in SHOWN
                    if key in record.values
                },
                "changes": [
                    {
                        "field": key,
                        "before": wire_from_value(record.values.get(key)),
                        "after": wire_from_value(after),
                    }
                    for key, after in sorted(
                        holding.differences(
                            held, record, overwrite_unknown=overwrite_unknown
                        ).items(),
                        key=lambda pair: ORDER[pair[0]],
                    )
                ],
            }
            for record in held.candidates
        ],
    }
