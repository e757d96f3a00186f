"""Which staged rows are applied together: a range of row numbers, or the next rows of a list.

An import is applied in ranges: to find the end of a slice by counting rows, all that follow would
be read. After its fresh rows (`queries.fresh`) those that are left are few among many that have
gone, whose pages a range would read once more; the comparison has made a list of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.records.domain.decisions import HELD
from services.records.queries.arrays import joined_arrays


def rows_where(condition: str) -> str:
    """The staged rows `v` of the site that a condition holds for, as a source."""
    return f"(SELECT v.* FROM own_staged_row v WHERE {condition})"


def of_slice(*, listed: bool) -> str:
    """A condition: a staged row `v` is one of a slice. Binds: import_id, after, upto.

    Args:
        listed: the slice is a list of rows within the range; also binds `rows`.
    """
    rows = "v.row_number > :after AND v.row_number <= :upto"
    if listed:
        rows = "v.row_number = ANY(CAST(:rows AS integer[]))"
    return f"v.import_id = :import_id AND {rows}"


def in_slice(*, listed: bool) -> str:
    """As `of_slice`, and nothing is decided about the row."""
    return f"{of_slice(listed=listed)} AND v.row_number NOT IN ({_DECIDED})"


_DECIDED = """
                SELECT t.row_number FROM staged_decision t WHERE t.import_id = :import_id
                    AND t.row_number > :after AND t.row_number <= :upto"""


# Held rows stay until somebody has decided about them.
_DELETE = {
    listed: text(f"""
DELETE FROM own_staged_row v
WHERE {of_slice(listed=listed)}
    AND v.row_number NOT IN ({_DECIDED} AND t.outcome = '{HELD}')
""")
    for listed in (False, True)
}


def delete_slice(session: Session, slice_: dict[str, Any]) -> None:
    """Takes the rows of a slice out of staging, but for held ones."""
    session.execute(_DELETE["rows" in slice_], slice_)


def next_slice(
    session: Session, import_id: UUID, *, after: int, size: int
) -> dict[str, Any] | None:
    """The next rows to apply, as binds of `of_slice`; None if none is left.

    Args:
        size: how many rows it has at most.
    """
    values = {"import_id": import_id, "after": after, "upto": after + size, "size": size}
    rows = session.execute(_NEXT_OF_LIST, values).scalar_one()
    if rows is not None:
        return {**values, "upto": rows[-1], "rows": rows} if rows else None
    if session.execute(_HAS_ROWS, values).scalar_one():
        return values
    first = session.execute(_NEXT_ROW, values).scalar_one()
    return None if first is None else {**values, "upto": first - 1 + size}


# Through a view that keeps sites apart a minimum reads all rows that are left; this ends at one.
_HAS_ROWS = text("""
SELECT EXISTS (SELECT FROM own_staged_row
    WHERE import_id = :import_id AND row_number > :after AND row_number <= :upto)
""")
_NEXT_ROW = text(
    "SELECT min(row_number) FROM own_staged_row "
    "WHERE import_id = :import_id AND row_number > :after"
)
# A look-up in a sorted array: a large import may have a million of them.
_NEXT_OF_LIST = text("""
SELECT i.other_rows[w.place + 1 : w.place + CAST(:size AS integer)]
FROM staged_import i
CROSS JOIN LATERAL width_bucket(CAST(:after AS integer), i.other_rows) AS w (place)
WHERE i.import_id = :import_id
""")


def other_rows(session: Session, import_id: UUID, *, after: int, upto: int) -> list[int]:
    """Rows of a range that are to be applied and not fresh."""
    values = {"import_id": import_id, "after": after, "upto": upto}
    return list(session.execute(_OTHER_ROWS, values).scalar_one())


_OTHER_ROWS = text("""
SELECT other_rows[width_bucket(CAST(:after AS integer), other_rows) + 1
    : width_bucket(CAST(:upto AS integer), other_rows)]
FROM staged_import WHERE import_id = :import_id
""")


def keep_other_rows(
    session: Session,
    import_id: UUID,
    arrays: Iterable[str | None],
    *,
    second: Iterable[str | None],
) -> None:
    """Keeps which rows are to be applied and not fresh, in the order of the file.

    Args:
        arrays: arrays in text, as `compare_statement` returns them.
        second: likewise, those that are the second new one of their patient.
    """
    values = {"rows": joined_arrays(arrays), "second": joined_arrays(second)}
    session.execute(_KEEP_OTHER_ROWS, {"import_id": import_id, **values})


_SORTED = "ARRAY(SELECT u.n FROM unnest(CAST({} AS integer[])) AS u (n) ORDER BY 1)"
_KEEP_OTHER_ROWS = text(f"""
UPDATE staged_import SET other_rows = {_SORTED.format(":rows")},
    second_rows = {_SORTED.format(":second")}
WHERE import_id = :import_id
""")


def count_second_rows(session: Session, import_id: UUID) -> int:
    """How many rows are the second new one of their patient."""
    return int(session.execute(_COUNT_SECOND_ROWS, {"import_id": import_id}).scalar_one())


_COUNT_SECOND_ROWS = text(
    "SELECT coalesce(cardinality(second_rows), 0) FROM staged_import WHERE import_id = :import_id"
)


def second_rows(session: Session, import_id: UUID, *, place: int, size: int) -> dict[str, Any]:
    """Some of these rows, as binds of `of_slice`.

    Args:
        place: of the first of them in the list, from 0.
    """
    values = {"import_id": import_id, "place": place, "size": size}
    rows = session.execute(_SECOND_ROWS, values).scalar_one()
    return {"import_id": import_id, "after": rows[0] - 1, "upto": rows[-1], "rows": rows}


_SECOND_ROWS = text("""
SELECT second_rows[CAST(:place AS integer) + 1 : CAST(:place AS integer) + CAST(:size AS integer)]
FROM staged_import WHERE import_id = :import_id
""")


def leave_second_rows_out(session: Session, import_id: UUID) -> None:
    """Takes the second rows, which are applied, out of the other rows."""
    session.execute(_LEAVE_OUT, {"import_id": import_id})


_LEAVE_OUT = text("""
UPDATE staged_import SET second_rows = NULL, other_rows = ARRAY(
    SELECT u.n FROM unnest(other_rows) AS u (n) EXCEPT
    SELECT u.n FROM unnest(second_rows) AS u (n) ORDER BY 1)
WHERE import_id = :import_id
""")
