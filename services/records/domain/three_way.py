"""Two people change one record: whose change is it, and where do they meet? Pure.

What somebody changed is what differs from the record as they saw it. Where another has changed the
same field to something else meanwhile, both have to be shown; everything else goes together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.records.domain.columns import IDENTIFIERS
from services.records.domain.saying import Said


@dataclass(frozen=True, slots=True)
class NotKnown:
    """What a field said at a version that is not remembered any more."""


NOT_KNOWN: Final = NotKnown()


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be changed, and where two people met.

    Attributes:
        mine: key -> what the caller wants, where nobody is in the way.
        conflicts: key -> (the caller's, what is stored now).
    """

    mine: dict[str, Said]
    conflicts: dict[str, tuple[Said, Said]]


def changes_of(
    sent: Mapping[str, Said],
    *,
    seen: Mapping[str, Said | NotKnown],
    now: Mapping[str, Said],
    own: Collection[str] = (),
) -> Changes:
    """Sorts what was sent into changes and conflicts; what was not changed is left out.

    Args:
        seen: the record as the caller saw it; an absent key was blank.
        now: the record as it is.
        own: keys that only the caller's own typing has changed meanwhile, which is in nobody's way.

    >>> changes_of({"dxa": "1", "smoker": "0"}, seen={"dxa": "0"}, now={"dxa": "0", "smoker": "1"})
    Changes(mine={'dxa': '1'}, conflicts={'smoker': ('0', '1')})
    """
    mine: dict[str, Said] = {}
    conflicts: dict[str, tuple[Said, Said]] = {}
    for key, said in sent.items():
        before, present = seen.get(key), now.get(key)
        if said in (present, before):
            continue
        if before == present or key in own:
            mine[key] = said
        else:
            conflicts[key] = (said, present)
    return Changes(mine, conflicts)


def both_sides(key: str, yours: Any, theirs: Any) -> dict[str, Any]:
    """What a refusal says of a field that two people changed.

    The values of an identifier are left out: the body of an error goes where answers do not, such
    as into the log of a program. Whoever may see the record opens it for them.

    >>> both_sides("smoker", "0", "1"), both_sides("postcode", "AA1 1AA", "B2 2BB")["theirs"]
    ({'yours': '0', 'theirs': '1'}, None)
    """
    if key in IDENTIFIERS:
        return {"yours": None, "theirs": None}
    return {"yours": yours, "theirs": theirs}
