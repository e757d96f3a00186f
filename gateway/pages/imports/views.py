"""Imports: the list, a new one, one with its progress, its findings, confirming and cancelling.

The upload itself does not come here: nginx sends `POST /imports/upload` straight to imports, which
answers with the page of the import, or with `/imports/new?problem=<code>`.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gateway.clients import Clients
from gateway.forms import Form, page_number
from gateway.names import people_of
from gateway.pages.imports import presenters
from gateway.pages.imports.problems import copy_problem, problem_text
from gateway.paging import pages_of
from services.shared.errors import Conflict
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("imports", __name__)
FINDINGS_PAGE = 50
FIRST_FINDINGS = 10


@blueprint.get("/imports")
@allows("records.read")
def list_imports() -> str:
    clients: Clients = app_state()
    answer = clients.imports.list_imports(page=page_number(request.args.get("page")))
    return render_template(
        "imports/list.html",
        imports=presenters.rows_of(answer["items"]),
        pages=pages_of(answer, "/imports"),
    )


@blueprint.get("/imports/new")
@allows("records.import")
def choose_file() -> str:
    problem = problem_text(request.args.get("problem"))
    form = Form({"mode": "add_and_update"}, {"file": [problem]} if problem else {})
    choices_open = request.args.get("choices") == "open"
    return render_template("imports/new.html", form=form, choices_open=choices_open)


@blueprint.get("/imports/<uuid:import_id>")
@allows("records.read")
def show_import(import_id: UUID) -> str:
    return _page(import_id, copy_problem(request.args.get("problem")))


@blueprint.get("/imports/<uuid:import_id>/progress")
@allows("records.read")
def progress(import_id: UUID) -> Response:
    """What the open page asks for: figures, and its section anew when the state has moved."""
    clients: Clients = app_state()
    import_ = clients.imports.get_import(import_id)
    view = presenters.view_of(import_)
    moved = view.state != request.args.get("state")
    html = render_template("imports/status.html", **_parts(import_id, import_)) if moved else None
    return jsonify(
        state=view.state,
        stage=view.stage,
        percent=view.percent,
        words=view.words,
        queue=view.queue,
        spoken=view.spoken,
        settled=view.settled,
        html=html,
    )


@blueprint.get("/imports/<uuid:import_id>/findings")
@allows("records.read")
def list_findings(import_id: UUID) -> str:
    clients: Clients = app_state()
    groups = clients.imports.list_finding_groups(import_id)
    titles = {group["code"]: group["title"] for group in groups}
    code = request.args.get("code") if request.args.get("code") in titles else None
    level = request.args.get("level")
    level = level if level in ("error", "warning") else None
    answer = clients.imports.list_findings(
        import_id,
        page=page_number(request.args.get("page")),
        page_size=FINDINGS_PAGE,
        code=code,
        level=level,
    )
    return render_template(
        "imports/findings.html",
        import_=clients.imports.get_import(import_id),
        findings=presenters.findings_of(answer["items"]),
        titles=dict(sorted(titles.items())),
        code=code,
        level=level,
        pages=pages_of(answer, f"/imports/{import_id}/findings", code=code, level=level),
    )


@blueprint.get("/imports/<uuid:import_id>/receipt")
@allows("records.read")
def show_receipt(import_id: UUID) -> str:
    clients: Clients = app_state()
    signed = clients.imports.get_receipt(import_id)
    return render_template(
        "imports/receipt.html",
        signed=signed,
        receipt=signed["receipt"],
        import_=clients.imports.get_import(import_id),
        ledger=presenters.ledger_of({"counts": signed["receipt"]["ledger"]}),
    )


@blueprint.get("/imports/<uuid:import_id>/receipt.json")
@allows("records.read")
def download_receipt(import_id: UUID) -> Response:
    clients: Clients = app_state()
    answer = jsonify(clients.imports.get_receipt(import_id))
    answer.headers["Content-Disposition"] = f'attachment; filename="receipt-{import_id}.json"'
    return answer


@blueprint.post("/imports/<uuid:import_id>/confirmation")
@allows("records.import")
def confirm(import_id: UUID) -> AnyResponse | tuple[str, int]:
    clients: Clients = app_state()
    try:
        clients.imports.confirm(import_id)
    except Conflict as error:
        return _page(import_id, error.detail), 409
    return redirect(f"/imports/{import_id}", 303)


@blueprint.post("/imports/<uuid:import_id>/cancellation")
@allows("records.import")
def cancel(import_id: UUID) -> AnyResponse | tuple[str, int]:
    clients: Clients = app_state()
    try:
        clients.imports.cancel(import_id)
    except Conflict as error:
        return _page(import_id, error.detail), 409
    return redirect(f"/imports/{import_id}", 303)


def _page(import_id: UUID, problem: str | None = None) -> str:
    clients: Clients = app_state()
    import_ = clients.imports.get_import(import_id)
    form = Form({}, {"": [problem]} if problem else {})
    return render_template(
        "imports/import.html",
        form=form,
        history=presenters.history_of(import_, people_of(clients)),
        **_parts(import_id, import_),
    )


def _parts(import_id: UUID, import_: dict[str, Any]) -> dict[str, Any]:
    """What the page and its section need; findings only once there can be any."""
    clients: Clients = app_state()
    view = presenters.view_of(import_)
    groups: list[dict[str, Any]] = []
    first: list[dict[str, Any]] = []
    if view.state not in ("received", "checking"):
        groups = presenters.groups_of(clients.imports.list_finding_groups(import_id))
    if groups:
        answer = clients.imports.list_findings(import_id, page=1, page_size=FIRST_FINDINGS)
        first = presenters.findings_of(answer["items"])
    return {
        "import_": import_,
        "view": view,
        "ledger": presenters.ledger_of(import_),
        "file_findings": presenters.file_findings_of(import_.get("file_findings") or []),
        "groups": groups,
        "first_findings": first,
        "changes": presenters.changes_of(import_),
        "dates": presenters.dates_of(import_),
        "undone": presenters.undone_of(import_),
        "passed_over": presenters.passed_over_of(import_),
        "confirm_text": presenters.confirm_text(import_),
        "nothing_to_store": presenters.nothing_to_store(import_),
        "dates_in_doubt": presenters.dates_in_doubt(import_),
    }
