"""What a person may do: roles, grants, and the rights they give.

Rights are what services ask for; a role is how people speak of a bundle of them. `RIGHTS` is the
whole vocabulary: a service may demand no other word.

Source: our role matrix (site reader, data entry, clinician, lead, facilities respondent, audit
team, auditor, system administrator), modelled on what other national audits give to their users.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.registration.domain.participation import Participation


class Role(StrEnum):
    """A role an account holds: at a site, or nationally."""

    SITE_READER = "site_reader"
    DATA_ENTRY = "data_entry"
    CLINICIAN = "clinician"
    SITE_LEAD = "site_lead"
    FACILITIES_RESPONDENT = "facilities_respondent"
    AUDIT_TEAM = "audit_team"
    AUDITOR = "auditor"
    SYSTEM_ADMIN = "system_admin"


class Grant(StrEnum):
    """What a lead can give to one person beyond the role."""

    IMPORT = "import"
    EXPORT = "export"


@dataclass(frozen=True)
class HeldRole:
    """A role with what was granted beside it."""

    role: Role
    grants: frozenset[Grant] = frozenset()


RIGHTS: Mapping[str, str] = {
    "records.read": "see the records of the own site",
    "records.write": "make and change records",
    "records.acknowledge": "acknowledge warnings of a record",
    "records.import": "upload files of records and confirm them",
    "records.export": "take records out with what identifies the patient",
    "records.delete": "delete (softly), withdraw and restore records",
    "records.reads": "see who opened which record",
    "records.erase": "erase what identifies a patient, for good",
    "records.aggregate": "see counts over all sites, and no record",
    "records.extract": "take out the pseudonymised extract of all sites",
    "periods.manage": "open and lock audit periods, extend and unlock them for a site",
    "facilities.read": "see the own site's answers to the facilities audit",
    "facilities.answer": "fill in the facilities audit",
    "facilities.submit": "hand the answers of the facilities audit in",
    "facilities.manage": "open rounds of the facilities audit, follow them, reopen answers",
    "facilities.read_national": "see the facilities audit's answers of all sites",
    "site.manage": "manage the people of the own site",
    "tokens.manage": "make and revoke the own site's API tokens",
    "registrations.review": "approve and decline registrations",
    "sites.read": "see the list of all sites",
    "sites.visit": "act at a site for an hour, with a reason that is logged",
    "accounts.manage": "manage the people of all sites, switch accounts off and on",
    "national.read": "see what is national and holds no record",
    "system.manage": "technical settings",
}
"""Every right there is, and what it lets a person do."""

RECORD_RIGHTS: Mapping[Role, frozenset[str]] = {
    Role.SITE_READER: frozenset({"records.read"}),
    Role.DATA_ENTRY: frozenset({"records.read", "records.write"}),
    Role.CLINICIAN: frozenset({"records.read", "records.write", "records.acknowledge"}),
    Role.SITE_LEAD: frozenset(
        {
            "records.read",
            "records.write",
            "records.acknowledge",
            "records.import",
            "records.export",
            "records.delete",
            "records.reads",
        }
    ),
}
"""Rights of each role at a site that takes part in the patient audit."""

FACILITIES_RIGHTS: Mapping[Role, frozenset[str]] = {
    Role.SITE_LEAD: frozenset({"facilities.read", "facilities.answer", "facilities.submit"}),
    Role.FACILITIES_RESPONDENT: frozenset({"facilities.read", "facilities.answer"}),
}
"""Rights of each role at a site that takes part in the facilities audit."""

SITE_RIGHTS: Mapping[Role, frozenset[str]] = {
    Role.SITE_LEAD: frozenset({"site.manage", "tokens.manage"}),
}
"""Rights of each role at whatever site that is approved."""

NATIONAL_RIGHTS: Mapping[Role, frozenset[str]] = {
    Role.AUDIT_TEAM: frozenset(
        {
            "registrations.review",
            "sites.read",
            "sites.visit",
            "accounts.manage",
            "facilities.manage",
            "records.aggregate",
            "records.extract",
            "periods.manage",
            "national.read",
        }
    ),
    Role.AUDITOR: frozenset(
        {"sites.read", "records.aggregate", "facilities.read_national", "national.read"}
    ),
    Role.SYSTEM_ADMIN: frozenset({"sites.read", "accounts.manage", "system.manage"}),
}
"""Rights of each role without a site; they reach over all sites, and never into a record."""

VISIT_RECORD_RIGHTS = RECORD_RIGHTS[Role.SITE_LEAD] | {"records.erase"}
VISIT_FACILITIES_RIGHTS = frozenset({"facilities.read"})
VISIT_SITE_RIGHTS = frozenset({"site.manage"})

GRANTABLE: Mapping[Role, frozenset[Grant]] = {
    Role.DATA_ENTRY: frozenset({Grant.IMPORT}),
    Role.CLINICIAN: frozenset({Grant.IMPORT, Grant.EXPORT}),
}
"""What can be granted to whom. A grant beside another role gives nothing."""

_GRANTED: Mapping[Grant, str] = {Grant.IMPORT: "records.import", Grant.EXPORT: "records.export"}

ROLE_NAMES: Mapping[Role, str] = {
    Role.SITE_READER: "reader",
    Role.DATA_ENTRY: "data entry",
    Role.CLINICIAN: "clinician",
    Role.SITE_LEAD: "lead",
    Role.FACILITIES_RESPONDENT: "facilities respondent",
    Role.AUDIT_TEAM: "audit team",
    Role.AUDITOR: "auditor",
    Role.SYSTEM_ADMIN: "system administrator",
}
"""Roles as mails and refusals speak of them."""

NATIONAL_ROLES = frozenset(NATIONAL_RIGHTS)
"""Roles held without a site."""

SITE_ROLES = frozenset(Role) - NATIONAL_ROLES
"""Roles held at a site."""

TOKEN_RIGHTS = frozenset(
    {
        "records.read",
        "records.write",
        "records.acknowledge",
        "records.import",
        "records.export",
        "facilities.read",
        "facilities.answer",
        "facilities.submit",
    }
)
"""The most an API token can be given: data, never its deletion or the management of people."""


NO_SECOND_FACTOR_NEEDED = frozenset({Role.FACILITIES_RESPONDENT, Role.AUDITOR})
"""Roles that reach neither a record nor other people's accounts; everyone else needs one."""


def is_second_factor_needed(roles: Iterable[Role]) -> bool:
    """Says whether somebody with these roles must sign in with a second factor.

    >>> is_second_factor_needed([Role.AUDITOR]), is_second_factor_needed([Role.SITE_READER])
    (False, True)
    """
    return any(role not in NO_SECOND_FACTOR_NEEDED for role in roles)


def rights_of(
    held: Iterable[HeldRole], participation: Participation | None, *, visiting: bool = False
) -> frozenset[str]:
    """Returns the rights these roles give.

    Args:
        held: Roles held at one site, or nationally.
        participation: Of that site; None where there is no site or it is suspended or closed: its
            roles then give nothing.
        visiting: Whether the site is one that the audit team visits.

    >>> clerk = HeldRole(Role.DATA_ENTRY, frozenset({Grant.IMPORT}))
    >>> sorted(rights_of([clerk], Participation(patient_audit=True, facilities_audit=True)))
    ['records.import', 'records.read', 'records.write']
    """
    rights: frozenset[str] = frozenset()
    for one in held:
        rights |= NATIONAL_RIGHTS.get(one.role, frozenset())
        if participation is None:
            continue
        if visiting and one.role is Role.AUDIT_TEAM:
            rights |= _visit_rights(participation)
        else:
            rights |= _site_rights(one, participation)
    return rights


def _site_rights(held: HeldRole, participation: Participation) -> frozenset[str]:
    rights = SITE_RIGHTS.get(held.role, frozenset())
    if participation.patient_audit:
        rights |= RECORD_RIGHTS.get(held.role, frozenset())
        useful = held.grants & GRANTABLE.get(held.role, frozenset())
        rights |= {_GRANTED[grant] for grant in useful}
    if participation.facilities_audit:
        rights |= FACILITIES_RIGHTS.get(held.role, frozenset())
    return rights


def _visit_rights(participation: Participation) -> frozenset[str]:
    rights = VISIT_SITE_RIGHTS
    if participation.patient_audit:
        rights |= VISIT_RECORD_RIGHTS
    if participation.facilities_audit:
        rights |= VISIT_FACILITIES_RIGHTS
    return rights
