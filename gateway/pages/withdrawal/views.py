"""Deleting and restoring records, recording opt-outs, erasing identifiers."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from dataset.nhs_number import is_valid, normalised
from gateway.clients import Clients
from gateway.forms import Form, page_number
from gateway.names import people_of
from gateway.pages.withdrawal import presenters
from gateway.paging import pages_of
from gateway.worklists import count_from
from services.shared.errors import Conflict, InvalidInput
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("withdrawal", __name__)
_NOT_UNDERSTOOD = "Tick the box to say that you know it cannot be undone."
_MOVED = "version_moved"
_LOOK_AGAIN = "Somebody has changed the record since you opened this page. Look at it, then go on."


@blueprint.get("/records/<uuid:record_id>/delete")
@allows("records.delete")
def ask_to_delete(record_id: UUID) -> str:
    return _page("withdrawal/delete.html", record_id, Form())


@blueprint.post("/records/<uuid:record_id>/delete")
@allows("records.delete")
def delete(record_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    reason, understood = request.form.get("reason", ""), request.form.get("understood", "")
    form = Form({"reason": reason, "understood": understood})
    if not presenters.is_reason(reason):
        form.errors = {"reason": ["Choose the reason."]}
    elif reason == presenters.OPT_OUT and not understood:
        form.errors = {"understood": [_NOT_UNDERSTOOD]}
    if form.errors:
        return _page("withdrawal/delete.html", record_id, form), 422
    try:
        clients.records.delete_record(record_id, version=_version(), reason=reason)
    except (Conflict, InvalidInput) as error:
        form.errors = _errors_of(error)
        return _page("withdrawal/delete.html", record_id, form), 409
    notice = "withdrawn" if reason == presenters.OPT_OUT else "deleted"
    return redirect(f"/records/deleted?notice={notice}", 303)


@blueprint.get("/records/deleted")
@allows("records.delete")
def list_deleted() -> str:
    return _deleted(Form())


@blueprint.post("/records/<uuid:record_id>/restoration")
@allows("records.delete")
def restore(record_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    try:
        clients.records.restore_record(record_id, version=_version())
    except Conflict as error:
        return _deleted(Form({}, {"": [error.detail]})), 409
    return redirect("/records/deleted?notice=restored", 303)


@blueprint.get("/opt-outs")
@allows("records.delete")
def ask_opt_out() -> str:
    return _opt_outs(Form())


@blueprint.post("/opt-outs")
@allows("records.delete")
def record_opt_out() -> Response | tuple[str, int]:
    clients: Clients = app_state()
    typed, understood = request.form.get("nhs_number", ""), request.form.get("understood", "")
    number = normalised(typed)
    form = Form({"nhs_number": typed.strip(), "understood": understood})
    errors = {}
    if not is_valid(number):
        errors["nhs_number"] = [
            "Enter the ten digits of the NHS number; the last digit checks the others."
        ]
    if not understood:
        errors["understood"] = [_NOT_UNDERSTOOD]
    form.errors = errors
    if errors:
        return _opt_outs(form), 422
    try:
        clients.records.record_opt_out(number)
    except InvalidInput as error:
        form.errors = error.errors or {"": [error.detail]}
        return _opt_outs(form), 422
    except Conflict as error:
        form.errors = {"": [error.detail]}
        return _opt_outs(form), 409
    return redirect("/opt-outs?notice=recorded", 303)


@blueprint.get("/records/<uuid:record_id>/erase")
@allows("records.erase")
def ask_to_erase(record_id: UUID) -> str:
    return _page("withdrawal/erase.html", record_id, Form())


@blueprint.post("/records/<uuid:record_id>/erase")
@allows("records.erase")
def erase(record_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    reason, understood = request.form.get("reason", "").strip(), request.form.get("understood", "")
    form = Form({"reason": reason, "understood": understood})
    errors = {}
    if not reason:
        errors["reason"] = ["Say who asked for it and why, without naming the patient."]
    if not understood:
        errors["understood"] = [_NOT_UNDERSTOOD]
    form.errors = errors
    if errors:
        return _page("withdrawal/erase.html", record_id, form), 422
    try:
        clients.records.erase_patient(record_id, version=_version(), reason=reason)
    except (Conflict, InvalidInput) as error:
        form.errors = _errors_of(error)
        return _page("withdrawal/erase.html", record_id, form), 409
    return redirect(f"/records/{record_id}", 303)


def _version() -> int:
    return count_from(request.form.get("version")) or 0


def _errors_of(error: Conflict | InvalidInput) -> dict[str, list[str]]:
    if isinstance(error, InvalidInput):
        return {name: list(messages) for name, messages in error.errors.items()} or {
            "": [error.detail]
        }
    return {"": [_LOOK_AGAIN if error.code == _MOVED else error.detail]}


def _page(template: str, record_id: UUID, form: Form) -> str:
    clients: Clients = app_state()
    record = clients.records.get_record(record_id)
    return render_template(
        template,
        form=form,
        record=record,
        who=presenters.who_of(record),
        reasons=presenters.REASONS,
    )


def _deleted(form: Form) -> str:
    clients: Clients = app_state()
    answer = clients.records.list_deleted(page=page_number(request.args.get("page")))
    return render_template(
        "withdrawal/deleted.html",
        form=form,
        records=presenters.deleted_of(answer["items"], people_of(clients)),
        pages=pages_of(answer, "/records/deleted"),
        notice=request.args.get("notice"),
    )


def _opt_outs(form: Form) -> str:
    clients: Clients = app_state()
    return render_template(
        "withdrawal/opt_outs.html",
        form=form,
        count=clients.records.count_opt_outs(),
        notice=request.args.get("notice"),
    )
