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


class Scheme(StrEnum):
    """What sort of ODS code a code is, told by its shape."""

    TRUST = "ods_trust"
    TRUST_SITE = "ods_trust_site"
    HEALTH_BOARD = "ods_health_board"
    HEALTH_BOARD_SITE = "ods_health_board_site"
    NETWORK = "ods_pcn"
    GP_PRACTICE = "ods_gp_practice"
    PROVIDER = "ods_provider"


# In this order: an earlier shape is the more particular one.
_SHAPES: tuple[tuple[Scheme, re.Pattern[str]], ...] = (
    (Scheme.TRUST, re.compile(r"[RT][A-Z0-9]{2}")),
    (Scheme.TRUST_SITE, re.compile(r"[RT][A-Z0-9]{4}")),
    (Scheme.HEALTH_BOARD, re.compile(r"7A[1-7]")),
    (Scheme.HEALTH_BOARD_SITE, re.compile(r"7A[1-7][A-Z0-9]{2}")),
    (Scheme.NETWORK, re.compile(r"U[0-9]{5}")),
    (Scheme.GP_PRACTICE, re.compile(r"[A-Z][0-9]{5}")),
    # Independent providers and the trusts of Northern Ireland; a digit tells a code from a word.
    (Scheme.PROVIDER, re.compile(r"(?=.*[0-9])[A-Z0-9]{5}")),
)

_TRUSTS = frozenset({Scheme.TRUST, Scheme.TRUST_SITE})
_BOARDS = frozenset({Scheme.HEALTH_BOARD, Scheme.HEALTH_BOARD_SITE})

_ALLOWED: dict[OrganisationKind, frozenset[Scheme]] = {
    OrganisationKind.HOSPITAL: _TRUSTS | _BOARDS | {Scheme.PROVIDER},
    OrganisationKind.GP_PRACTICE: frozenset({Scheme.GP_PRACTICE}),
    OrganisationKind.NETWORK: frozenset({Scheme.NETWORK, Scheme.TRUST, Scheme.HEALTH_BOARD}),
    OrganisationKind.COMMUNITY: _TRUSTS | _BOARDS | {Scheme.PROVIDER, Scheme.GP_PRACTICE},
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


def scheme_of(ods_code: str) -> Scheme | None:
    """Returns what sort of ODS code this is, or None when it has the shape of none.

    >>> scheme_of("RH802").value, scheme_of("W95001").value, scheme_of("hello")
    ('ods_trust_site', 'ods_gp_practice', None)
    """
    for scheme, shape in _SHAPES:
        if shape.fullmatch(ods_code):
            return scheme
    return None


def ods_code_problem(ods_code: str, kind: OrganisationKind, nation: Nation) -> str | None:
    """Returns what is wrong with this code for such an organisation; None if nothing.

    Args:
        ods_code: As `normal_ods_code` gives it.
        kind: Of the organisation.
        nation: Where it is.
    """
    scheme = scheme_of(ods_code)
    if scheme is None or scheme not in _ALLOWED[kind]:
        return _EXPECTED[kind]
    if scheme in _BOARDS and nation is not Nation.WALES:
        return f"{ods_code} is a code of a Welsh health board. Check the code and the nation."
    if scheme in _TRUSTS and nation is Nation.NORTHERN_IRELAND:
        return f"{ods_code} is not a code of Northern Ireland. Check the code and the nation."
    if scheme is Scheme.GP_PRACTICE and (ods_code[0] == "W") is not (nation is Nation.WALES):
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
    if scheme_of(ods_code) in _TRUSTS | _BOARDS:
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
