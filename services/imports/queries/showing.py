"""What people and programs are shown of imports: their state, their ledger, their findings."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, defer

from services.imports.domain.findings import masked, mend_of, title_of
from services.imports.domain.ledger import Counts, Outcome, counts_of
from services.imports.domain.states import APPLIED, is_live, stage_of
from services.imports.queries.working import Progress, find_import, get_progress, own_counts
from services.imports.sealed import open_value, unwrap_key
from services.imports.tables import (
    FileFindingRow,
    FindingRow,
    Import,
    ImportEvent,
    Profile,
    Receipt,
)
from services.shared.errors import NotFound
from services.shared.sealing import Keyring

FIRST_ROWS = 5
"""How many row numbers a group of findings shows."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: its items, its number from 1, its size, and how many there are in all."""

    items: list[Any]
    page: int
    page_size: int
    total: int


def get_import(session: Session, import_id: UUID, *, undo_days: int) -> dict[str, Any]:
    """An import as its site sees it.

    Args:
        undo_days: for how long after it was stored it can be undone.

    Raises:
        NotFound: no such import of the transaction's site.
    """
    row = find_import(session, import_id)
    if row is None:
        raise NotFound()
    return {
        **_describe(session, [row], undo_days)[0],
        "history": _history(session, import_id),
        "queue": None,
    }


_QUEUE = text("""
SELECT count(*) FILTER (WHERE state = 'received' AND created_at < :created_at)::integer AS ahead,
    count(*) FILTER (WHERE state <> 'received')::integer AS beside
FROM import WHERE state IN ('received', 'checking', 'applying') AND import_id <> :import_id
""")


def count_queue(session: Session, import_: Mapping[str, Any]) -> dict[str, int]:
    """How many imports of all sites are ahead of one and beside it; needs the reader's role.

    Args:
        import_: one that is worked on, as `get_import` gives it.
    """
    values = {"import_id": import_["import_id"], "created_at": import_["created_at"]}
    found = session.execute(_QUEUE, values).one()
    return {"ahead": found.ahead, "beside": found.beside}


def list_profiles(session: Session) -> list[Profile]:
    """The newest version of each set-up of the transaction's site, by name; `setup` opened."""
    versions = session.scalars(select(Profile).order_by(Profile.version))
    newest = {profile.profile_id: profile for profile in versions}
    return sorted(newest.values(), key=lambda profile: profile.name.casefold())


def get_receipt(session: Session, import_id: UUID) -> dict[str, Any]:
    """The newest receipt of an import, with its signature.

    Raises:
        NotFound: no such import of the transaction's site, or nothing of it was stored.
    """
    receipt = session.scalars(
        select(Receipt).where(Receipt.import_id == import_id).order_by(Receipt.number.desc())
    ).first()
    if receipt is None:
        raise NotFound("There is no receipt: nothing of such an import was stored at your site.")
    return {
        "receipt": receipt.document,
        "key_id": receipt.key_id,
        "signature": base64.b64encode(receipt.signature).decode(),
    }


def list_imports(session: Session, *, page: int, page_size: int, undo_days: int) -> Page:
    """The imports of the transaction's site, newest first."""
    total = session.scalar(select(func.count()).select_from(Import)) or 0
    statement = (
        select(Import)
        .order_by(Import.created_at.desc(), Import.import_id.desc())
        .offset((page - 1) * page_size)
        .limit(page_size)
    )
    items = _describe(session, list(session.scalars(statement)), undo_days)
    return Page(items, page, page_size, total)


def list_findings(
    session: Session,
    import_id: UUID,
    *,
    page: int,
    page_size: int,
    keyring: Keyring,
    code: str | None = None,
    level: str | None = None,
) -> Page:
    """Findings about rows, in the order of the file; identifiers among the values are masked.

    Raises:
        NotFound: no such import of the transaction's site.
    """
    row = find_import(session, import_id)
    if row is None:
        raise NotFound()
    wanted = [FindingRow.import_id == import_id]
    if code is not None:
        wanted.append(FindingRow.code == code)
    if level is not None:
        wanted.append(FindingRow.level == level)
    total = session.scalar(select(func.count()).select_from(FindingRow).where(*wanted)) or 0
    statement = (
        select(FindingRow)
        .where(*wanted)
        .order_by(FindingRow.row_number, FindingRow.finding_id)
        .offset((page - 1) * page_size)
        .limit(page_size)
    )
    found = list(session.scalars(statement))
    key = unwrap_key(keyring, import_id, row.wrapped_key) if found else b""
    return Page([_finding_object(finding, key) for finding in found], page, page_size, total)


def findings_between(
    session: Session, import_id: UUID, first_row: int, last_row: int
) -> dict[int, list[FindingRow]]:
    """Row number -> findings, of the rows from the first to the last; without the cells' values."""
    statement = (
        select(FindingRow)
        .options(defer(FindingRow.sealed_value))
        .where(
            FindingRow.import_id == import_id,
            FindingRow.row_number.between(first_row, last_row),
        )
        .order_by(FindingRow.row_number, FindingRow.finding_id)
        .execution_options(populate_existing=True)
    )
    found: dict[int, list[FindingRow]] = {}
    for finding in session.scalars(statement):
        found.setdefault(finding.row_number, []).append(finding)
        session.expunge(finding)
    return found


def group_findings(session: Session, import_id: UUID) -> list[dict[str, Any]]:
    """Findings about rows, grouped by what is wrong where; errors first, the most frequent first.

    Raises:
        NotFound: no such import of the transaction's site.
    """
    if find_import(session, import_id) is None:
        raise NotFound()
    groups = session.execute(_GROUPS, {"import_id": import_id, "first_rows": FIRST_ROWS})
    return [
        {
            **row,
            "title": title_of(row["code"]),
            "mend": mend_of(row["code"]),
        }
        for row in groups.mappings()
    ]


_GROUPS = text(
    """
    SELECT code, level, field, heading, count(*) AS count,
           (array_agg(row_number ORDER BY row_number))[1:CAST(:first_rows AS integer)] AS first_rows
    FROM finding WHERE import_id = :import_id
    GROUP BY code, level, field, heading
    ORDER BY level, count(*) DESC, code, heading
    """
)


def _describe(session: Session, rows: list[Import], undo_days: int) -> list[dict[str, Any]]:
    ids = [row.import_id for row in rows]
    progress = get_progress(session, ids)
    file_findings = _file_findings(session, ids)
    return [
        _import_object(
            row, progress.get(row.import_id, Progress()), file_findings[row.import_id], undo_days
        )
        for row in rows
    ]


def _import_object(
    row: Import, progress: Progress, file_findings: list[dict[str, Any]], undo_days: int
) -> dict[str, Any]:
    outcome = None if row.outcome is None else Outcome(**row.outcome)
    counts: Counts = counts_of(own_counts(row, progress), outcome)
    return {
        "import_id": row.import_id,
        "file_name": row.file_name,
        "size_bytes": row.size_bytes,
        "sha256": row.sha256.hex(),
        "state": row.state,
        "stage": stage_of(
            row.state,
            rows_total=row.rows_total,
            rows_checked=progress.rows_checked,
            rows_staged=progress.rows_staged,
        ),
        "mode": row.mode,
        "date_order": row.date_order,
        "confirm": row.confirm,
        "overwrite_unknown": row.overwrite_unknown,
        "all_or_nothing": row.all_or_nothing,
        "corrects": row.corrects,
        "profile_id": row.profile_id,
        "profile_version": row.profile_version,
        "file_kept": row.file_kept,
        "dates": (row.plan or {}).get("dates", []),
        "rows_total": row.rows_total,
        "rows_checked": progress.rows_checked,
        "rows_staged": progress.rows_staged,
        "rows_applied": row.rows_applied,
        "counts": counts,
        "passed_over": row.passed_over or {},
        "changed_fields": _changed_fields(row),
        "file_findings": file_findings,
        "failure": row.failure,
        "undone": row.undone,
        "created_at": row.created_at,
        "created_by": row.created_by,
        "confirmed_at": row.confirmed_at,
        "confirmed_by": row.confirmed_by,
        "ended_at": row.ended_at,
        "undo_until": _undo_until(row, undo_days),
        "live": is_live(row.state),
        "version": row.version,
    }


def _changed_fields(row: Import) -> list[dict[str, Any]]:
    """The fields that would change, those of most rows first."""
    counts = sorted((row.changed_fields or {}).items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"field": key, "rows": rows} for key, rows in counts]


def _undo_until(row: Import, undo_days: int) -> datetime | None:
    """Until when a stored import can be undone; None if it was not stored, or too long ago."""
    if row.state != APPLIED or row.ended_at is None:
        return None
    until = row.ended_at + timedelta(days=undo_days)
    return until if until > datetime.now(UTC) else None


def _finding_object(row: FindingRow, data_key: bytes) -> dict[str, Any]:
    value = open_value(data_key, row.import_id, row.row_number, row.field, row.sealed_value)
    return {
        "row": row.row_number,
        "column": row.heading,
        "field": row.field,
        "code": row.code,
        "level": row.level,
        "message": row.message,
        "value_masked": masked(row.field, value),
        "source": row.source,
    }


def _file_findings(session: Session, ids: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {import_id: [] for import_id in ids}
    statement = (
        select(FileFindingRow)
        .where(FileFindingRow.import_id.in_(ids))
        .order_by(FileFindingRow.import_id, FileFindingRow.place)
    )
    for row in session.scalars(statement):
        found[row.import_id].append(
            {"code": row.code, "level": row.level, "field": row.field, "message": row.message}
        )
    return found


def _history(session: Session, import_id: UUID) -> list[dict[str, Any]]:
    statement = (
        select(ImportEvent).where(ImportEvent.import_id == import_id).order_by(ImportEvent.event_id)
    )
    return [
        {"at": row.at, "by": row.by, "kind": row.kind, "counts": row.counts}
        for row in session.scalars(statement)
    ]
