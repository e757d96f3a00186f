"""Follows what records says about an import: staged, compared, advanced, applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from services.imports import metrics
from services.imports.actions.checking import keep_findings
from services.imports.actions.deciding import may_apply, start_applying, tell_records_to_drop
from services.imports.actions.history import move
from services.imports.actions.preparing import ask_for_chunks
from services.imports.actions.receipts import issue_receipt
from services.imports.domain.checking import CellFinding
from services.imports.domain.findings import HELD
from services.imports.domain.ledger import Outcome, adds_up
from services.imports.domain.plans import Plan
from services.imports.domain.receipts import Signer
from services.imports.domain.states import APPLIED, APPLYING, CHECKED, CHECKING, FAILED, is_live
from services.imports.queries.working import (
    Progress,
    find_import,
    get_progress,
    lock_chunk,
    lock_import,
    own_counts,
    rows_with,
)
from services.imports.tables import Import
from services.shared import logs
from services.shared.errors import NotFound
from services.shared.sealing import Keyring

LEDGER_WRONG = (
    "The numbers of this import do not add up, so it was stopped. The fault is ours and has been "
    "recorded; the audit team will be in touch."
)

_FALL = text(
    """
    DELETE FROM finding
    WHERE import_id = :import_id AND if_new AND row_number = ANY(CAST(:rows AS integer[]))
    """
)
"""What was found of rows as new records, now that they turned out to be about stored ones."""

# A row that records rejects is no longer a row with a warning.
_COUNT_WARNED = text(
    """
    UPDATE chunk SET rows_warned = (
        SELECT count(*) FROM (
            SELECT row_number FROM finding
            WHERE import_id = :import_id AND row_number BETWEEN chunk.first_row AND chunk.last_row
            GROUP BY row_number HAVING bool_and(level = 'warning')
        ) AS warned)
    WHERE import_id = :import_id AND number = :number
    """
)


def take_staged(
    session: Session,
    import_id: UUID,
    number: int,
    findings: Sequence[Mapping[str, Any]],
    *,
    merged: Sequence[int],
    keyring: Keyring,
    window: int,
) -> None:
    """Notes that a batch is staged, keeps what the merge found, and asks for the next chunk.

    Args:
        findings: `row`, `field`, `code`, `level`, `message` of each.
        merged: rows about stored records, of which what was found as new ones does not hold.
    """
    row = find_import(session, import_id)
    if row is None or not is_live(row.state):
        return
    chunk = lock_chunk(session, import_id, number)
    if chunk is None:
        raise NotFound(f"chunk {number} is not known")
    if chunk.state != "checked":
        return
    chunk.state = "staged"
    session.flush()
    if merged:
        session.execute(_FALL, {"import_id": import_id, "rows": list(merged)})
    if findings:
        _keep_merge_findings(session, row, findings, keyring)
    if findings or merged:
        session.execute(_COUNT_WARNED, {"import_id": import_id, "number": number})
    ask_for_chunks(session, row, window=window)


def take_compared(
    session: Session,
    import_id: UUID,
    outcome: Outcome,
    *,
    passed_over: Mapping[str, int],
    changed_fields: Mapping[str, int],
    held_rows: Sequence[Mapping[str, Any]],
    keyring: Keyring,
) -> None:
    """Brings an import to "checked", and on to "applying" if it confirms by itself."""
    row = lock_import(session, import_id)
    # One that is to be stored whole comes back when a row has become held since the check.
    again = row.state == APPLYING and row.all_or_nothing
    if row.state != CHECKING and not again:
        return
    row.outcome = asdict(outcome)
    row.passed_over = dict(passed_over)
    row.changed_fields = dict(changed_fields)
    if not adds_up_here(session, row, outcome):
        fail_import(session, row, LEDGER_WRONG)
        return
    _keep_held_rows(session, row, held_rows, keyring)
    move(session, row, CHECKED, by=None, counts=asdict(outcome))
    if row.confirm == "automatic" and not again and may_apply(session, row):
        start_applying(session, row, by=row.created_by)


def take_advance(session: Session, import_id: UUID, rows_done: int) -> None:
    """Notes how far the storing is; never backwards, as messages may overtake each other."""
    session.execute(
        update(Import)
        .where(
            Import.import_id == import_id, Import.state == APPLYING, Import.rows_applied < rows_done
        )
        .values(rows_applied=rows_done)
        .execution_options(synchronize_session=False)
    )


def take_applied(
    session: Session,
    import_id: UUID,
    outcome: Outcome,
    *,
    held_rows: Sequence[Mapping[str, Any]],
    keyring: Keyring,
    signer: Signer,
) -> None:
    """Ends an import with the ledger of what was stored, which must add up.

    Args:
        held_rows: `row` and `reason` of rows set aside, those of the comparison among them.
    """
    row = lock_import(session, import_id)
    if row.state != APPLYING:
        return
    row.outcome = asdict(outcome)
    row.rows_applied = outcome.total
    _keep_held_rows(session, row, held_rows, keyring)
    if adds_up_here(session, row, outcome):
        move(session, row, APPLIED, by=None, counts=asdict(outcome))
        issue_receipt(session, row, signer)
    else:
        # What was stored stays stored: the message says that people must look.
        fail_import(session, row, LEDGER_WRONG)


def fail_import(session: Session, row: Import, failure: str) -> None:
    """Ends a live import that this transaction has locked, by a fault of ours; never hidden."""
    during = row.state
    row.failure = failure
    move(session, row, FAILED, by=None)
    logs.get_logger().error("import_failed", import_id=row.import_id, during=during)
    if during != APPLYING:
        tell_records_to_drop(session, row, by=None)


def adds_up_here(session: Session, row: Import, outcome: Outcome) -> bool:
    """Whether the ledger is exact with these counts of records; what is not is logged as ours."""
    progress = get_progress(session, [row.import_id]).get(row.import_id, Progress())
    own = own_counts(row, progress)
    if adds_up(own, outcome):
        return True
    metrics.LEDGER_MISMATCHES.inc()
    logs.get_logger().error(
        "ledger_does_not_add_up",
        import_id=row.import_id,
        received=own.received,
        own_same=own.same,
        own_rejected=own.rejected,
        sent=own.sent,
        answered=outcome.total,
    )
    return False


def _keep_merge_findings(
    session: Session, row: Import, findings: Sequence[Mapping[str, Any]], keyring: Keyring
) -> None:
    plan = Plan.from_json(row.plan) if row.plan else None
    kept = [
        CellFinding(
            row=finding["row"],
            heading=plan.heading_of(finding["field"]) if plan else None,
            field=finding["field"],
            code=finding["code"],
            level=finding["level"],
            message=finding["message"],
            value=None,
        )
        for finding in findings
    ]
    keep_findings(session, row, kept, source="records", keyring=keyring)


def _keep_held_rows(
    session: Session, row: Import, held_rows: Sequence[Mapping[str, Any]], keyring: Keyring
) -> None:
    known = rows_with(session, row.import_id, HELD)
    kept = [
        CellFinding(
            row=held["row"],
            heading=None,
            field=None,
            code=HELD,
            level="warning",
            message=held["reason"],
            value=None,
        )
        for held in held_rows
        if held["row"] not in known
    ]
    keep_findings(session, row, kept, source="records", keyring=keyring)
