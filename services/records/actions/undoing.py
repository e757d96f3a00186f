"""Undoes an applied import in slices, each a message of its own, under the site's lock.

Records that the import made and nobody has touched since are deleted; those that it changed get
back what they held; touched ones are kept as they are and told. A slice is one transaction.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.records.actions.guarding import lock_site
from services.records.actions.importing import end_staging, open_import, tell_of
from services.records.actions.pairing import note_pairs, refresh_states
from services.records.domain.decisions import SLICE_ROWS
from services.records.events import IMPORT_UNDONE, UNDO_SLICE_WANTED
from services.records.queries.matching import look_up_by_index
from services.records.queries.periods import load_locks
from services.records.queries.undoing import KEPT, LOCKED, PREVIEW, REMOVED, RESTORED, UNDO
from services.records.queries.verdicts import lock_binds
from services.records.tables import StagedImport
from services.records.today import today_in_london
from services.shared import logs

MOST_TOLD = 1_000
"""Kept records that are told by their ids."""
_FIRST = UUID(int=0)
_ALL = 2_000_000_000


def undo_import(session: Session, *, site_id: UUID, import_id: UUID, by: UUID) -> None:
    """Begins to undo an applied import; refuses where that would touch a locked year.

    Does nothing for an import that is being undone or was, or was never applied.
    """
    lock_site(session, site_id)
    staged = open_import(session, site_id=site_id, import_id=import_id)
    if staged.state != "applied":
        logs.get_logger().info("undo_not_begun", import_id=import_id, state=staged.state)
        return
    _, years = preview(session, staged)
    if years:
        _tell(session, staged, {}, refused_years=years)
        return
    staged.state = "undoing"
    staged.undo_asked_by = by
    staged.undone_to = _FIRST
    staged.undone = {REMOVED: 0, RESTORED: 0, KEPT: 0, "kept_records": []}
    staged.next_slice = 1
    _want_slice(session, staged)


def undo_slice(session: Session, *, site_id: UUID, import_id: UUID, number: int) -> None:
    """Undoes the next slice; a number that is not the next one changes nothing."""
    lock_site(session, site_id)
    staged = open_import(session, site_id=site_id, import_id=import_id)
    if staged.state != "undoing" or staged.next_slice != number:
        return
    look_up_by_index(session)
    binds = {**_binds(session, staged, limit=SLICE_ROWS), "by": staged.undo_asked_by}
    rows = session.execute(text(UNDO), binds).all()
    ids = [row.record_id for row in rows if row.verdict in (REMOVED, RESTORED)]
    # Only a record that is there again, or on another day, can come near one or part from it.
    note_pairs(
        session,
        site_id=site_id,
        record_ids=[row.record_id for row in rows if row.verdict == RESTORED and row.moved],
    )
    refresh_states(session, site_id=site_id, record_ids=ids, by=staged.undo_asked_by)
    staged.undone = _added(staged.undone or {}, rows)
    staged.next_slice = number + 1
    if len(rows) == SLICE_ROWS:
        staged.undone_to = rows[-1].record_id
        _want_slice(session, staged)
        return
    staged.state = "undone"
    end_staging(session, staged)  # rows that were held and not decided
    _tell(session, staged, staged.undone, refused_years=[])
    logs.get_logger().info(
        "import_undone",
        import_id=import_id,
        **{name: staged.undone[name] for name in (REMOVED, RESTORED, KEPT)},
    )


def preview(session: Session, staged: StagedImport) -> tuple[dict[str, int], list[int]]:
    """What undoing would do: records by verdict, and the locked years it would touch."""
    look_up_by_index(session)
    rows = session.execute(text(PREVIEW), _binds(session, staged, limit=_ALL)).all()
    years = sorted({year for row in rows for year in row.years or ()})
    return {row.verdict: row.records for row in rows}, years


def _binds(session: Session, staged: StagedImport, *, limit: int) -> dict[str, Any]:
    locks = load_locks(session, site_id=staged.site_id, today=today_in_london())
    return {
        "import_id": staged.import_id,
        "site_id": staged.site_id,
        "after": staged.undone_to or _FIRST,
        "limit": limit,
        **lock_binds(locks),
    }


def _added(undone: dict[str, Any], rows: Any) -> dict[str, Any]:
    # A year that was locked between the slices keeps its records too.
    kept = [str(row.record_id) for row in rows if row.verdict in (KEPT, LOCKED)]
    counted = {
        name: undone[name] + sum(row.verdict == name for row in rows)
        for name in (REMOVED, RESTORED)
    }
    return {
        **counted,
        KEPT: undone[KEPT] + len(kept),
        "kept_records": [*undone["kept_records"], *kept][:MOST_TOLD],
    }


def _want_slice(session: Session, staged: StagedImport) -> None:
    tell_of(session, staged, UNDO_SLICE_WANTED, {"number": staged.next_slice})


def _tell(
    session: Session, staged: StagedImport, undone: dict[str, Any], *, refused_years: list[int]
) -> None:
    tell_of(
        session,
        staged,
        IMPORT_UNDONE,
        {
            "removed": undone.get(REMOVED, 0),
            "restored": undone.get(RESTORED, 0),
            "kept": undone.get(KEPT, 0),
            "kept_records": undone.get("kept_records", []),
            "refused_years": refused_years,
        },
    )
