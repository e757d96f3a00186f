"""Ten years of dates in eight ways of writing, pure and mixed: no date is ever stored wrong.

A date is stored as it was meant, or its row is rejected, or the file is refused. There is one case
that nobody can tell: a month-first cell that can be read both ways, in a column in which nothing
speaks for month first. Then how the column was read is shown, and a person confirms it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.imports.domain.refusals import FileRefused
from tests.factories.chunks import sent_values
from tests.factories.imports import csv_bytes, make_row
from tests.unit.imports.test_forms import read

WAYS: dict[str, Callable[[date], str]] = {
    "day first": lambda d: f"{d:%d/%m/%Y}",
    "day first, short": lambda d: f"{d.day}/{d.month}/{d.year}",
    "day first, dots": lambda d: f"{d:%d.%m.%Y}",
    "day first, dashes": lambda d: f"{d:%d-%m-%Y}",
    "month's name": lambda d: f"{d.day} {d:%b %Y}",
    "year first": lambda d: d.isoformat(),
    "year first, with a time": lambda d: f"{d.isoformat()}T00:00:00",
    "month first": lambda d: f"{d.month}/{d.day}/{d.year}",
}
MONTH_FIRST = "month first"
DAYS = st.dates(date(2016, 1, 1), date(2026, 1, 31))
Cell = tuple[date, str]


def stored(cells: list[Cell], births: str) -> dict[int, date] | None:
    """Place -> the date that goes on to be stored; None if the file is refused.

    Args:
        births: the way in which dates of birth are written.
    """
    rows = [
        make_row(
            place,
            date_index_diagnosed=WAYS[way](day),
            date_of_birth=WAYS[births](day - timedelta(days=25_000)),
        )
        for place, (day, way) in enumerate(cells)
    ]
    try:
        _, _, chunks = read(csv_bytes(rows))
    except FileRefused:
        return None
    found = {}
    for chunk in chunks:
        days = sent_values(chunk).get("date_index_diagnosed", [])
        # The first row of data stands in row 2 of the file.
        rows = [number - 2 for number in chunk.sent.row_numbers]
        found |= {row: date.fromisoformat(day) for row, day in zip(rows, days, strict=True)}
    return found


def proves_month_first(cell: Cell) -> bool:
    day, way = cell
    return way == MONTH_FIRST and day.day > 12


@given(st.sampled_from(sorted(WAYS)), st.lists(DAYS, min_size=1, max_size=12))
def test_a_file_that_is_written_in_one_way(way: str, days: list[date]) -> None:
    found = stored([(day, way) for day in days], births=way)
    if found is None:
        births = [day - timedelta(days=25_000) for day in days]
        open_to_both = any(all(day.day <= 12 for day in column) for column in (days, births))
        assert way == MONTH_FIRST or open_to_both, "a file that is clear about dates was refused"
        return
    for place, read_as in found.items():
        assert read_as == days[place]


@given(
    st.lists(st.tuples(DAYS, st.sampled_from(sorted(WAYS))), min_size=1, max_size=12),
    st.sampled_from(sorted(set(WAYS) - {MONTH_FIRST})),
)
def test_a_column_that_mixes_ways(cells: list[Cell], births: str) -> None:
    found = stored(cells, births)
    if any(map(proves_month_first, cells)):
        assert found is None, "month first beside others, or unasked, has to be asked about"
        return
    for place, read_as in (found or {}).items():
        day, way = cells[place]
        if way == MONTH_FIRST:
            continue  # it can be read both ways, and nothing in its column speaks for month first
        assert read_as == day


@given(st.lists(st.tuples(DAYS, st.sampled_from(sorted(set(WAYS) - {MONTH_FIRST}))), min_size=1))
def test_without_month_first_nothing_can_be_read_wrong(cells: list[Cell]) -> None:
    found = stored(cells, births="year first")
    for place, read_as in (found or {}).items():
        assert read_as == cells[place][0]
