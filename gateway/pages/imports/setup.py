"""Setting a site's own file up: its headings and answers beside the dataset's; checking again."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from dataset.fields import COMPANIONS, FIELD_BY_KEY, FIELDS, KEY_FIELDS
from gateway.clients import Clients
from gateway.forms import Form
from services.shared.errors import Conflict, InvalidInput, NotFound
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("setup", __name__)

KEEP, PASS = "keep", "pass"
"""Choices of a column beside the fields: as the dataset reads it, and passed over."""
LONGEST_NAME = 80
"""As many characters imports takes for the name of a set-up."""
CHOICES = [(field.key, field.heading) for field in (*FIELDS, *COMPANIONS)]


@blueprint.get("/imports/setups")
@allows("records.import")
def list_setups() -> str:
    clients: Clients = app_state()
    return render_template(
        "imports/setups.html",
        setups=[
            {
                **each,
                "dates": _ORDERS.get(each["date_order"] or "", "As each column shows"),
                "blank": "empties the answer" if each["blank"] == "clear" else "leaves the answer",
                "changes": [_change_in_words(change) for change in each["changes"]],
            }
            for each in clients.imports.list_setups()
        ],
    )


def _change_in_words(change: dict[str, Any]) -> str:
    """What a newer dataset means for a set-up, and what to do."""
    field = FIELD_BY_KEY.get(change["field"])
    name = f"{field.no} {field.label}" if field else change["field"]
    labels = {option.code: option.label for option in field.options} if field else {}
    codes = ", ".join(f"{code} {labels.get(code, '')}".strip() for code in change["codes"])
    return {
        "gone_field": f"{name} is not asked any more. Its column is passed over.",
        "gone_answers": f"{name}: {codes} cannot be answered any more. Choose other answers the "
        "next time you upload such a file.",
        "new_field": f"{name} is new. If your file has it, say which column it is.",
        "new_answers": f"{name} has new answers: {codes}.",
    }[change["kind"]]


_ORDERS = {"dmy": "Day, month, year", "mdy": "Month, day, year", "iso": "Year, month, day"}


@blueprint.get("/imports/<uuid:import_id>/setup")
@allows("records.import")
def show_setup(import_id: UUID) -> Response | str:
    clients: Clients = app_state()
    try:
        setup = clients.imports.get_setup(import_id)
    except (Conflict, NotFound) as error:
        return redirect(f"/imports/{import_id}?problem={_problem(error)}")
    import_ = clients.imports.get_import(import_id)
    return _page(import_, setup, Form(_first_values(setup, import_["file_name"]), {}))


@blueprint.post("/imports/<uuid:import_id>/setup")
@allows("records.import")
def save_setup(import_id: UUID) -> Response | tuple[str, int]:
    clients: Clients = app_state()
    given: dict[str, str] = {name: request.form[name].strip() for name in request.form}
    if not given.get("name"):
        return _again(import_id, given, {"name": ["Give the set-up a name."]})
    try:
        setup = clients.imports.get_setup(import_id)
        clients.imports.save_setup(import_id, _body(given, setup, request.form))
        new = clients.imports.check_again(import_id)
    except (Conflict, NotFound) as error:
        return _again(import_id, given, {"": [error.detail]}, 409)
    except InvalidInput as error:
        words = [message for messages in error.errors.values() for message in messages]
        return _again(import_id, given, {"": words})
    return redirect(f"/imports/{new['import_id']}", 303)


def _again(
    import_id: UUID, given: dict[str, str], errors: dict[str, list[str]], code: int = 422
) -> tuple[str, int]:
    clients: Clients = app_state()
    import_, setup = clients.imports.get_import(import_id), clients.imports.get_setup(import_id)
    return _page(import_, setup, Form(given, errors)), code


def _page(import_: dict[str, Any], setup: dict[str, Any], form: Form) -> str:
    return render_template(
        "imports/setup.html",
        form=form,
        import_=import_,
        profile=setup["profile"],
        columns=setup["columns"],
        answers=[_answers_of(column) for column in setup["columns"] if column["not_known"]],
        fields=CHOICES,
        missing=_missing(setup, form),
    )


def _missing(setup: dict[str, Any], form: Form) -> list[str]:
    """The headings of what every new record needs and no column is, as the form stands."""
    chosen = {form.value(f"column-{column['position']}") for column in setup["columns"]}
    return [field.heading for field in KEY_FIELDS if field.key not in chosen]


def _answers_of(column: dict[str, Any]) -> dict[str, Any]:
    """A column whose list does not know some of the file's answers, with the list's own."""
    key = column["key"] or column["proposed"]
    options = FIELD_BY_KEY[key].options
    return {
        "key": key,
        "heading": column["heading"],
        "field": FIELD_BY_KEY[key].heading,
        "texts": list(column["not_known"]),
        "options": [(option.code, f"{option.code} {option.label}") for option in options],
        "position": column["position"],
    }


def name_from(file_name: str) -> str:
    """A name to propose for the set-up: the file's, without what is new in each file.

    >>> name_from("Fracture list 2026-01.csv"), name_from("ward_7.export.xlsx"), name_from("1.csv")
    ('Fracture list', 'ward 7 export', '')
    """
    stem = re.sub(r"[\s_.]+", " ", file_name.rpartition(".")[0] or file_name).strip()
    plain = re.sub(r"\b[-0-9]{4,}\b|[-0-9 ()]+$", "", stem)
    return " ".join(plain.split())[:LONGEST_NAME].strip() if re.search("[^\\W\\d]", plain) else ""


def _first_values(setup: dict[str, Any], file_name: str) -> dict[str, str]:
    """What the form is filled in with: what is read so already, and proposals for the rest."""
    profile = setup["profile"] or {}
    values = {
        "name": profile.get("name") or name_from(file_name),
        "date_order": profile.get("date_order") or "",
        "blank": profile.get("blank") or "leave",
    }
    for column in setup["columns"]:
        chosen = column["key"] or column["proposed"] or PASS
        values[f"column-{column['position']}"] = chosen
        for number, code in enumerate(column["not_known"].values()):
            values[f"value-{column['position']}-{number}"] = code
    return values


def _body(
    given: dict[str, str], setup: dict[str, Any], form: MultiDict[str, str]
) -> dict[str, Any]:
    """What the form says, as imports takes it."""
    columns: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    for column in setup["columns"]:
        position = column["position"]
        chosen = given.get(f"column-{position}", KEEP)
        if chosen != KEEP:
            columns[str(position)] = "" if chosen == PASS else chosen
        key = column["key"] or column["proposed"]
        if chosen != key:
            continue
        for number, text in enumerate(column["not_known"]):
            code = form.get(f"value-{position}-{number}")
            if code:
                values.setdefault(chosen, {})[text] = code
    return {
        "name": given["name"],
        "columns": columns,
        "values": values,
        "date_order": given.get("date_order") or None,
        "blank": given.get("blank") or "leave",
    }


def _problem(error: Conflict | NotFound) -> str:
    return "not_kept" if isinstance(error, NotFound) else "not_a_table"
