"""The NHS number: normal form, check digit, ranges and mask.

Source: domain notes 6.2 (Modulus 11; NHS data dictionary).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

NOT_UK = "NOT_UK"
UNTRACED = "UNTRACED"
REASONS_FOR_NONE = (NOT_UK, UNTRACED)

_TEN_DIGITS = re.compile(r"[0-9]{10}")
_GAPS = str.maketrans("", "", "\u2010\u2011\u2012\u2013\u00a0")

# First three digits. Scotland's CHI begins with a day of birth (01 to 31); Northern Ireland and
# England have 3xx; then England and Wales. 999 is never issued: for tests and demonstrations.
_RANGES = (range(10, 500), range(600, 800), range(999, 1000))
_KNOWN_STARTS = frozenset(f"{start:03d}" for numbers in _RANGES for start in numbers)


def _weighted(digits: str, first_weight: int) -> int:
    return sum(int(digit) * (first_weight - place) for place, digit in enumerate(digits))


# The check runs for every row of a file, so the sums of three, three and four digits are looked
# up. What is not digits is in none of them.
_HEAD = {f"{n:03d}": _weighted(f"{n:03d}", 10) for n in range(1000)}
_MIDDLE = {f"{n:03d}": _weighted(f"{n:03d}", 7) for n in range(1000)}
_TAIL = {f"{n:04d}": _weighted(f"{n:04d}", 4) for n in range(10_000)}

_EQUAL_DIGITS = frozenset(digit * 10 for digit in "0123456789")
# Added to the sum of what is no number of a known range: the sum is then never divisible by 11.
_NOTHING = float("nan")
_DOUBTFUL_HEAD = {start: _HEAD[start] if start in _KNOWN_STARTS else _NOTHING for start in _HEAD}
_DOUBTFUL_HEAD |= {reason[:3]: _NOTHING for reason in REASONS_FOR_NONE}
_DOUBTFUL_MIDDLE = _MIDDLE | {reason[3:6]: 0 for reason in REASONS_FOR_NONE}
_DOUBTFUL_TAIL = _TAIL | {reason[6:]: 0 for reason in REASONS_FOR_NONE}


def normalised(text: str) -> str:
    """Without spaces, hyphens and a spreadsheet's leading text mark; otherwise unchanged.

    >>> normalised("'999 000-0018")
    '9990000018'
    """
    number = text.strip().removeprefix("'").replace(" ", "").replace("-", "")
    return number if number.isascii() else number.translate(_GAPS)


def check_digit(nine_digits: str) -> int | None:
    """The tenth digit for the first nine, None if no number begins with these nine.

    >>> check_digit("943476591"), check_digit("987654321"), check_digit("999000000")
    (9, 0, None)
    """
    check = 11 - _weighted(nine_digits, 10) % 11
    if check == 10:
        return None
    return 0 if check == 11 else check


def is_valid(number: str) -> bool:
    """Whether a text is ten digits that pass Modulus 11 and are not all the same.

    >>> is_valid("9990000018"), is_valid("9990000019"), is_valid("1111111111")
    (True, False, False)
    """
    try:
        total = _HEAD[number[:3]] + _MIDDLE[number[3:6]] + _TAIL[number[6:]]
    except KeyError:
        return False
    # With weight 1 for the check digit the sum is divisible by 11 exactly if that digit is right.
    return total % 11 == 0 and number not in _EQUAL_DIGITS


def doubtful_places(numbers: Sequence[str | None]) -> list[int]:
    """Where a column holds anything but a blank or a valid number of a known range."""
    head, middle, tail, equal = _DOUBTFUL_HEAD, _DOUBTFUL_MIDDLE, _DOUBTFUL_TAIL, _EQUAL_DIGITS
    try:
        return [
            place
            for place, number in enumerate(numbers)
            if number
            and (
                (head[number[:3]] + middle[number[3:6]] + tail[number[6:]]) % 11 or number in equal
            )
        ]
    except KeyError:  # something is neither ten digits nor a reason
        return [
            place
            for place, number in enumerate(numbers)
            if number and not (is_valid(number) and is_in_known_range(number))
        ]


def is_in_known_range(number: str) -> bool:
    """Whether ten digits lie in a range that is issued in the UK, or in the test range."""
    return number[:3] in _KNOWN_STARTS


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
