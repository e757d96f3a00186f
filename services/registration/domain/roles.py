"""What a person may do: roles, and the rights each gives.

Source: our role matrix, in the slice of roles that exist so far. Rights are what services ask for;
a role is how people speak of a bundle of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from services.registration.domain.participation import Participation


class Role(StrEnum):
    """A role an account holds, at one site or (audit team) nationally."""

    SITE_LEAD = "site_lead"
    AUDIT_TEAM = "audit_team"


PATIENT_AUDIT_RIGHTS = frozenset({"records.read", "records.write", "records.import"})
FACILITIES_AUDIT_RIGHTS = frozenset({"facilities.read", "facilities.answer", "facilities.submit"})
SITE_RIGHTS = frozenset({"site.manage", "tokens.manage"})
NATIONAL_RIGHTS = frozenset(
    {
        "registrations.review",
        "sites.read",
        "accounts.manage",
        "facilities.manage",
        "national.read",
    }
)

NATIONAL_ROLES = frozenset({Role.AUDIT_TEAM})
"""Roles held without a site."""

TOKEN_RIGHTS = PATIENT_AUDIT_RIGHTS | FACILITIES_AUDIT_RIGHTS
"""The most an API token can be given: data, never the management of people or of other tokens."""


def rights_of(roles: Iterable[Role], participation: Participation | None) -> frozenset[str]:
    """Returns the rights these roles give.

    Args:
        roles: Held at one site, or nationally.
        participation: Of that site; None where there is no site or it is suspended or closed: its
            roles then give nothing.

    >>> sorted(rights_of([Role.SITE_LEAD], Participation(False, True)))[:2]
    ['facilities.answer', 'facilities.read']
    """
    rights: frozenset[str] = frozenset()
    for role in roles:
        if role is Role.AUDIT_TEAM:
            rights |= NATIONAL_RIGHTS
        elif participation is not None:
            rights |= _site_lead_rights(participation)
    return rights


def _site_lead_rights(participation: Participation) -> frozenset[str]:
    rights = SITE_RIGHTS
    if participation.patient_audit:
        rights |= PATIENT_AUDIT_RIGHTS
    if participation.facilities_audit:
        rights |= FACILITIES_AUDIT_RIGHTS
    return rights
