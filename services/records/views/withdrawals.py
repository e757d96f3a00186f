"""Taking records out and bringing them back; opt-outs; erasing what identifies a patient."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from dataset.nhs_number import is_valid, normalised
from services.records import schemas
from services.records.actions import erasing, withdrawing
from services.records.actions.finding import list_item
from services.records.queries import deciding as queries
from services.records.queries.finding import list_items
from services.records.today import today_in_london
from services.records.views.opening import author, note_opening, opened, own_records
from services.shared.errors import InvalidInput
from services.shared.identity import allows, current_actor
from services.shared.web import app_state

blueprint = Blueprint("withdrawals", __name__, description="Withdrawals")


@blueprint.post("/records/<uuid:record_id>/deletion")
@allows("records.delete")
@blueprint.arguments(schemas.DeleteRecordBody)
@blueprint.response(204)
def delete_record(body: dict[str, Any], record_id: UUID) -> None:
    """Delete a record softly; with the reason opt_out withdraw the patient for good.

    409 `version_moved`, `period_locked` (an opt-out is honoured in a locked year too).
    """
    with own_records() as (session, site_id):
        withdrawing.delete_record(
            session, app_state(), site_id=site_id, record_id=record_id, by=author("page"),
            today=today_in_london(), **body,
        )  # fmt: skip


@blueprint.post("/records/<uuid:record_id>/restoration")
@allows("records.delete")
@blueprint.arguments(schemas.VersionBody)
@blueprint.response(200, schemas.RecordAnswer)
def restore_record(body: dict[str, Any], record_id: UUID) -> dict[str, Any]:
    """Bring a deleted record back with all it held.

    409 `withdrawn` after an opt-out, `opted_out`, `local_id_taken`, `version_moved`,
    `period_locked`.
    """
    with own_records() as (session, site_id):
        withdrawing.restore_record(
            session, app_state(), site_id=site_id, record_id=record_id, by=author("page"),
            today=today_in_london(), **body,
        )  # fmt: skip
    note_opening(record_id)
    return opened(record_id)


@blueprint.get("/records/deleted")
@allows("records.delete")
@blueprint.arguments(schemas.DeletedQuery, location="query", unknown=RAISE)
@blueprint.response(200, schemas.DeletedAnswer)
def list_deleted(query: dict[str, Any]) -> dict[str, Any]:
    """List deleted records: which, why, when, by whom."""
    keys, today = app_state(), today_in_london()
    with own_records(read_only=True) as (session, site_id):
        found, total = queries.list_deleted(session, site_id=site_id, **query)
        rows = list_items(session, [each["record_id"] for each in found], with_deleted=True)
    items = [list_item(keys, rows[each["record_id"]], today=today) | each for each in found]
    return {"items": items, "total": total, **query}


@blueprint.post("/records/<uuid:record_id>/erasure")
@allows("records.erase")
@blueprint.arguments(schemas.EraseBody)
@blueprint.response(200, schemas.RecordAnswer)
def erase_patient(body: dict[str, Any], record_id: UUID) -> dict[str, Any]:
    """Erase for good what identifies the patient of a record; the answers go on counting."""
    with own_records() as (session, site_id):
        erasing.erase_patient(
            session, app_state(), site_id=site_id, record_id=record_id, by=author("page"), **body
        )
    note_opening(record_id)
    return opened(record_id)


@blueprint.post("/opt-outs")
@allows("records.delete")
@blueprint.arguments(schemas.OptOutBody)
@blueprint.response(204)
def record_opt_out(body: dict[str, str]) -> None:
    """Keep a patient out, at every site; only a keyed hash of the number is stored.

    409 `has_records`: your site has records of the patient, which have to be withdrawn.
    """
    number = normalised(body["nhs_number"])
    if not is_valid(number):
        raise InvalidInput(
            {"nhs_number": ["Give the ten digits of the NHS number; the last checks the others."]}
        )
    with own_records() as (session, site_id):
        withdrawing.record_opt_out(
            session, app_state(), site_id=site_id, nhs_number=number,
            by=current_actor().account_id,
        )  # fmt: skip


@blueprint.get("/opt-outs/count")
@allows("records.delete")
@blueprint.response(200, schemas.OptOutCount)
def count_opt_outs() -> dict[str, int]:
    """Count the opt-outs that your site has recorded."""
    with own_records(read_only=True) as (session, site_id):
        return {"count": queries.count_opt_outs(session, site_id=site_id)}
