"""Records of the caller's own site."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from services.records import schemas
from services.records.actions import acknowledging, recording
from services.records.actions.looking_up import look_up
from services.records.today import today_in_london
from services.records.views.opening import author, note_opening, opened, own_records
from services.shared.errors import Forbidden
from services.shared.identity import allows, current_actor
from services.shared.web import app_engine, app_state, json_answer

blueprint = Blueprint("records", __name__, url_prefix="/records", description="Records")


@blueprint.post("")
@allows("records.write")
@blueprint.arguments(schemas.CreateRecordBody)
@blueprint.response(201, schemas.RecordAnswer)
def create_record(body: dict[str, Any]) -> dict[str, Any]:
    """Add a record.

    422 with errors, all `findings` told: nothing is stored. 409 `already_recorded` with
    `record_id` when its local identifier, or NHS number and date of diagnosis, name a record that
    is there; 409 `opted_out`, `period_locked`.
    """
    _refuse_acknowledging(body)
    with own_records() as (session, site_id):
        record_id = recording.create_record(
            session, app_state(), site_id=site_id, wire=body["values"],
            tokens=body["acknowledged"], opt_out_checked_on=body["opt_out_checked_on"],
            by=author("api"), today=today_in_london(),
        )  # fmt: skip
    return opened(record_id)


@blueprint.post("/lookup")
@allows("records.write")
@blueprint.arguments(schemas.LookupBody)
@blueprint.response(200, schemas.LookupAnswer)
def look_up_number(body: dict[str, Any]) -> dict[str, Any]:
    """Look an NHS number up before you type a record: is it one, is the patient here already?

    Finding V24 says that the patient has opted out.
    """
    with own_records() as (session, site_id):
        return look_up(
            session, app_state(), site_id=site_id, text=body["nhs_number"], today=today_in_london()
        )


@blueprint.get("/<uuid:record_id>")
@allows("records.read")
@blueprint.response(200, schemas.RecordAnswer)
def get_record(record_id: UUID) -> Response:
    """Open a record of your site, or what is none yet, with its identifiers. It is logged first."""
    with app_engine().connect() as connection:
        # A transaction of its own, committed before anything is opened: no log, no answer.
        note_opening(record_id, on=connection)
        return json_answer(opened(record_id, on=connection))


@blueprint.patch("/<uuid:record_id>")
@allows("records.write")
@blueprint.arguments(schemas.ChangeRecordBody)
@blueprint.response(200, schemas.RecordAnswer)
def change_record(body: dict[str, Any], record_id: UUID) -> dict[str, Any]:
    """Change answers of a record.

    422 when the record would have errors: nothing is stored. 409 `version_moved` when somebody
    else has changed one of these fields to something else since `version`: `conflicts` holds both
    values. To keep yours, send again with the `version` of the problem.
    """
    _refuse_acknowledging(body)
    note_opening(record_id, writing=True)
    with own_records() as (session, site_id):
        recording.change_record(
            session, app_state(), site_id=site_id, record_id=record_id, version=body["version"],
            wire=body["values"], tokens=body["acknowledged"], by=author("api"),
            today=today_in_london(),
        )  # fmt: skip
    return opened(record_id)


@blueprint.post("/<uuid:record_id>/acknowledgements")
@allows("records.acknowledge")
@blueprint.arguments(schemas.AcknowledgeBody)
@blueprint.response(200, schemas.RecordAnswer)
def acknowledge(body: dict[str, Any], record_id: UUID) -> dict[str, Any]:
    """Acknowledge warnings of a record: you have looked, and it is right.

    409 `version_moved` when answers that a warning is about have changed since `version`.
    """
    note_opening(record_id, writing=True)
    with own_records() as (session, site_id):
        acknowledging.acknowledge(
            session, app_state(), site_id=site_id, record_id=record_id, version=body["version"],
            tokens=body["tokens"], by=author("page"), today=today_in_london(),
        )  # fmt: skip
    return opened(record_id)


def _refuse_acknowledging(body: dict[str, Any]) -> None:
    if body["acknowledged"] and not current_actor().has("records.acknowledge"):
        raise Forbidden("Your account does not have the right to acknowledge warnings.")
