"""Reads of what a compared import would change, field by field."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.records.domain.columns import CLINICAL
from services.records.queries.matching import field_differences, merged

# Rows that were merged with a record and are not held. Left joins hold the order: from the rows to
# their records, never the other way.
_CHANGING = """own_staged_row s
LEFT JOIN fls_record r ON r.record_id = s.checked_record_id
LEFT JOIN record_identity i ON i.record_id = s.checked_record_id
WHERE s.import_id = :import_id AND s.checked_record_id IS NOT NULL
    AND s.dataset_version IS NOT NULL AND r.version = s.checked_version
    AND s.row_number NOT IN (
        SELECT t.row_number FROM staged_decision t WHERE t.import_id = :import_id)"""


@lru_cache
def _count_statement(overwrite_unknown: bool) -> str:
    counts = ", ".join(
        f"count(*) FILTER (WHERE {test}) AS {key}"
        for key, test in field_differences(overwrite_unknown=overwrite_unknown).items()
    )
    return f"SELECT {counts} FROM {_CHANGING}"


def count_changes(session: Session, import_id: UUID, *, overwrite_unknown: bool) -> dict[str, int]:
    """Field key -> rows that would change the stored answer; fields that none changes left out."""
    statement = text(_count_statement(overwrite_unknown))
    row = session.execute(statement, {"import_id": import_id}).one()
    return {key: rows for key, rows in row._mapping.items() if rows}


def list_changes(
    session: Session,
    import_id: UUID,
    key: str,
    *,
    overwrite_unknown: bool,
    after: int,
    limit: int,
) -> list[Any]:
    """Rows that would change a field: (row, record_id, before, after), in the order of the file.

    Answers are in wire form, None for a blank; those of identifiers are not told.
    """
    test = field_differences(overwrite_unknown=overwrite_unknown)[key]
    column = next((each for each in CLINICAL if each.key == key), None)
    before, then = "NULL", "NULL"
    if column is not None:
        form = "{}" if column.sql_type.startswith("text") else "({})::text"
        before = form.format(f"r.{key}")
        then = form.format(merged(column, overwrite_unknown=overwrite_unknown))
    query = f"""SELECT s.row_number AS row, r.record_id, {before} AS before, {then} AS after
        FROM {_CHANGING} AND {test} AND s.row_number > :after
        ORDER BY s.row_number LIMIT :limit"""
    values = {"import_id": import_id, "after": after, "limit": limit}
    return list(session.execute(text(query), values))
