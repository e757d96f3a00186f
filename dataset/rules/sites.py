"""V18: the sites of the index fracture.

Source: domain notes 1.10 and 5.2.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import compress, count

from dataset.findings import Finding
from dataset.rules.registry import BOTH, error, rule, warning
from dataset.values import Record

_SITES = ("site_1", "site_2", "site_3")
_SITE_NO = {"site_1": "1.11", "site_2": "1.12", "site_3": "1.13"}
_SPINE = "2"


def _odd_sites(
    first: Sequence[str | None],
    second: Sequence[str | None],
    third: Sequence[str | None],
    *,
    today: date,
) -> list[int]:
    del today
    found = [
        i
        for i, (a, b) in enumerate(zip(first, second, strict=True))
        if b and (not a or (b == a and b != _SPINE))
    ]
    # Third sites are rare, so each is a suspect.
    return sorted({*found, *compress(count(), third)}) if any(third) else found


@rule("V18", *_SITES, levels=BOTH, suspects=_odd_sites)
def v18_fracture_sites(record: Record, today: date) -> Iterator[Finding]:
    """Sites are filled in order; the same site twice is unlikely, but for the spine.

    Source: domain notes 1.10 V18 and 5.2.1 (any two of the three).
    """
    del today
    for earlier, later in (("site_1", "site_2"), ("site_2", "site_3")):
        if record.get(later) and not record.get(earlier):
            yield error(
                "V18",
                later,
                f"{_SITE_NO[later]} is given without {_SITE_NO[earlier]}. Fill the fracture "
                "sites in order.",
                earlier,
            )
    for place, later in enumerate(_SITES):
        site = record.get(later)
        if not site or site == _SPINE:
            continue
        same = (earlier for earlier in _SITES[:place] if record.get(earlier) == site)
        first = next(same, None)
        if first:
            yield warning(
                "V18",
                later,
                f"{_SITE_NO[first]} and {_SITE_NO[later]} name the same site. If both were "
                "broken, confirm it; otherwise remove one.",
                first,
            )
