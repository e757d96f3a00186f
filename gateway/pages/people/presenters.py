"""Roles and people in words."""

from __future__ import annotations

from typing import Any, NamedTuple

from gateway.pages import states


class RoleWords(NamedTuple):
    """A role for people; `needs_patients`: it is of no use at a site without patient audit."""

    title: str
    hint: str
    needs_patients: bool = True


ROLES: dict[str, RoleWords] = {
    "site_reader": RoleWords("Reader", "Sees the site’s records and changes nothing."),
    "data_entry": RoleWords("Data entry", "Types records in and corrects them."),
    "clinician": RoleWords("Clinician", "As data entry, and acknowledges warnings."),
    "site_lead": RoleWords(
        "Lead",
        "All of this, and: uploads files, takes records out, deletes them, sees who opened them, "
        "hands the facilities audit in, makes API tokens, manages people.",
        needs_patients=False,
    ),
    "facilities_respondent": RoleWords(
        "Facilities respondent",
        "Fills in the facilities audit and sees no record. The lead hands it in.",
        needs_patients=False,
    ),
}
"""The roles at a site, in the order of the form."""

GRANTS = {
    "import": ("Upload files of records", "For data entry and clinicians."),
    "export": (
        "Take records out as a file, with what identifies the patient",
        "For clinicians.",
    ),
}
"""What a lead can allow beyond a role: its words, and to whom."""

NATIONAL = {
    "audit_team": "Audit team",
    "auditor": "Auditor",
    "system_admin": "System administration",
}


def role_title(role: str) -> str:
    """A role's name for people."""
    known = ROLES.get(role)
    return known.title if known else NATIONAL.get(role, role)


def people_of(
    items: list[dict[str, Any]], own_id: object
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Who is at the site, and who was; those of the audit team who visited it are left out."""
    told = [_person(item, own_id) for item in items if not item["is_audit_team"]]
    return [one for one in told if one["is_here"]], [one for one in told if not one["is_here"]]


def _person(item: dict[str, Any], own_id: object) -> dict[str, Any]:
    role = str(item.get("role") or "")
    grants = [GRANTS[one][0] if one in GRANTS else one for one in item.get("grants") or []]
    return {
        **item,
        "role_title": role_title(role),
        "may_also": " and ".join(f"may {words[0].lower()}{words[1:]}" for words in grants),
        "tag": states.shown(states.ACCOUNT, item.get("state") or "active"),
        "own": str(item["account_id"]) == str(own_id),
    }
