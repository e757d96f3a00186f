"""Between the form of a person and what registration takes.

Each role that can be given something more has a field of its own for it, `grants_<role>`, so that
the page offers only what is possible; only that of the chosen role is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from gateway.pages.people.presenters import ROLES

FIELDS = ("name", "email", "role", *(f"grants_{role}" for role in ROLES))


def typed(form: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed and chosen."""
    values: dict[str, Any] = {
        name: form.get(name, "").strip() for name in ("name", "email", "role")
    }
    return values | {f"grants_{role}": form.getlist(f"grants_{role}") for role in ROLES}


def values_of(person: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that show a person as they are."""
    values: dict[str, Any] = {f"grants_{role}": [] for role in ROLES}
    values[f"grants_{person['role']}"] = list(person["grants"])
    return values | {name: person[name] for name in ("name", "email", "role")}


def change_from(values: Mapping[str, Any], site_id: object) -> dict[str, Any]:
    """What to send to change a person."""
    return {
        "role": values["role"],
        "grants": values.get(f"grants_{values['role']}", []),
        "site_id": str(site_id),
    }


def person_from(values: Mapping[str, Any], site_id: object) -> dict[str, Any]:
    """What to send to add a person."""
    return change_from(values, site_id) | {"name": values["name"], "email": values["email"]}


def fields_of(errors: Mapping[str, list[str]], role: str) -> dict[str, list[str]]:
    """Leads what registration says about grants to the field of the chosen role."""
    return {
        f"grants_{role}" if name == "grants" and role in ROLES else name: list(messages)
        for name, messages in errors.items()
    }
