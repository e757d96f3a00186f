"""Participation, roles and rights."""

import pytest

from services.registration.domain.participation import Participation, participation_of
from services.registration.domain.roles import (
    FACILITIES_AUDIT_RIGHTS,
    NATIONAL_RIGHTS,
    PATIENT_AUDIT_RIGHTS,
    SITE_RIGHTS,
    TOKEN_RIGHTS,
    Role,
    rights_of,
)

FULL = Participation(patient_audit=True, facilities_audit=True)
FACILITIES_ONLY = Participation(patient_audit=False, facilities_audit=True)


def test_a_site_with_an_fls_takes_part_in_both_audits() -> None:
    assert participation_of(has_fls=True) == FULL


def test_a_site_without_an_fls_takes_part_in_the_facilities_audit_only() -> None:
    assert participation_of(has_fls=False) == FACILITIES_ONLY


@pytest.mark.parametrize(
    ("roles", "participation", "rights"),
    [
        pytest.param([], FULL, frozenset(), id="no role, no right"),
        pytest.param(
            [Role.SITE_LEAD],
            FULL,
            SITE_RIGHTS | PATIENT_AUDIT_RIGHTS | FACILITIES_AUDIT_RIGHTS,
            id="lead of a site with an FLS",
        ),
        pytest.param(
            [Role.SITE_LEAD],
            FACILITIES_ONLY,
            SITE_RIGHTS | FACILITIES_AUDIT_RIGHTS,
            id="lead of a site without an FLS",
        ),
        pytest.param([Role.SITE_LEAD], None, frozenset(), id="lead of a suspended site"),
        pytest.param([Role.AUDIT_TEAM], None, NATIONAL_RIGHTS, id="audit team"),
    ],
)
def test_roles_give_rights(
    roles: list[Role], participation: Participation | None, rights: frozenset[str]
) -> None:
    assert rights_of(roles, participation) == rights


def test_the_audit_team_cannot_see_a_sites_records() -> None:
    assert not {r for r in NATIONAL_RIGHTS if r.startswith("records.")}


def test_no_token_can_manage_people_or_tokens() -> None:
    assert not TOKEN_RIGHTS & (SITE_RIGHTS | NATIONAL_RIGHTS)
