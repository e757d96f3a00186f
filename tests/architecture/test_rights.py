"""Rights have one vocabulary: what endpoints demand, and what roles give."""

from __future__ import annotations

import pytest

from services.registration.domain.roles import RIGHTS, TOKEN_RIGHTS
from tests.architecture.test_access import CENSUS
from tests.factories import matrix
from tests.factories.probes import PROBES

NO_RIGHT = {"public", "signed in"}
UNDEMANDED = {
    "national.read": "national figures are not published yet",
}
"""Rights that no endpoint demands, each with its reason."""


def _demanded() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in CENSUS.read_text().splitlines():
        route, _, access = line.rpartition(": ")
        for right in access.split(", "):
            found.setdefault(right, []).append(route)
    return found


def test_every_endpoint_demands_a_right_of_the_vocabulary() -> None:
    unknown = {right: routes for right, routes in _demanded().items() if right not in RIGHTS}
    assert set(unknown) <= NO_RIGHT, unknown


@pytest.mark.parametrize("right", sorted(RIGHTS))
def test_every_right_is_demanded_somewhere(right: str) -> None:
    is_demanded, has_reason = right in _demanded(), right in UNDEMANDED
    assert is_demanded or has_reason, "no endpoint demands it: is it of use?"
    assert not (is_demanded and has_reason), "an endpoint demands it now: take the reason out"


def test_a_reason_is_given_only_for_rights_that_exist() -> None:
    assert set(UNDEMANDED) <= set(RIGHTS)


def test_every_row_of_the_matrix_is_tried_on_the_running_system() -> None:
    tried = {probe.row for probe in PROBES}
    assert tried == {
        row for row in matrix.rows() if not set(UNDEMANDED) >= matrix.rights_of_row(row)
    }


def test_a_token_can_be_given_only_rights_that_exist() -> None:
    assert set(RIGHTS) >= TOKEN_RIGHTS
