"""Finds rows of one file that speak of the same record, in bounded memory.

Only 64-bit hashes are kept, 8 bytes each, for up to a million rows. They are Python's own hashes of
texts: SipHash under a random key of this process. They never leave it and are no identifiers. Two
different keys meet by chance in one of 40 million files of the largest size; the rows would then be
shown as repeated, nothing would be stored wrong.

Source: domain notes 5.2 (row key) and 5.2.1 (same key twice in one file).
"""

from __future__ import annotations

import re
from array import array
from calendar import month_abbr
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_NONE = 0
_ROWS_OF_A_SHARE = 125_000
_GAPS = str.maketrans("", "", " \t\u00a0-'’")
_DATE_PART = re.compile(r"[0-9]+|[a-z]+")
_MONTHS = {month.casefold(): str(number) for number, month in enumerate(month_abbr) if month}


@dataclass(slots=True)
class Repeats:
    """Rows that are not checked on their own account.

    Attributes:
        same: rows equal cell for cell to an earlier one, which counts for them.
        differ: row -> another row with the same key that differs; every one of them is R03.
    """

    same: set[int] = field(default_factory=set)
    differ: dict[int, int] = field(default_factory=dict)


class RepeatFinder:
    """Takes the rows of a file in order, then says which repeat another."""

    def __init__(self) -> None:
        self._rows = array("I")
        self._contents = array("q")
        self._local_ids = array("q")
        self._episodes = array("q")
        self._dates: dict[str, str] = {}

    def add(
        self,
        rows: Sequence[int],
        records: Sequence[list[str]],
        *,
        local_ids: Sequence[str] | None,
        nhs_numbers: Sequence[str] | None,
        diagnosed: Sequence[str] | None,
    ) -> None:
        """Takes rows with as many cells as there are headings.

        Args:
            rows: row numbers, as long as `records` and each column.
            local_ids, nhs_numbers, diagnosed: the columns as written; None if the file has none.
        """
        self._rows.extend(rows)
        self._contents.extend(map(hash, map(tuple, records)))
        empty = [_NONE] * len(rows)
        self._local_ids.extend(empty if local_ids is None else map(_hash_of, local_ids))
        if nhs_numbers is None or diagnosed is None:
            self._episodes.extend(empty)
            return
        self._episodes.extend(
            hash((number, day)) if number and day else _NONE
            for number, day in zip(map(_plain, nhs_numbers), self._days(diagnosed), strict=True)
        )

    def find(self) -> Repeats:
        """The rows that repeat another.

        Rows that share either key belong together; a group whose rows are all equal keeps its first
        and passes over the others, any other group is refused whole.
        """
        found = Repeats()
        for keys in (self._local_ids, self._episodes):
            for places in _groups(keys):
                self._judge(places, found)
        # A row that differs from one and equals another is refused with both.
        found.same.difference_update(found.differ)
        return found

    def _judge(self, places: list[int], found: Repeats) -> None:
        rows = [self._rows[place] for place in places]
        if len({self._contents[place] for place in places}) == 1:
            found.same.update(rows[1:])
            return
        for row in rows:
            found.differ.setdefault(row, rows[1] if row == rows[0] else rows[0])

    def _days(self, texts: Iterable[str]) -> list[str]:
        known = self._dates
        if len(known) > 50_000:
            known.clear()
        days = []
        for text in texts:
            day = known.get(text)
            if day is None:
                day = known[text] = _plain_day(text)
            days.append(day)
        return days


def _groups(keys: array[int]) -> Iterable[list[int]]:
    """Places that share a key, in order; keys that stand once and blanks are left out."""
    repeated = _repeated(keys)
    if not repeated:
        return []
    groups: dict[int, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        if key in repeated:
            groups[key].append(place)
    return groups.values()


def _repeated(keys: array[int]) -> set[int]:
    """Keys that stand more than once; looked for in shares, as a set of all takes 100 MB."""
    repeated: set[int] = set()
    shares = 1 + len(keys) // _ROWS_OF_A_SHARE
    for share in range(shares):
        some = keys if shares == 1 else [key for key in keys if key % shares == share]
        if len(set(some)) < len(some):
            seen: set[int] = set()
            for key in some:
                if key in seen:
                    repeated.add(key)
                seen.add(key)
    repeated.discard(_NONE)
    return repeated


def _hash_of(text: str) -> int:
    text = text.strip()
    return hash(text.casefold()) if text else _NONE


def _plain(number: str) -> str:
    """An NHS number without gaps; words that stand for an absent one are no key."""
    if number.isdigit():
        return number
    plain = number.translate(_GAPS)
    return plain if plain.isdigit() else ""


def _plain_day(text: str) -> str:
    """A date as written, without leading zeros and clock: one text for one day of one column.

    >>> _plain_day("03/04/2020"), _plain_day("3/4/2020 00:00"), _plain_day("2020-04-03T00:00:00")
    ('3-4-2020', '3-4-2020', '3-4-2020')
    >>> _plain_day("3 Apr 2020")
    '3-4-2020'
    """
    parts = _DATE_PART.findall(text.lower())[:3]
    parts = [_MONTHS.get(part[:3], part.lstrip("0")) for part in parts]
    if parts and len(parts[0]) == 4:
        parts.reverse()
    return "-".join(parts)
