"""Mending cells of a checked file on the page; the file is then checked again."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from dataset.fields import FIELD_BY_KEY
from gateway.clients import Clients
from gateway.forms import Form, page_number
from gateway.paging import pages_of
from services.shared.errors import Conflict, InvalidInput, NotFound
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("mending", __name__)
ROWS = 20
SEVERAL = 3
"""From so many rows of a page with the same wrong answer on, its set-up is the shorter way."""


@blueprint.get("/imports/<uuid:import_id>/mend")
@allows("records.import")
def show_cells(import_id: UUID) -> str:
    return _page(import_id, Form({}, {}))


@blueprint.post("/imports/<uuid:import_id>/mend")
@allows("records.import")
def mend(import_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    try:
        changed = _changed(clients, import_id)
        if not changed:
            form = Form({}, {"": ["Nothing was changed yet. Correct a cell first."]})
            return _page(import_id, form), 422
        new = clients.imports.correct(import_id, changed)
    except (Conflict, NotFound) as error:
        return _page(import_id, Form({}, {"": [error.detail]})), 409
    except InvalidInput as error:
        return _page(import_id, Form({}, {"": [error.detail]})), 422
    return redirect(f"/imports/{new['import_id']}", 303)


@blueprint.get("/imports/<uuid:import_id>/corrections")
@allows("records.read")
def show_corrections(import_id: UUID) -> str:
    clients: Clients = app_state()
    return render_template(
        "imports/corrections.html",
        import_=clients.imports.get_import(import_id),
        corrections=clients.imports.list_corrections(import_id),
    )


def _changed(clients: Clients, import_id: UUID) -> list[dict[str, Any]]:
    """The cells of the page that were sent whose text is another than in the file."""
    number = page_number(request.form.get("page"))
    answer = clients.imports.list_mendable(import_id, page=number, page_size=ROWS)
    changed = []
    for row in answer["items"]:
        for place, cell in enumerate(row["cells"]):
            sent = request.form.get(f"cell-{row['row']}-{place}")
            if sent is not None and sent.strip() != cell["value"].strip():
                changed.append({"row": row["row"], "field": cell["field"], "value": sent.strip()})
    return changed


def _page(import_id: UUID, form: Form) -> str:
    clients: Clients = app_state()
    number = page_number(request.values.get("page"))
    answer = clients.imports.list_mendable(import_id, page=number, page_size=ROWS)
    return render_template(
        "imports/mend.html",
        form=form,
        import_=clients.imports.get_import(import_id),
        rows=[_shown(row) for row in answer["items"]],
        pages=pages_of(answer, f"/imports/{import_id}/mend"),
        page=number,
        repeated=_repeated(answer["items"]),
    )


def _repeated(rows: list[dict[str, Any]]) -> list[str]:
    """Answers that are wrong in several rows of the page, in words: said once, all are mended."""
    seen = Counter(
        f"“{cell['value'].strip()}” in {cell['heading']}"
        for row in rows
        for cell in row["cells"]
        if cell["messages"] and cell["value"].strip() and _options(cell["field"])
    )
    return [words for words, count in seen.most_common() if count >= SEVERAL]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row for the page: cells of a list are chosen from it, all others are typed."""
    return {
        "row": row["row"],
        "cells": [
            {
                **cell,
                "name": f"cell-{row['row']}-{place}",
                "options": _options(cell["field"]),
            }
            for place, cell in enumerate(row["cells"])
        ],
    }


def _options(key: str) -> list[tuple[str, str]]:
    field = FIELD_BY_KEY.get(key)
    if field is None or field.kind != "single":
        return []
    return [(option.code, f"{option.code} {option.label}") for option in field.options]
