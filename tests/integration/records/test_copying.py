"""What is copied is read back as it was, whatever it was; one line for each row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.records.domain.columns import CLINICAL
from services.records.preparing import copying

TYPES = (
    "text",
    "date",
    "numeric(6,1)",
    "text[]",
    "bytea",
    "uuid",
    "integer",
    "smallint",
    "boolean",
)
TABLE = ", ".join(f"c{place} {name}" for place, name in enumerate(TYPES))

rows = st.tuples(
    st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    st.none() | st.dates().map(date.isoformat),
    st.none() | st.decimals("-99999.9", "99999.9", places=1).map(str),
    st.none() | st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1),
    st.none() | st.binary(max_size=600),
    st.uuids(),
    st.integers(-(2**31), 2**31 - 1),
    st.none() | st.integers(-(2**15), 2**15 - 1),
    st.booleans(),
)


@pytest.fixture(scope="module")
def database(databases: Any) -> Any:
    """A connection with an empty table of each type that a staged row has."""
    with psycopg.connect(databases.superuser_url("records"), autocommit=True) as connection:
        connection.execute(f"CREATE TEMPORARY TABLE copied (place integer, {TABLE})")
        yield connection


def test_the_table_has_every_type_that_a_field_has() -> None:
    kinds = {column.sql_type.partition("(")[0] for column in CLINICAL}
    assert kinds <= {name.partition("(")[0] for name in TYPES}


@settings(deadline=None, max_examples=150)
@given(st.lists(rows, min_size=1, max_size=8))
def test_what_is_copied_is_read_back(database: psycopg.Connection[Any], given_rows: list) -> None:
    texts, days, decimals, lists, blobs, ids, integers, smalls, flags = zip(
        *given_rows, strict=True
    )
    columns = (
        map(copying.integer_cell, range(len(given_rows))),
        copying.typed_column("text", texts),
        copying.typed_column("date", days),
        copying.typed_column("numeric(6,1)", decimals),
        copying.list_column(lists),
        copying.bytes_column(blobs),
        map(copying.uuid_cell, ids),
        map(copying.integer_cell, integers),
        map(copying.small_cell, smalls),
        [copying.TRUE if flag else copying.FALSE for flag in flags],
    )
    start = copying.line_start(len(columns))
    lines = [start + b"".join(cells) for cells in zip(*columns, strict=True)]
    with database.cursor().copy("COPY copied FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(copying.FILE_START)
        copy.write(b"".join(lines) + copying.FILE_END)
    stored = database.execute("SELECT * FROM copied ORDER BY place").fetchall()
    database.execute("TRUNCATE copied")
    assert [row[1:] for row in stored] == [_read(row) for row in given_rows]


def _read(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row as PostgreSQL gives it back; NUL, which it cannot store, is left out."""
    text, day, decimal, texts, blob, id_, integer, small, flag = row
    assert isinstance(id_, UUID)
    return (
        None if text is None else text.replace("\0", ""),
        None if day is None else date.fromisoformat(day),
        None if decimal is None else Decimal(decimal),
        None if texts is None else [each.replace("\0", "") for each in texts],
        blob,
        id_,
        integer,
        small,
        flag,
    )
