"""Finds what must never stand in the facilities audit: a patient's NHS number in free text."""

from __future__ import annotations

import re

from dataset.nhs_number import is_valid

# Ten digits, grouped however; neither more of them, as in a telephone number, nor fewer.
_TEN_DIGITS = re.compile(r"(?<![\d+])(?:\d[ \-]?){9}\d(?!\d)")

TAKE_IT_OUT = "Take the patient's NHS number out: the facilities audit is never about one patient."


def holds_nhs_number(text: str) -> bool:
    """Say whether a text holds ten digits whose check digit is that of an NHS number.

    >>> holds_nhs_number("as for 999 000 0018"), holds_nhs_number("ring 0115 496 0000")
    (True, False)
    """
    return any(is_valid(re.sub(r"[ \-]", "", found)) for found in _TEN_DIGITS.findall(text))
