"""What was decided about a file before its rows are checked: columns, date orders, cuts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from dataset.dates import DateOrder
from services.imports.domain.repeats import Repeats
from services.imports.domain.setup import Setup

ROWS_PER_CHUNK = 5_000
MAX_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file that answers a question of the dataset.

    Attributes:
        position: from 0, as in the file.
        key: the field's key.
        heading: as the file has it.
    """

    position: int
    key: str
    heading: str


@dataclass(frozen=True, slots=True)
class DateRead:
    """How the dates of a column are read.

    Attributes:
        field: key of the field.
        settled_by: `cells` (its own dates), `file` (those of other columns) or `you` (the choice).
        row: number of a row that shows it.
    """

    field: str
    heading: str
    order: DateOrder
    settled_by: str
    row: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How the rows of one file are read.

    Holds no cell of a row, and of the headings only those that the dataset knows, so it may lie
    unsealed in the database.

    Attributes:
        width: how many cells each row must have.
        heading_row: row number of the headings.
        date_orders: field key -> order of day and month, for each date column.
        delimiter: what stands between cells.
        dates: what people are shown of the date columns that have dates.
        setup: what the site has said about files with these headings; None if nothing.
        converted: whether chunks lie in the converted form of the file, not in the upload itself.
    """

    width: int
    heading_row: int
    columns: tuple[Column, ...]
    date_orders: Mapping[str, DateOrder]
    delimiter: str = ","
    converted: bool = False
    dates: tuple[DateRead, ...] = ()
    setup: Setup | None = None

    def heading_of(self, key: str | None) -> str | None:
        """The file's own heading of a field; None if the file has no such column."""
        return next((column.heading for column in self.columns if column.key == key), None)

    def to_json(self) -> dict[str, Any]:
        """For the database."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """From the database."""
        return cls(
            width=data["width"],
            heading_row=data["heading_row"],
            columns=tuple(Column(**column) for column in data["columns"]),
            date_orders=data["date_orders"],
            # Plans from before there were other forms have neither.
            delimiter=data.get("delimiter", ","),
            converted=data.get("converted", False),
            dates=tuple(DateRead(**each) for each in data.get("dates", ())),
            setup=Setup.from_json(data["setup"]) if data.get("setup") else None,
        )


@dataclass(frozen=True, slots=True)
class Cut:
    """One chunk of a file.

    Attributes:
        number: from 1.
        first_row: row number, as a spreadsheet shows it, of its first record.
        row_count: rows with something in them; blank ones are not counted.
        byte_start, byte_end: its bytes, the end not included.
    """

    number: int
    first_row: int
    last_row: int
    row_count: int
    byte_start: int
    byte_end: int

    def joined(self, later: Cut) -> Cut:
        """This chunk and a later piece of the file as one, with what lies between."""
        return replace(
            self,
            last_row=later.last_row,
            row_count=self.row_count + later.row_count,
            byte_end=later.byte_end,
        )

    def repeats_within(self, same: list[int], differ: list[tuple[int, int]]) -> dict[str, Any]:
        """The repeats of this chunk alone; both lists sorted and for the whole file."""
        first, after = (bisect_left(differ, (row,)) for row in (self.first_row, self.last_row + 1))
        return {
            "same": _between(same, self.first_row, self.last_row),
            "differ": [[row, other] for row, other in differ[first:after]],
        }


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file read once from end to end.

    Attributes:
        rows_total: rows with something in them, over all cuts.
    """

    plan: Plan
    cuts: tuple[Cut, ...]
    repeats: Repeats
    rows_total: int


def _between(rows: list[int], first: int, last: int) -> list[int]:
    return rows[bisect_left(rows, first) : bisect_right(rows, last)]
