"""The NHS number: normal form, check digit, ranges and mask.

Source: domain notes 6.2 (Modulus 11; NHS data dictionary).
"""

from __future__ import annotations

import re

NOT_UK = "NOT_UK"
UNTRACED = "UNTRACED"
REASONS_FOR_NONE = (NOT_UK, UNTRACED)

_TEN_DIGITS = re.compile(r"[0-9]{10}")
_GAPS = str.maketrans("", "", " -\u2010\u2011\u2012\u2013\u00a0")

# First three digits. Scotland's CHI begins with a day of birth (01 to 31); Northern Ireland and
# England have 3xx; then England and Wales. 999 is never issued: for tests and demonstrations.
_RANGES = ((10, 499), (600, 799), (999, 999))


def normalised(text: str) -> str:
    """Without spaces, hyphens and a spreadsheet's leading text mark; otherwise unchanged.

    >>> normalised("'999 000-0018")
    '9990000018'
    """
    return text.strip().removeprefix("'").translate(_GAPS)


def check_digit(nine_digits: str) -> int | None:
    """The tenth digit for the first nine, None if no number begins with these nine.

    >>> check_digit("943476591"), check_digit("987654321"), check_digit("999000000")
    (9, 0, None)
    """
    total = sum(int(digit) * (10 - place) for place, digit in enumerate(nine_digits))
    check = 11 - total % 11
    if check == 10:
        return None
    return 0 if check == 11 else check


def is_valid(number: str) -> bool:
    """Whether a text is ten digits that pass Modulus 11 and are not all the same.

    >>> is_valid("9990000018"), is_valid("9990000019"), is_valid("1111111111")
    (True, False, False)
    """
    if len(number) != 10 or not number.isascii() or not number.isdigit():
        return False
    # Written out because it runs once per row of a file. The sum with weight 1 for the check
    # digit is divisible by 11 exactly if the check digit is right (and is not 10).
    a, b, c, d, e, f, g, h, i, j = number.encode()
    total = 10 * a + 9 * b + 8 * c + 7 * d + 6 * e + 5 * f + 4 * g + 3 * h + 2 * i + j
    # The byte of "0" is 48, and 48 x 55 is divisible by 11, so bytes serve as well as digits.
    return total % 11 == 0 and number != number[0] * 10


def is_in_known_range(number: str) -> bool:
    """Whether ten digits lie in a range that is issued in the UK, or in the test range."""
    leading = int(number[:3])
    return any(low <= leading <= high for low, high in _RANGES)


def masked(number: str) -> str:
    """Only the last three digits shown; a reason for absence is shown whole.

    >>> masked("9990000018"), masked("NOT_UK")
    ('*** *** *018', 'NOT_UK')
    """
    if number in REASONS_FOR_NONE:
        return number
    if not _TEN_DIGITS.fullmatch(number):
        return "***"
    return f"*** *** *{number[-3:]}"
