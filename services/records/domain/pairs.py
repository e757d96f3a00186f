"""Two records of one patient that may be one fracture (rule V20): words and order.

Source: domain notes 1.10 (V20).
"""

from __future__ import annotations

from datetime import date
from typing import Final

from dataset.store import NEAR_DAYS

SAME_DAY: Final = "same_day"
NEAR: Final = "near"

KEPT_FIRST: Final = "kept_first"
KEPT_SECOND: Final = "kept_second"
BOTH_RIGHT: Final = "both_right"
APART: Final = "apart"
DECISIONS: tuple[str, ...] = (KEPT_FIRST, KEPT_SECOND, BOTH_RIGHT)
"""What a person can decide; `apart` is what the service notes when records have moved apart."""


def kind_of(one: date, other: date) -> str | None:
    """`same_day`, `near`, or None for records too far apart to be one fracture.

    >>> kind_of(date(2024, 1, 1), date(2024, 1, 1)), kind_of(date(2024, 1, 29), date(2024, 1, 1))
    ('same_day', 'near')
    >>> kind_of(date(2024, 1, 30), date(2024, 1, 1))
    """
    days = abs((one - other).days)
    if days == 0:
        return SAME_DAY
    return NEAR if days <= NEAR_DAYS else None
