"""Between the form of a person and what registration takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

FIELDS = ("name", "email", "role", "grants")


def typed(form: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed and chosen."""
    values: dict[str, Any] = {name: form.get(name, "").strip() for name in FIELDS[:3]}
    return values | {"grants": form.getlist("grants")}


def values_of(person: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that show a person as they are."""
    return {name: person[name] for name in FIELDS}


def change_from(values: Mapping[str, Any], site_id: object) -> dict[str, Any]:
    """What to send to change a person. A lead may all of it anyway, so nothing is granted."""
    grants = [] if values["role"] == "site_lead" else values["grants"]
    return {"role": values["role"], "grants": grants, "site_id": str(site_id)}


def person_from(values: Mapping[str, Any], site_id: object) -> dict[str, Any]:
    """What to send to add a person."""
    return change_from(values, site_id) | {"name": values["name"], "email": values["email"]}
