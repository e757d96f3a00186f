"""Applies a compared import in slices, each a message of its own, so that imports take turns.

Under the site's lock every row of a slice is compared again. Nothing in the tables forbids a second
record of one patient and day (people may say that both are right, V20), so two imports of the same
rows are kept from storing them twice by exactly this: one slice of a site at a time, and whoever
comes second finds the record stored and changes nothing (`same`) or is held. Only fresh rows of one
import, which cannot be about the same, come before that in two slices at once (`applying_fresh`).

What the store alone knows is looked at again too: rows whose patient has opted out, or whose year
was locked, since the check are held. Then the pairs (V20) of the slice's records are noted, and the
states that follow.

A slice is one transaction: its records, history, effects and progress are stored and its rows leave
staging together, and the message about the next slice is recorded with them.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.records import metrics
from services.records.actions.applying_fresh import begin_fresh, end_fresh
from services.records.actions.guarding import changes_of, hold_site, lock_site, share_opt_outs
from services.records.actions.importing import (
    end_staging,
    open_import,
    tell_of,
    tell_progress,
    want_slice,
)
from services.records.actions.pairing import note_slice
from services.records.actions.resealing import seal_with_patients_keys
from services.records.domain.decisions import (
    CHANGED,
    HELD,
    NEW,
    REJECTED,
    SAME,
    SLICE_ROWS,
    added,
    ledger,
)
from services.records.events import IMPORT_APPLIED
from services.records.keys import Keys
from services.records.queries.arrays import joined_arrays
from services.records.queries.comparing import apply_statement
from services.records.queries.matching import look_up_by_index
from services.records.queries.periods import load_locks
from services.records.queries.slices import delete_slice, next_slice
from services.records.queries.staging import held_rows
from services.records.queries.verdicts import lock_binds
from services.records.tables import StagedImport
from services.records.today import today_in_london
from services.shared import logs


def apply_import(session: Session, *, site_id: UUID, import_id: UUID, by: UUID) -> None:
    """Begins to apply a compared import; one that is not compared yet begins when it is.

    Does nothing for an import that is being applied, has been, or was cancelled.
    """
    staged = open_import(session, site_id=site_id, import_id=import_id)
    if staged.state == "staging":
        staged.apply_asked_by = by
    elif staged.state == "compared":
        begin_applying(session, staged, by=by)
    else:
        logs.get_logger().info("apply_not_begun", import_id=import_id, state=staged.state)


def begin_applying(session: Session, staged: StagedImport, *, by: UUID) -> None:
    """Opens the ledger of the apply and asks for the first slice."""
    compared = ledger(staged.compared or {})
    staged.state = "applying"
    staged.apply_asked_by = by
    staged.applied = ledger({HELD: compared[HELD], REJECTED: compared[REJECTED]})
    staged.rows_total = compared[NEW] + compared[CHANGED] + compared[SAME]
    staged.next_slice = 1
    if staged.rows_total == 0:
        _finish(session, staged)
    elif not begin_fresh(session, staged):
        want_slice(session, staged)


def apply_slice(
    session: Session, keys: Keys, *, site_id: UUID, import_id: UUID, number: int
) -> None:
    """Applies the next slice of an import; a number that is not the next one changes nothing."""
    staged = open_import(session, site_id=site_id, import_id=import_id)
    if staged.state != "applying" or staged.next_slice != number:
        return
    if staged.fresh_slices is not None and not end_fresh(session, staged):
        return
    with metrics.STEP_SECONDS.labels("apply").time():
        if hold_site(session, site_id) != staged.compared_at:
            staged.compared_at = None
        lock_site(session, site_id)
        share_opt_outs(session)
        counts = _apply_rows(session, keys, staged)
        if staged.compared_at is not None:
            staged.compared_at = changes_of(session, site_id)
    staged.applied = added(staged.applied or {}, counts)
    staged.rows_done += sum(counts.values())
    staged.next_slice = number + 1
    for outcome, rows in counts.items():
        metrics.ROWS_APPLIED.labels(outcome).inc(rows)
    tell_progress(session, staged, rows_done=staged.rows_done)
    if next_slice(session, import_id, after=staged.applied_to_row, size=SLICE_ROWS) is not None:
        want_slice(session, staged)
    else:
        _finish(session, staged)


def _apply_rows(session: Session, keys: Keys, staged: StagedImport) -> dict[str, int]:
    """Applies the rows of the next slice and takes them out of staging; counts by outcome."""
    slice_ = next_slice(session, staged.import_id, after=staged.applied_to_row, size=SLICE_ROWS)
    if slice_ is None:
        return {}
    values: dict[str, Any] = {
        **slice_,
        "site_id": staged.site_id,
        "mode": staged.mode,
        "by": staged.apply_asked_by,
        **lock_binds(load_locks(session, site_id=staged.site_id, today=today_in_london())),
    }
    look_up_by_index(session)
    as_compared = staged.compared_at is not None
    seal_with_patients_keys(session, keys, values)
    counts: dict[str, int] = {}
    stored = {"stored_rows": "{}", "to_pair": "{}", "to_look_at": "{}"}
    elsewhere: list[UUID] = []
    statement = text(
        apply_statement(
            bool(staged.overwrite_unknown), as_compared=as_compared, listed="rows" in slice_
        )
    )
    for row in session.execute(statement, values).all():
        outcome = row.verdict.partition(":")[0]
        # What became impossible since the check is for a person to see, not to lose.
        outcome = HELD if outcome == REJECTED else outcome
        counts[outcome] = counts.get(outcome, 0) + row.rows
        elsewhere += row.elsewhere or ()
        stored = {
            name: joined_arrays([before, getattr(row, name)]) for name, before in stored.items()
        }
    if stored["stored_rows"] != "{}":
        note_slice(session, keys, {**values, **stored}, elsewhere=elsewhere)
    delete_slice(session, slice_)
    staged.applied_to_row = slice_["upto"]
    return counts


def _finish(session: Session, staged: StagedImport) -> None:
    held = held_rows(session, staged.import_id)
    staged.state = "applied"
    end_staging(session, staged, but_held=True)
    counts = ledger(staged.applied or {})
    tell_of(session, staged, IMPORT_APPLIED, {**counts, "held_rows": held})
    logs.get_logger().info("import_applied", import_id=staged.import_id, **counts)
