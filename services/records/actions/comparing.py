"""Compares an import, once all its rows are staged, with what is stored; changes no record."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.records import metrics
from services.records.actions.applying import begin_applying
from services.records.domain.decisions import CHANGED, REJECTED, ledger
from services.records.events import IMPORT_COMPARED
from services.records.queries.changing import count_changes
from services.records.queries.comparing import compare_statement
from services.records.queries.matching import look_up_by_index
from services.records.queries.periods import load_locks
from services.records.queries.staging import held_rows
from services.records.queries.verdicts import lock_binds
from services.records.tables import StagedImport
from services.records.today import today_in_london
from services.shared import logs
from services.shared.outbox import record_event


def compare_import(
    session: Session,
    staged: StagedImport,
    *,
    rejected: int,
    passed_over: Mapping[str, int],
) -> None:
    """Counts what the import would do and tells imports; begins to apply if that was asked.

    Args:
        staged: the import, locked, with all its batches.
        rejected: rows that were refused while staging, those passed over among them.
        passed_over: of these, how many by each code of the mode.
    """
    with metrics.STEP_SECONDS.labels("compare").time():
        verdicts = _verdicts(session, staged)
    counts = _by_outcome(verdicts)
    counts[REJECTED] += rejected
    passed = {
        code: passed_over.get(code, 0) + verdicts.get(f"rejected:{code}", 0)
        for code in ("M01", "M02")
    }
    changed_fields = {}
    if counts[CHANGED]:
        changed_fields = count_changes(
            session, staged.import_id, overwrite_unknown=bool(staged.overwrite_unknown)
        )
    staged.state = "compared"
    staged.compared = counts
    session.flush()
    record_event(
        session,
        IMPORT_COMPARED,
        subject=staged.import_id,
        site_id=staged.site_id,
        data={
            "import_id": staged.import_id,
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


def _verdicts(session: Session, staged: StagedImport) -> dict[str, int]:
    look_up_by_index(session)
    statement = compare_statement(bool(staged.overwrite_unknown))
    rows = session.execute(
        text(statement),
        {
            "import_id": staged.import_id,
            "site_id": staged.site_id,
            "mode": staged.mode,
            **lock_binds(load_locks(session, site_id=staged.site_id, today=today_in_london())),
        },
    )
    return {row.verdict: row.rows for row in rows}


def _by_outcome(verdicts: Mapping[str, int]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for verdict, rows in verdicts.items():
        outcome = verdict.partition(":")[0]
        counts[outcome] = counts.get(outcome, 0) + rows
    return ledger(counts)
