"""Tells from the lengths of a column of identifiers that a spreadsheet may have taken zeros away.

A program that reads `004711` as a number writes 4711. The cell then looks like any other, and the
row would be taken for another record; only the column as a whole gives it away.

Source: domain notes 5.2.1 (damage done by spreadsheets).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from services.imports.domain.refusals import FileFinding

_FEWEST_ROWS = 20
_FEWEST_DIGITS = 5
"""Shorter numbers are more likely counted up than given out with a fixed length."""
_COMMON_SHARE = 0.8
"""Of identifiers that are given out evenly nine in ten begin with another digit than zero."""


class IdentifierLengths:
    """Takes the identifiers of a file in order, then says whether some may have lost zeros."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._first_rows: dict[int, int] = {}
        self._are_numbers = True

    def add(self, rows: Sequence[int], texts: Sequence[str]) -> None:
        """Takes the cells of these rows, as written; nothing more once one is no number.

        Letters, or a zero in front, show that the column went through as text.
        """
        if not self._are_numbers:
            return
        joined = "\n".join(texts)
        if " " in joined:
            texts = [text.strip() for text in texts]
            joined = "\n".join(texts)
        digits = joined.replace("\n", "")
        if digits and (not digits.isdecimal() or "\n0" in f"\n{joined}"):
            self._are_numbers = False
            return
        counts = Counter(map(len, texts))
        del counts[0]
        for length in counts.keys() - self._first_rows.keys():
            place = next(at for at, text in enumerate(texts) if len(text) == length)
            self._first_rows[length] = rows[place]
        self._counts += counts

    def finding(self, field: str, heading: str) -> FileFinding | None:
        """A warning about the column, or None when nothing speaks for lost zeros."""
        total = self._counts.total()
        if not self._are_numbers or total < _FEWEST_ROWS:
            return None
        longest = max(self._counts)
        shorter = total - self._counts[longest]
        if not shorter or longest < _FEWEST_DIGITS or total - shorter < _COMMON_SHARE * total:
            return None
        first = min(row for length, row in self._first_rows.items() if length < longest)
        have = "identifier has" if shorter == 1 else "identifiers have"
        return FileFinding(
            "F07",
            "warning",
            f'Column "{heading}": {shorter:,} {have} fewer than {longest} digits, the first in row '
            f"{first}, and none begins with a zero. If yours can, a spreadsheet has taken the "
            "zeros away, and the rows would be taken for other records.",
            field,
        )
