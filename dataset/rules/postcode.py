"""V23: the postcode.

Source: domain notes 1.10 and 1.3; Royal Mail's published pattern and list of areas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

from dataset.findings import Finding
from dataset.rules.registry import BOTH, error, rule, warning
from dataset.values import Record

_POSTCODE = re.compile(r"([A-Z]{1,2})[0-9][0-9A-Z]? [0-9][ABD-HJLNP-UW-Z]{2}")
_NO_FIXED_PLACE = re.compile(r"ZZ99 [0-9][A-Z]{2}")
_AREAS = """
    AB AL B BA BB BD BF BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY
    E EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE
    LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL
    SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE
"""
AREAS = frozenset(_AREAS.split())
"""Letters before the first digit: the United Kingdom with forces (BF), Jersey, Guernsey, Man."""


@lru_cache(maxsize=20_000)
def _is_known_outward(outward: str) -> bool:
    """Whether the part before the space is in pattern and of a known area; it names no one."""
    match = _POSTCODE.fullmatch(f"{outward} 1AA")
    return match is not None and match[1] in AREAS


_KNOWN_INWARD = frozenset(
    f" {digit}{first}{second}"
    for digit in "0123456789"
    for first in "ABDEFGHJLNPQRSTUWXYZ"
    for second in "ABDEFGHJLNPQRSTUWXYZ"
)


def _odd_postcodes(postcodes: Sequence[str | None], *, today: date) -> list[int]:
    del today
    return [
        i
        for i, code in enumerate(postcodes)
        if code and not (code[-4:] in _KNOWN_INWARD and _is_known_outward(code[:-4]))
    ]


@rule("V23", "postcode", levels=BOTH, suspects=_odd_postcodes)
def v23_postcode(record: Record, today: date) -> Iterator[Finding]:
    """A postcode has the pattern of the UK, or of those for no fixed address (ZZ99).

    One whose first letters are no area of the United Kingdom or the crown dependencies is
    unlikely.

    Source: domain notes 1.10 V23 and 1.3 (1.04).
    """
    del today
    postcode = record.get("postcode")
    if not isinstance(postcode, str) or _NO_FIXED_PLACE.fullmatch(postcode):
        return
    match = _POSTCODE.fullmatch(postcode)
    if match is None:
        yield error(
            "V23",
            "postcode",
            "This is no UK postcode. Write it in full; for someone without a fixed address write "
            "ZZ99 3VZ.",
        )
    elif match[1] not in AREAS:
        yield warning(
            "V23",
            "postcode",
            "No UK postcode begins with these letters. If it is right, confirm it; otherwise "
            "check the postcode.",
        )
