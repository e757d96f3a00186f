"""Cursors: opaque places that survive the way through an address."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.records.domain.cursors import Cursor, at_day, at_instant, read_cursor


@given(st.dates(), st.uuids())
def test_a_day_comes_back(day: date, item_id: UUID) -> None:
    text = at_day(day, item_id).text()
    assert len(text) == 32 and text.replace("-", "").replace("_", "").isalnum()
    assert (read_cursor(text).day(), read_cursor(text).item_id) == (day, item_id)


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_point_in_time_comes_back_to_the_microsecond(instant: datetime, item_id: UUID) -> None:
    cursor = read_cursor(at_instant(instant, item_id).text())
    assert (cursor.instant(), cursor.item_id) == (instant, item_id)


@pytest.mark.parametrize(
    "text",
    ["", "x", "é" * 32, "AAAA", "A" * 31, "A" * 36, "!" * 32, Cursor(1, uuid4()).text()[:-4]],
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        read_cursor(text)


@pytest.mark.parametrize("key", [-(2**63), 2**63 - 1, 0])
def test_a_key_that_is_no_day_is_refused(key: int) -> None:
    with pytest.raises(ValueError, match="day|ordinal"):
        Cursor(key, uuid4()).day()


@pytest.mark.parametrize("key", [-(2**63), 2**63 - 1])
def test_a_key_that_is_no_point_in_time_is_refused(key: int) -> None:
    with pytest.raises(ValueError, match="point in time"):
        Cursor(key, uuid4()).instant()
