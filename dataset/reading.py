"""Reads the cells of a file into values, a column at a time.

`read_column` is the fast door: it reads each different text once. `read_cell` reads one text.
Both give the same; what a text means is decided in `dataset.cells`. Passed on from elsewhere:
`CLEAR`, `DateEvidence`, `infer_date_order`, `HeadingMatch`, `match_headings`.

Source: domain notes 5.2 and 5.2.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from dataset.cells import quick_reader_of, reader_of
from dataset.dates import DateEvidence, DateOrder, infer_date_order
from dataset.fields import COMPANIONS, FIELDS, Field
from dataset.findings import Finding
from dataset.headings import HeadingMatch, match_headings
from dataset.values import CLEAR, Value

__all__ = [
    "CLEAR",
    "DateEvidence",
    "HeadingMatch",
    "infer_date_order",
    "match_headings",
    "read_cell",
    "read_column",
]

_MOST_REMEMBERED = 60_000
_LONGEST_REMEMBERED = 100
"""Characters. Blanks around an answer make a text of any length mean something."""
_NOT_REMEMBERED = frozenset({"nhs_number", "postcode", "text", "service_code"})
_BLANK: dict[str, Value] = {"": None}
_ORDERS: tuple[DateOrder, ...] = ("iso", "dmy", "mdy")


class _Column:
    """Reads the texts of one field and remembers what it has read.

    Remembered are texts that many rows share: dates, numbers and answers of lists that were read
    without a finding. Identifiers are not. `known` is replaced when it is full, never emptied,
    because another thread may be reading from it.
    """

    __slots__ = ("known", "read", "read_many", "remembers")

    def __init__(self, field: Field, date_order: DateOrder) -> None:
        self.read = reader_of(field, date_order)
        self.read_many = quick_reader_of(field)
        self.remembers = field.kind not in _NOT_REMEMBERED
        self.known: dict[str, Value] = dict(_BLANK)

    def values_to_fill(self) -> dict[str, Value]:
        """Where to put what texts mean: shared by all parts of a column, or new."""
        if not self.remembers:
            return {}
        if len(self.known) > _MOST_REMEMBERED:
            self.known = dict(_BLANK)
        return self.known


_COLUMNS = {
    (field.key, order): _Column(field, order)
    for field in (*FIELDS, *COMPANIONS)
    for order in (_ORDERS if field.kind == "date" else ("dmy",))
}


def _column(field: Field, date_order: DateOrder) -> _Column:
    return _COLUMNS[field.key, date_order if field.kind == "date" else "dmy"]


def read_column(
    field: Field, texts: Sequence[str], *, date_order: DateOrder = "dmy"
) -> tuple[list[Value], list[tuple[int, Finding]]]:
    """The values of a column's texts, and what is wrong with them.

    Args:
        field: the column's question.
        texts: cells as they stand in the file, top to bottom; about 500 at a time is fastest.
        date_order: order of day and month that the whole column uses; matters for dates alone.

    Returns:
        One value per text (None where blank or not readable), and pairs of the place in `texts`
        (from 0) and the finding, in that order.
    """
    column = _column(field, date_order)
    if column.remembers:
        # The usual case: a column repeats what it said before. Most of a file's time is spent here.
        with suppress(KeyError):
            return list(map(column.known.__getitem__, texts)), []
    different = set(texts)
    different.discard("")
    if not different:
        return [None] * len(texts), []
    value_of = column.values_to_fill()
    finding_of: dict[str, Finding] = {}
    if column.read_many:
        value_of = column.read_many("\n".join(different))
    unknown = [text for text in different if text not in value_of]
    if unknown and max(map(len, unknown)) > _LONGEST_REMEMBERED:
        # A copy, of which nothing is kept; taking texts back out would disturb other threads.
        value_of = dict(value_of)
    for text in unknown:
        value, finding = column.read(text)
        if finding is not None:
            finding_of[text] = finding
        # A repaired NHS number has both; it is not remembered, or the finding would be lost.
        if finding is None or not column.remembers:
            value_of[text] = value
    values = list(map(value_of.get, texts))
    if not finding_of:
        return values, []
    return values, [(i, finding_of[text]) for i, text in enumerate(texts) if text in finding_of]


def read_cell(
    field: Field, text: str, *, date_order: DateOrder = "dmy"
) -> tuple[Value, Finding | None]:
    """The value of one text and what is wrong with it; the same as `read_column` gives."""
    return _column(field, date_order).read(text)
