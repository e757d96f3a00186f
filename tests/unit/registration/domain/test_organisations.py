"""Shapes of ODS codes, and the codes of sites."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.domain.organisations import (
    Nation,
    OrganisationKind,
    normal_ods_code,
    ods_code_problem,
    shape_of,
    site_code_candidates,
)


@pytest.mark.parametrize(
    ("code", "shape"),
    [
        ("RCF", "trust"),
        ("RH802", "trust_site"),
        ("7A3", "health_board"),
        ("7A3B1", "health_board_site"),
        ("U12345", "pcn"),
        ("B81001", "gp_practice"),
        ("ZT001", "provider"),
        ("ZZ901", "provider"),
        ("7A8", None),
        ("HELLO", None),
        ("RCFX", None),
        ("", None),
        ("R C", None),
        ("R\n12", None),
    ],
)
def test_a_code_is_known_by_its_shape(code: str, shape: str | None) -> None:
    found = shape_of(code)
    assert (found.value if found else None) == shape


@pytest.mark.parametrize(
    ("code", "kind", "nation", "words"),
    [
        ("RCF", "hospital", "england", None),
        ("RQF", "hospital", "wales", None),
        ("7A3", "hospital", "wales", None),
        ("7A3", "hospital", "england", "Welsh health board"),
        ("RCF", "hospital", "northern_ireland", "not a code of Northern Ireland"),
        ("ZT001", "hospital", "northern_ireland", None),
        ("B81001", "hospital", "england", "three characters"),
        ("B81001", "gp_practice", "england", None),
        ("W95001", "gp_practice", "wales", None),
        ("W95001", "gp_practice", "england", "Wales"),
        ("B81001", "gp_practice", "wales", "Wales"),
        ("RCF", "gp_practice", "england", "one letter and five digits"),
        ("U12345", "network", "england", None),
        ("RCF", "network", "england", None),
        ("B81001", "network", "england", "letter U"),
        ("B81001", "community", "england", None),
        ("nonsense", "community", "england", "Enter the ODS code"),
    ],
)
def test_a_code_must_fit_kind_and_nation(
    code: str, kind: str, nation: str, words: str | None
) -> None:
    problem = ods_code_problem(code, OrganisationKind(kind), Nation(nation))
    assert problem is None if words is None else problem is not None and words in problem


def test_spaces_and_small_letters_are_forgiven() -> None:
    assert normal_ods_code(" rh8 02\n") == "RH802"


def test_a_trusts_own_code_comes_first() -> None:
    assert next(site_code_candidates("RCF", "Airedale")) == "RCF"
    assert next(site_code_candidates("RH802", "Exeter")) == "RH8"
    assert next(site_code_candidates("7A3B1", "Morriston")) == "7A3"


def test_other_sites_get_a_code_from_their_name() -> None:
    assert next(site_code_candidates("B81001", "Hilltop Practice")) == "HLL"


@given(st.text(max_size=30), st.sampled_from(["RCF", "B81001", "ZT001", "U12345"]))
def test_every_candidate_is_three_characters_and_none_takes_another_trusts(
    name: str, ods_code: str
) -> None:
    candidates = list(itertools.islice(site_code_candidates(ods_code, name), 500))
    assert all(re.fullmatch("[A-Z0-9]{3}", code) for code in candidates)
    own = {ods_code[:3]} if ods_code == "RCF" else set()
    assert not [c for c in candidates if c[0] in "RT7" and c not in own]


def test_candidates_last_for_thousands_of_sites() -> None:
    assert len(set(site_code_candidates("B81001", ""))) > 10_000
