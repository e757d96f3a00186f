"""Reads dates as texts, and finds out in which order a column writes day and month.

Nothing is guessed: a cell that could be two days is read only in the order that the whole column
(or a person) has settled. ISO dates and dates with the name of the month are the same day in every
order. Two-digit years and serial numbers of spreadsheets are refused.

Source: domain notes 5.2 (dates) and 5.2.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

DateOrder = Literal["iso", "dmy", "mdy"]
Verdict = Literal["iso", "dmy", "mdy", "ambiguous", "contradictory", "empty"]

EARLIEST_YEAR = 1800
"""Years before this are slips such as 0024 for 2024."""

_CLOCK = (
    r"(?:[Tt ]([0-9]{1,2}):([0-9]{2})(?::[0-9]{2}(?:[.,][0-9]+)?)?"
    r" ?([AaPp][Mm]|[Zz]|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_ISO = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})" + _CLOCK)
_NUMERIC = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})" + _CLOCK)
_DAY = r"([0-9]{1,2})(?:st|nd|rd|th)?"
_DAY_NAME = re.compile(_DAY + r"[-/. ]+([a-z]{3,9})[-/., ]+([0-9]{4})" + _CLOCK)
_NAME_DAY = re.compile(r"([a-z]{3,9})[-/. ]+" + _DAY + r"[-/., ]+([0-9]{4})" + _CLOCK)
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[-/. ]+(?:[0-9]{1,2}|[a-z]{3,9})[-/. ]+[0-9]{2}(?: .*)?")
_BARE_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]*)?")

_MONTHS = {
    "january": 1,
    "february": 2,
    "march": 3,
    "april": 4,
    "may": 5,
    "june": 6,
    "july": 7,
    "august": 8,
    "september": 9,
    "october": 10,
    "november": 11,
    "december": 12,
}
_MONTHS |= {name[:3]: number for name, number in _MONTHS.items()} | {"sept": 9}

_TEXTS_KEPT = 50_000
_HOW = "Write day, month and four-digit year, for example 31/01/2024, or 2024-01-31."
REASONS = {
    "impossible": "There is no such day in the calendar. Check day and month.",
    "order": "The column writes its dates in another order, so this one cannot be read. " + _HOW,
    "short year": "The year has only two digits. " + _HOW,
    "serial": "This is a bare number, which is how a spreadsheet stores a date inside. Format the "
    "column as a date and save again.",
    "zone": "The time with its time zone leaves the day in doubt. Give the date alone.",
    "year": "The year cannot be right. " + _HOW,
    "other": "This cannot be read as a date. " + _HOW,
}
"""Why a text is no date: reason -> words for the person."""


class _Seen(NamedTuple):
    """A text taken apart: how it is written and its three numbers."""

    form: Literal["iso", "numeric", "named"]
    first: int
    second: int
    year: int


def parse_date(text: str, order: DateOrder) -> date | str:
    """The day a text means in a column of this order, or the reason (key of `REASONS`) why not.

    Args:
        text: stripped and not empty.
        order: what the column has been found, or said, to use.

    >>> parse_date("03/04/2024", "dmy"), parse_date("03/04/2024", "mdy")
    (datetime.date(2024, 4, 3), datetime.date(2024, 3, 4))
    >>> parse_date("31/02/2024", "dmy"), parse_date("45321", "dmy")
    ('impossible', 'serial')
    """
    if len(text) > 40:
        return "other"
    seen = _take_apart(text)
    if isinstance(seen, str):
        return seen
    if seen.year < EARLIEST_YEAR:
        return "year"
    if seen.form != "numeric":
        return _day(seen.year, seen.first, seen.second) or "impossible"
    if order == "iso":
        return "order"
    month, day = (seen.first, seen.second) if order == "mdy" else (seen.second, seen.first)
    found = _day(seen.year, month, day)
    if found is None:
        return "order" if _day(seen.year, day, month) else "impossible"
    return found


def _take_apart(text: str) -> _Seen | str:
    """A text's form and numbers (month before day unless numeric), or why it has none."""
    match = _NUMERIC.fullmatch(text)
    if match:
        if match[7] and not _clock_keeps_day(match, at=5):
            return "zone"
        return _Seen("numeric", int(match[1]), int(match[3]), int(match[4]))
    match = _ISO.fullmatch(text)
    if match:
        if match[7] and not _clock_keeps_day(match, at=5):
            return "zone"
        return _Seen("iso", int(match[3]), int(match[4]), int(match[1]))
    return _named(text.lower())


def _named(text: str) -> _Seen | str:
    match = _DAY_NAME.fullmatch(text)
    name, day = (match[2], match[1]) if match else ("", "")
    if not match:
        match = _NAME_DAY.fullmatch(text)
        name, day = (match[1], match[2]) if match else ("", "")
    if match and name in _MONTHS:
        return _Seen("named", _MONTHS[name], int(day), int(match[3]))
    if _SHORT_YEAR.fullmatch(text):
        return "short year"
    return "serial" if _BARE_NUMBER.fullmatch(text) else "other"


def _clock_keeps_day(match: re.Match[str], *, at: int) -> bool:
    """Whether the day as written is the day in the UK, given the hour (group `at`) and zone.

    UK clocks show Greenwich time or one hour more. So a time in Greenwich before 23:00 is the
    same day here, and a time with +01:00 is what UK clocks show in summer.
    """
    zone = match[at + 2].upper().replace(":", "")
    if zone in ("AM", "PM"):
        return True
    if zone in ("Z", "+0000", "-0000"):
        return int(match[at]) < 23
    return zone == "+0100" and int(match[at]) >= 1


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Example:
    """A cell that shows something about a column: its place (from 0) and its text."""

    index: int
    text: str


class DateEvidence:
    """What the cells of one column say about the order of day and month.

    Cells are added one by one or in parts; only counts and one example of each kind are kept.
    Cells that are blank or no valid date say nothing.

    >>> evidence = DateEvidence()
    >>> evidence.add_many(["03/04/2024", "25/12/2023"])
    >>> evidence.verdict()
    'dmy'
    """

    __slots__ = ("_examples", "_known", "seen")

    _KINDS = ("iso", "named", "day first", "month first", "either", "same")

    def __init__(self) -> None:
        self.seen = 0
        """How many cells were added, blanks included."""
        self._examples: dict[str, Example] = {}
        # Texts that were looked at: a column of a million cells has a few thousand different ones.
        self._known = {""}

    def add(self, text: str) -> None:
        """Take one more cell into account."""
        self.add_many((text,))

    def add_many(self, texts: Iterable[str]) -> None:
        """Take a part of the column into account, in its order."""
        part = list(texts)
        new = set(part).difference(self._known)
        if len(self._known) + len(new) > _TEXTS_KEPT:
            self._known.clear()
        if len(new) <= _TEXTS_KEPT:
            self._known |= new
        places: dict[str, int] = {}
        for text in new:
            kind = _kind_of(text)
            if kind is None or (kind in self._examples and not places):
                continue
            # The first part of a column shows most kinds: each text's first place, found at once.
            places = places or dict(zip(reversed(part), range(len(part) - 1, -1, -1), strict=True))
            index = self.seen + places[text]
            known = self._examples.get(kind)
            if known is None or index < known.index:
                self._examples[kind] = Example(index, text.strip())
        self.seen += len(part)

    def verdict(self) -> Verdict:
        """What the column is.

        "iso", "dmy", "mdy": every cell that is a date can be read in this order and in no other
        way ("dmy" also where only names of months are used). "ambiguous": nothing settles the
        order, or forms are mixed, so a person decides. "contradictory": some cells can only have
        the day first, some only the month. "empty": no cell is a date.
        """
        has = self._examples
        if not has:
            return "empty"
        if "day first" in has and "month first" in has:
            return "contradictory"
        numeric = any(kind in has for kind in self._KINDS[2:])
        if "iso" in has:
            return "ambiguous" if numeric or "named" in has else "iso"
        if "named" in has and numeric and "day first" not in has:
            return "ambiguous"
        if "month first" in has:
            return "mdy"
        if "day first" in has:
            return "dmy"
        return "ambiguous" if "either" in has else "dmy"

    def examples(self) -> tuple[Example, ...]:
        """At most two cells that show why the verdict is what it is, in the order of the file."""
        has = self._examples
        wanted = {
            "contradictory": ("day first", "month first"),
            "dmy": ("day first", "same", "named"),
            "mdy": ("month first",),
            "iso": ("iso",),
            "ambiguous": ("iso", "named", "month first", "day first", "either", "same"),
            "empty": (),
        }[self.verdict()]
        found = [has[kind] for kind in wanted if kind in has][:2]
        return tuple(sorted(found, key=lambda example: example.index))


def _kind_of(text: str) -> str | None:
    """What one cell says, None if it says nothing."""
    text = text.strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1].strip()
    seen = _take_apart(text) if 0 < len(text) <= 40 else "other"
    if isinstance(seen, str) or seen.year < EARLIEST_YEAR:
        return None
    if seen.form != "numeric":
        return seen.form if _day(seen.year, seen.first, seen.second) else None
    day_first = _day(seen.year, seen.second, seen.first)
    month_first = _day(seen.year, seen.first, seen.second)
    if day_first and month_first:
        return "same" if day_first == month_first else "either"
    if day_first:
        return "day first"
    return "month first" if month_first else None


def infer_date_order(texts: Iterable[str]) -> DateEvidence:
    """The evidence of all cells of a column; ask it for its `verdict()` and `examples()`."""
    evidence = DateEvidence()
    evidence.add_many(texts)
    return evidence
