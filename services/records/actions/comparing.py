"""Compares an import, once all its rows are staged, with what is stored; changes no record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.records import metrics
from services.records.actions.applying import begin_applying
from services.records.actions.guarding import changes_of
from services.records.actions.importing import tell_of
from services.records.domain.decisions import CHANGED, REJECTED, SAME, ledger
from services.records.events import IMPORT_COMPARED
from services.records.queries.changing import count_changes
from services.records.queries.comparing import LookedUp, compare_statement
from services.records.queries.matching import look_up_by_index
from services.records.queries.periods import load_locks
from services.records.queries.slices import keep_other_rows
from services.records.queries.staging import StagedBatches, has_records, held_rows
from services.records.queries.verdicts import lock_binds
from services.records.tables import StagedImport
from services.records.today import today_in_london
from services.shared import logs


def compare_import(session: Session, staged: StagedImport, batches: StagedBatches) -> None:
    """Counts what the import would do and tells imports; begins to apply if that was asked.

    Args:
        staged: the import, locked.
        batches: all its batches.
    """
    with metrics.STEP_SECONDS.labels("compare").time():
        # Asked before the records are looked at: who changes some meanwhile makes it another.
        compared_at = changes_of(session, staged.site_id)
        unclear = batches.unclear_rows if batches.looked_at == compared_at else None
        found = _compare(session, staged, unclear)
    verdicts = {row.verdict: row.rows for row in found}
    # A row without a record may be the same as one that was stored after the row was checked.
    is_as_checked = not any(row.unchecked_rows for row in found if row.verdict == SAME)
    counts = _by_outcome(verdicts)
    counts[REJECTED] += batches.rejected
    passed = {
        code: batches.passed_over[code] + verdicts.get(f"rejected:{code}", 0)
        for code in ("M01", "M02")
    }
    changed_fields = {}
    if counts[CHANGED]:
        changed_fields = count_changes(
            session, staged.import_id, overwrite_unknown=bool(staged.overwrite_unknown)
        )
    staged.state = "compared"
    staged.compared = counts
    staged.compared_at = compared_at if is_as_checked else None
    staged.last_row = max((row.last_row for row in found), default=0)
    session.flush()
    keep_other_rows(
        session,
        staged.import_id,
        (row.other_rows for row in found),
        second=(row.second_rows for row in found),
    )
    tell_of(
        session,
        staged,
        IMPORT_COMPARED,
        {
            **counts,
            "held_rows": held_rows(session, staged.import_id),
            "passed_over": passed,
            "changed_fields": [
                {"field": key, "rows": rows} for key, rows in changed_fields.items()
            ],
        },
    )
    logs.get_logger().info("import_compared", import_id=staged.import_id, **counts)
    if staged.apply_asked_by is not None:
        begin_applying(session, staged, by=staged.apply_asked_by)


def _compare(
    session: Session, staged: StagedImport, unclear_rows: Sequence[int] | None
) -> Sequence[Any]:
    """One row for each verdict, as `compare_statement` returns them.

    Args:
        unclear_rows: rows to look up although no stored record was found behind them; None if the
            site has changed since, and all have to be.
    """
    look_up_by_index(session)
    session.execute(_ROOM_TO_GROUP)
    looked_up: LookedUp = "all" if unclear_rows is None else "not_new"
    if not has_records(session, site_id=staged.site_id):
        looked_up = "nothing"
    statement = compare_statement(bool(staged.overwrite_unknown), looked_up=looked_up)
    return session.execute(
        text(statement),
        {
            "import_id": staged.import_id,
            "site_id": staged.site_id,
            "mode": staged.mode,
            "unclear_rows": unclear_rows,
            **lock_binds(load_locks(session, site_id=staged.site_id, today=today_in_london())),
        },
    ).all()


# The keys of a million rows are grouped in memory: a few hundred bytes for each.
_ROOM_TO_GROUP = text("SELECT set_config('work_mem', '64MB', true)")


def _by_outcome(verdicts: Mapping[str, int]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for verdict, rows in verdicts.items():
        outcome = verdict.partition(":")[0]
        counts[outcome] = counts.get(outcome, 0) + rows
    return ledger(counts)
