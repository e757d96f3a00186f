"""The forms of records: what people type, saved at any point and in any order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.records import schemas
from services.records.actions import entries
from services.records.today import today_in_london
from services.records.views.opening import author, note_opening, opened, own_records
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("forms", __name__, url_prefix="/forms", description="Typing records")


@blueprint.post("")
@allows("records.write")
@blueprint.arguments(schemas.StartFormBody)
@blueprint.response(201, schemas.RecordAnswer)
@blueprint.alt_response(200, schema=schemas.RecordAnswer, description="It was there already.")
def start_form(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Save the first texts of a new record.

    It becomes a record as soon as the five key fields can be read. Until then, and for all that
    cannot be read, the texts are kept as they were typed. 409 `opted_out`: nothing was kept.
    """
    form = entries.Form(version=0, **body)
    with own_records() as (session, site_id):
        is_new = entries.start_form(
            session, app_state(), site_id=site_id, form=form, by=author("page"),
            today=today_in_london(),
        )  # fmt: skip
    if not is_new:
        note_opening(form.record_id, writing=True)
    return opened(form.record_id), 201 if is_new else 200


@blueprint.put("/<uuid:record_id>")
@allows("records.write")
@blueprint.arguments(schemas.SaveFormBody)
@blueprint.response(200, schemas.RecordAnswer)
def save_form(body: dict[str, Any], record_id: UUID) -> dict[str, Any]:
    """Save texts of a form.

    What can be read is stored, errors and all; the rest waits in `texts`. 409 `version_moved` when
    somebody else has changed one of these fields to something else since your version:
    `conflicts` holds both texts, and nothing is saved. To keep yours, save again with `version`.
    """
    note_opening(record_id, writing=True)
    with own_records() as (session, site_id):
        entries.save_form(
            session, app_state(), site_id=site_id, form=entries.Form(record_id=record_id, **body),
            by=author("page"), today=today_in_london(),
        )  # fmt: skip
    return opened(record_id)


@blueprint.delete("/<uuid:record_id>")
@allows("records.write")
@blueprint.response(204)
def drop_form(record_id: UUID) -> None:
    """Drop what is no record yet, for good. 404 once it is a record."""
    with own_records() as (session, site_id):
        entries.drop_entry(session, site_id=site_id, record_id=record_id)
