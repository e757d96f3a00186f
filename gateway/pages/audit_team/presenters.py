"""Registrations, accounts and progress in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.pages import states
from gateway.pages.people.presenters import role_title

KINDS = {
    "hospital": "Hospital",
    "gp_practice": "GP practice",
    "network": "Network",
    "community": "Community service",
}
NATIONS = {"england": "England", "wales": "Wales", "northern_ireland": "Northern Ireland"}
APPLICATION_FILTERS = {
    "submitted": "Waiting",
    "approved": "Approved",
    "declined": "Declined",
    "all": "All",
}
_LINES = (
    ("organisation_name", "Organisation"),
    ("organisation_kind", "Kind"),
    ("ods_code", "ODS code"),
    ("nation", "Nation"),
    ("has_fls", "Fracture liaison service"),
    ("fls_name", "Name of the service"),
    ("lead_name", "Lead"),
    ("lead_email", "E-mail address"),
    ("lead_job", "Job title"),
    ("lead_phone", "Telephone"),
)


def tag_of(application: Mapping[str, Any]) -> states.State:
    """Where a registration stands."""
    return states.shown(states.APPLICATION, application["state"])


def applications_of(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the queue."""
    return [
        {
            **item,
            "tag": tag_of(item),
            "kind": KINDS.get(item["organisation_kind"], item["organisation_kind"]),
            "service": "Yes" if item["has_fls"] else "No",
        }
        for item in items
    ]


def lines_of(application: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A registration form, question by question; what was left blank is left out."""
    words = {
        **application,
        "organisation_kind": KINDS.get(application["organisation_kind"], ""),
        "nation": NATIONS.get(application["nation"], ""),
        "has_fls": "Yes: patient audit and facilities audit"
        if application["has_fls"]
        else "No: facilities audit only",
    }
    return [(label, str(words[key])) for key, label in _LINES if words.get(key)]


def accounts_of(items: list[dict[str, Any]], own_id: object) -> list[dict[str, Any]]:
    """The rows of the list of accounts; nobody can switch off the account they use."""
    return [
        {
            **item,
            "tag": states.shown(states.ACCOUNT, item.get("state") or "active"),
            "role": ", ".join(role_title(role) for role in item.get("roles") or []),
            "own": str(item["account_id"]) == str(own_id),
        }
        for item in items
    ]


def counts_of(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Sites by state, in the order of the work."""
    return [
        {"label": state.text, "value": counts.get(key, 0)} for key, state in states.ANSWERS.items()
    ]


def sites_of(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the list of sites."""
    return [
        {
            **item,
            "tag": states.shown(states.ANSWERS, item["state"]),
            "service": "Yes" if item.get("has_fls") else "No",
        }
        for item in items
    ]
