"""What organisations can register, the shapes of their ODS codes, and the codes we give to sites.

Source: who takes part, as the audit defines a site; the frames of ODS codes in the NHS data
dictionary. An ODS code is a name we look things up by, never a key: organisations merge.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from enum import StrEnum


class OrganisationKind(StrEnum):
    """What kind of organisation a site is."""

    HOSPITAL = "hospital"
    GP_PRACTICE = "gp_practice"
    NETWORK = "network"
    COMMUNITY = "community"


class Nation(StrEnum):
    """Where a site is."""

    ENGLAND = "england"
    WALES = "wales"
    NORTHERN_IRELAND = "northern_ireland"


ODS = "ods"
"""The scheme of every code we know so far: the Organisation Data Service's."""


class OdsShape(StrEnum):
    """What sort of ODS code a code is, told by its shape."""

    TRUST = "trust"
    TRUST_SITE = "trust_site"
    HEALTH_BOARD = "health_board"
    HEALTH_BOARD_SITE = "health_board_site"
    NETWORK = "pcn"
    GP_PRACTICE = "gp_practice"
    PROVIDER = "provider"


# In this order: an earlier shape is the more particular one.
_SHAPES: tuple[tuple[OdsShape, re.Pattern[str]], ...] = (
    (OdsShape.TRUST, re.compile(r"[RT][A-Z0-9]{2}")),
    (OdsShape.TRUST_SITE, re.compile(r"[RT][A-Z0-9]{4}")),
    (OdsShape.HEALTH_BOARD, re.compile(r"7A[1-7]")),
    (OdsShape.HEALTH_BOARD_SITE, re.compile(r"7A[1-7][A-Z0-9]{2}")),
    (OdsShape.NETWORK, re.compile(r"U[0-9]{5}")),
    (OdsShape.GP_PRACTICE, re.compile(r"[A-Z][0-9]{5}")),
    # Independent providers and the trusts of Northern Ireland; a digit tells a code from a word.
    (OdsShape.PROVIDER, re.compile(r"(?=.*[0-9])[A-Z0-9]{5}")),
)

_TRUSTS = frozenset({OdsShape.TRUST, OdsShape.TRUST_SITE})
_BOARDS = frozenset({OdsShape.HEALTH_BOARD, OdsShape.HEALTH_BOARD_SITE})

_ALLOWED: dict[OrganisationKind, frozenset[OdsShape]] = {
    OrganisationKind.HOSPITAL: _TRUSTS | _BOARDS | {OdsShape.PROVIDER},
    OrganisationKind.GP_PRACTICE: frozenset({OdsShape.GP_PRACTICE}),
    OrganisationKind.NETWORK: frozenset({OdsShape.NETWORK, OdsShape.TRUST, OdsShape.HEALTH_BOARD}),
    OrganisationKind.COMMUNITY: _TRUSTS | _BOARDS | {OdsShape.PROVIDER, OdsShape.GP_PRACTICE},
}

_EXPECTED: dict[OrganisationKind, str] = {
    OrganisationKind.HOSPITAL: (
        "Enter the ODS code of the trust or health board (three characters, for example R1A or "
        "7A3) or of the hospital (five characters, for example R1A02)."
    ),
    OrganisationKind.GP_PRACTICE: (
        "Enter the ODS code of the practice: one letter and five digits, for example B81001."
    ),
    OrganisationKind.NETWORK: (
        "Enter the ODS code of the network: the letter U and five digits, for example U12345, or "
        "the code of the trust or health board that runs it."
    ),
    OrganisationKind.COMMUNITY: (
        "Enter the ODS code of the organisation that provides the service: three characters for a "
        "trust or health board, five for one of its sites or an independent provider, or one "
        "letter and five digits for a practice."
    ),
}


def normal_ods_code(text: str) -> str:
    """Returns an ODS code as it is stored: capitals, no spaces.

    >>> normal_ods_code(" r1a 02")
    'R1A02'
    """
    return "".join(text.split()).upper()


def shape_of(ods_code: str) -> OdsShape | None:
    """Returns what sort of ODS code this is, or None when it has the shape of none.

    >>> shape_of("RH802").value, shape_of("W95001").value, shape_of("hello")
    ('trust_site', 'gp_practice', None)
    """
    for sort, shape in _SHAPES:
        if shape.fullmatch(ods_code):
            return sort
    return None


def ods_code_problem(ods_code: str, kind: OrganisationKind, nation: Nation) -> str | None:
    """Returns what is wrong with this code for such an organisation; None if nothing.

    Args:
        ods_code: As `normal_ods_code` gives it.
        kind: Of the organisation.
        nation: Where it is.
    """
    sort = shape_of(ods_code)
    if sort is None or sort not in _ALLOWED[kind]:
        return _EXPECTED[kind]
    if sort in _BOARDS and nation is not Nation.WALES:
        return f"{ods_code} is a code of a Welsh health board. Check the code and the nation."
    if sort in _TRUSTS and nation is Nation.NORTHERN_IRELAND:
        return f"{ods_code} is not a code of Northern Ireland. Check the code and the nation."
    if sort is OdsShape.GP_PRACTICE and (ods_code[0] == "W") is not (nation is Nation.WALES):
        return (
            "Practices in Wales, and only they, have codes that begin with W. Check both answers."
        )
    return None


def site_code_candidates(ods_code: str, name: str) -> Iterator[str]:
    """Yields three-character codes for a site, the best first; it never runs out of sensible ones.

    The trust's or health board's own code comes first. The rest use no vowels after the first
    letter (so that they spell nothing) and do not begin with R, T or 7 (so that another trust's own
    code stays free for it).

    >>> list(itertools.islice(site_code_candidates("R1A02", "Demo General Hospital"), 2))
    ['R1A', 'DMG']
    """
    if shape_of(ods_code) in _TRUSTS | _BOARDS:
        yield ods_code[:3]
    consonants = "BCDFGHJKLMNPQSVWXYZ"
    letters = [letter for letter in name.upper() if letter.isascii() and letter.isalpha()]
    rest = [letter for letter in letters[1:] if letter not in "AEIOU"]
    if letters and letters[0] not in "RT":
        for second, third in itertools.combinations(rest, 2):
            yield letters[0] + second + third
    for triple in itertools.product(
        consonants, "0123456789" + consonants, "0123456789" + consonants
    ):
        yield "".join(triple)
