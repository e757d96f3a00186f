"""Participation, roles and rights: the role matrix, cell by cell."""

from __future__ import annotations

from itertools import combinations

import pytest

from services.registration.domain.participation import Participation, participation_of
from services.registration.domain.roles import (
    GRANTABLE,
    NATIONAL_ROLES,
    RIGHTS,
    SITE_ROLES,
    TOKEN_RIGHTS,
    Grant,
    HeldRole,
    Role,
    rights_of,
)
from tests.factories import matrix

FULL = Participation(patient_audit=True, facilities_audit=True)
FACILITIES_ONLY = Participation(patient_audit=False, facilities_audit=True)
PATIENTS_ONLY = Participation(patient_audit=True, facilities_audit=False)
ALL_GRANTS = frozenset(Grant)
EVERY_GRANT = [frozenset(some) for n in range(3) for some in combinations(Grant, n)]


def rights(
    role: Role,
    grants: frozenset[Grant] = frozenset(),
    site: Participation | None = FULL,
    *,
    visiting: bool = False,
) -> frozenset[str]:
    """Returns what one person can do: a national one without a site unless they visit it."""
    stands_nowhere = role in NATIONAL_ROLES and not visiting
    held = [HeldRole(role, grants)]
    return rights_of(held, None if stands_nowhere else site, visiting=visiting)


def test_a_site_with_an_fls_takes_part_in_both_audits() -> None:
    assert participation_of(has_fls=True) == FULL


def test_a_site_without_an_fls_takes_part_in_the_facilities_audit_only() -> None:
    assert participation_of(has_fls=False) == FACILITIES_ONLY


@pytest.mark.parametrize(("row", "role"), list(matrix.cells()))
@pytest.mark.parametrize("grants", EVERY_GRANT, ids=lambda some: "+".join(some) or "no grant")
def test_a_cell_gives_what_the_matrix_says(row: str, role: Role, grants: frozenset[Grant]) -> None:
    cell = matrix.cell(row, role)
    granted = {right for grant, right in (cell.granted or {}).items() if grant in grants}
    assert rights(role, grants) & matrix.rights_of_row(row) == cell.always | granted


@pytest.mark.parametrize(("row", "role"), list(matrix.cells()))
def test_only_the_audit_team_can_do_more_while_visiting(row: str, role: Role) -> None:
    cell = matrix.cell(row, role)
    found = rights(role, visiting=True) & matrix.rights_of_row(row)
    assert found == cell.always | cell.visiting
    assert not cell.visiting or role is Role.AUDIT_TEAM


def test_every_right_belongs_to_one_row_of_the_matrix() -> None:
    governed = sorted(right for row in matrix.rows() for right in matrix.rights_of_row(row))
    assert governed == sorted(RIGHTS)


def test_only_blank_cells_mean_nothing() -> None:
    for row, role in matrix.cells():
        assert (matrix.cell(row, role) == matrix.NOTHING) is (matrix.word(row, role) == "")


@pytest.mark.parametrize("role", sorted(SITE_ROLES))
def test_a_suspended_site_gives_no_right(role: Role) -> None:
    assert rights(role, ALL_GRANTS, None) == frozenset()


def test_a_visit_to_a_suspended_site_gives_national_rights_alone() -> None:
    assert rights(Role.AUDIT_TEAM, site=None, visiting=True) == rights(Role.AUDIT_TEAM)


@pytest.mark.parametrize(
    ("role", "visiting"), [(role, False) for role in sorted(SITE_ROLES)] + [(Role.AUDIT_TEAM, True)]
)
def test_participation_takes_the_rights_of_its_audit_and_no_other(
    role: Role, visiting: bool
) -> None:
    national = rights(role) if role in NATIONAL_ROLES else frozenset()
    everything = rights(role, ALL_GRANTS, FULL, visiting=visiting)
    no_records = rights(role, ALL_GRANTS, FACILITIES_ONLY, visiting=visiting)
    no_facilities = rights(role, ALL_GRANTS, PATIENTS_ONLY, visiting=visiting)
    assert no_records == {r for r in everything if not r.startswith("records.") or r in national}
    assert no_facilities == {
        r for r in everything if not r.startswith("facilities.") or r in national
    }


@pytest.mark.parametrize("role", sorted(NATIONAL_ROLES))
def test_no_national_role_reaches_a_record_without_a_visit(role: Role) -> None:
    reach = {r for r in rights(role, ALL_GRANTS) if r.startswith("records.")}
    assert reach <= {"records.aggregate", "records.extract"}


def test_the_system_administrator_has_no_clinical_right_at_all() -> None:
    held = rights(Role.SYSTEM_ADMIN, ALL_GRANTS) | rights(
        Role.SYSTEM_ADMIN, ALL_GRANTS, FULL, visiting=True
    )
    assert not {r for r in held if r.startswith(("records.", "facilities.", "periods."))}


def test_nobody_who_acts_for_no_site_has_a_sites_right() -> None:
    assert rights_of([HeldRole(role, ALL_GRANTS) for role in SITE_ROLES], None) == frozenset()


@pytest.mark.parametrize("role", list(Role))
def test_a_grant_beside_another_role_gives_nothing(role: Role) -> None:
    for grant in ALL_GRANTS - GRANTABLE.get(role, frozenset()):
        assert rights(role, frozenset({grant})) == rights(role)


def test_several_roles_add_up() -> None:
    both = rights_of([HeldRole(Role.CLINICIAN), HeldRole(Role.FACILITIES_RESPONDENT)], FULL)
    assert both == rights(Role.CLINICIAN) | rights(Role.FACILITIES_RESPONDENT)


def test_no_role_gives_no_right() -> None:
    assert rights_of([], FULL) == frozenset()


def test_a_token_can_have_only_what_a_lead_has_and_cannot_manage_or_delete() -> None:
    assert rights(Role.SITE_LEAD) > TOKEN_RIGHTS
    assert not {r for r in TOKEN_RIGHTS if r.endswith((".manage", ".delete", ".reads", ".erase"))}
