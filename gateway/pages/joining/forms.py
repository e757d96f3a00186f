"""The registration form: its fields in order, and what is read from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

FIELDS = (
    "organisation_name",
    "organisation_kind",
    "ods_code",
    "nation",
    "has_fls",
    "fls_name",
    "lead_name",
    "lead_email",
    "lead_job",
    "lead_phone",
    "statements_accepted",
)
_OPTIONAL = ("fls_name", "lead_job", "lead_phone")

KINDS = (
    ("hospital", "Hospital", "An acute trust or health board, or one of its hospitals"),
    ("gp_practice", "GP practice", ""),
    ("network", "Network", "Such as a primary care network"),
    ("community", "Community service", ""),
)
NATIONS = (("england", "England"), ("wales", "Wales"), ("northern_ireland", "Northern Ireland"))

_MISSING = {
    "organisation_name": "Enter the name of the organisation.",
    "organisation_kind": "Select what kind of organisation it is.",
    "ods_code": "Enter the ODS code of the organisation.",
    "nation": "Select where the organisation is.",
    "has_fls": "Select whether your site has a fracture liaison service.",
    "lead_name": "Enter the full name of the lead.",
    "lead_email": "Enter the e-mail address of the lead.",
    "statements_accepted": "Confirm the statements, or find out first who can.",
}


def typed(form: MultiDict[str, str]) -> dict[str, str]:
    """What was typed, without blanks around it."""
    return {name: form.get(name, "").strip() for name in FIELDS}


def missing(values: Mapping[str, str]) -> dict[str, list[str]]:
    """What has to be filled in and is not: field -> message. All else the service checks."""
    return {name: [words] for name, words in _MISSING.items() if not values[name]}


def body_from(values: Mapping[str, str]) -> dict[str, Any]:
    """The body that registration takes; questions left blank are left out."""
    body: dict[str, Any] = {
        name: text for name, text in values.items() if text or name not in _OPTIONAL
    }
    body["has_fls"] = values["has_fls"] == "yes"
    if not body["has_fls"]:
        body.pop("fls_name", None)
    body["statements_accepted"] = values["statements_accepted"] == "yes"
    return body
