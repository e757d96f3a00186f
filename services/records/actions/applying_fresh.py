"""Applies the fresh rows of a large import, two slices at once; all others come afterwards.

When all of them are stored, second rows of patients are applied in the same way, if there are many.

A row is fresh if the comparison found it new, and no earlier row of the import is about its
patient. Two such rows are about two patients and touch nothing that both have, so their slices only
share the site's lock, and keep what they did in a row of their own (`applied_slice`). Anybody else
who changes records of the site takes the lock alone, between two slices. Then what the comparison
found may not hold any more, and the rows that are left are looked up one slice at a time.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.records import metrics
from services.records.actions.guarding import (
    changes_of,
    count_changes,
    hold_site,
    lock_site,
    share_opt_outs,
    share_site,
)
from services.records.actions.importing import tell_of, tell_progress, want_slice
from services.records.actions.pairing import note_slice
from services.records.actions.resealing import seal_with_patients_keys
from services.records.domain.decisions import HELD, NEW, SLICE_ROWS, added
from services.records.events import FRESH_SLICE_WANTED
from services.records.keys import Keys
from services.records.queries.fresh import APPLY_FRESH, DELETE_FRESH
from services.records.queries.matching import look_up_by_index
from services.records.queries.periods import load_locks
from services.records.queries.slices import (
    count_second_rows,
    leave_second_rows_out,
    other_rows,
    second_rows,
)
from services.records.queries.staging import find_import
from services.records.queries.verdicts import lock_binds
from services.records.tables import AppliedSlice, StagedImport
from services.records.today import today_in_london

AT_ONCE = 2
"""Slices of an import under way; the consumer has a thread more for others."""


def begin_fresh(session: Session, staged: StagedImport) -> bool:
    """Asks for the first slices of fresh rows; False if this import is applied one by one.

    So are those of one slice, those to be stored whole or not at all, and those whose site has
    changed since the comparison.
    """
    slices = _slices_of_first_rows(staged)
    if (
        slices < AT_ONCE
        or staged.all_or_nothing
        or staged.compared_at is None
        or hold_site(session, staged.site_id) != staged.compared_at
    ):
        staged.other_rows = staged.second_rows = None
        return False
    # Another import of the site that is being applied so finds that the site has changed.
    lock_site(session, staged.site_id)
    staged.compared_at = changes_of(session, staged.site_id)
    staged.fresh_slices = slices
    for number in range(1, AT_ONCE + 1):
        tell_of(session, staged, FRESH_SLICE_WANTED, {"number": number})
    return True


def apply_fresh_slice(
    session: Session, keys: Keys, *, site_id: UUID, import_id: UUID, number: int
) -> None:
    """Applies the fresh rows of one slice, and asks for the next or for what comes after them.

    One that was applied already, or whose import has gone on since, changes nothing.
    """
    share_site(session, site_id)
    staged = find_import(session, import_id)
    if staged is None or staged.state != "applying" or staged.fresh_slices is None:
        return
    if changes_of(session, site_id, but_of=import_id) != staged.compared_at:
        want_slice(session, staged)
        return
    claim = insert(AppliedSlice).values(import_id=import_id, number=number, site_id=site_id)
    claim = claim.on_conflict_do_nothing()
    if session.execute(claim.returning(AppliedSlice.number)).first() is None:
        return
    with metrics.STEP_SECONDS.labels("apply").time():
        share_opt_outs(session)
        counts = _apply_rows(session, keys, staged, number)
    session.execute(
        _COUNTED,
        {
            "import_id": import_id,
            "number": number,
            "rows": sum(counts.values()),
            "counts": orjson.dumps(counts).decode(),
        },
    )
    for outcome, rows in counts.items():
        metrics.ROWS_APPLIED.labels(outcome).inc(rows)
    done = select(func.sum(AppliedSlice.rows)).where(AppliedSlice.import_id == import_id)
    tell_progress(session, staged, rows_done=session.execute(done).scalar_one())
    if number + AT_ONCE <= staged.fresh_slices:
        tell_of(session, staged, FRESH_SLICE_WANTED, {"number": number + AT_ONCE})
    else:
        want_slice(session, staged)


def end_fresh(session: Session, staged: StagedImport) -> bool:
    """Goes over to the rows that are left; False while slices of fresh ones are still to come.

    Args:
        staged: the import, locked.
    """
    hold_site(session, staged.site_id)
    of_import = AppliedSlice.import_id == staged.import_id
    done = session.execute(select(AppliedSlice.counts).where(of_import)).scalars().all()
    others = changes_of(session, staged.site_id, but_of=staged.import_id)
    if others != staged.compared_at:
        staged.compared_at = staged.other_rows = staged.second_rows = None
        session.flush()  # before it is asked which rows come next
    elif len(done) < (staged.fresh_slices or 0):
        return False
    elif len(done) > _slices_of_first_rows(staged):
        leave_second_rows_out(session, staged.import_id)
    elif _begin_second_rows(session, staged):
        return False
    for counts in done:
        staged.applied = added(staged.applied or {}, counts)
        staged.rows_done += sum(counts.values())
    # What others saw as so many slices they see as so many changes.
    count_changes(session, staged.site_id, len(done))
    session.execute(delete(AppliedSlice).where(of_import))
    if staged.compared_at is not None:
        staged.compared_at = changes_of(session, staged.site_id)
    staged.fresh_slices = None
    return True


def _slices_of_first_rows(staged: StagedImport) -> int:
    return -(-(staged.last_row or 0) // SLICE_ROWS)


def _begin_second_rows(session: Session, staged: StagedImport) -> bool:
    """Asks for slices of second rows, now that the first ones are stored.

    Returns:
        False if there are few, which are left among the others.
    """
    done = _slices_of_first_rows(staged)
    slices = -(-count_second_rows(session, staged.import_id) // SLICE_ROWS)
    if slices < AT_ONCE:
        return False
    staged.fresh_slices = done + slices
    for number in range(done + 1, done + AT_ONCE + 1):
        tell_of(session, staged, FRESH_SLICE_WANTED, {"number": number})
    return True


def _slice(session: Session, staged: StagedImport, number: int) -> dict[str, Any]:
    """The rows of a slice, as binds: first rows are a range without others, second ones a list."""
    import_id = staged.import_id
    place = (number - 1 - _slices_of_first_rows(staged)) * SLICE_ROWS
    if place >= 0:
        return second_rows(session, import_id, place=place, size=SLICE_ROWS)
    upto = number * SLICE_ROWS
    after = upto - SLICE_ROWS
    others = other_rows(session, import_id, after=after, upto=upto)
    return {"import_id": import_id, "after": after, "upto": upto, "other_rows": others}


def _apply_rows(session: Session, keys: Keys, staged: StagedImport, number: int) -> dict[str, int]:
    """Stores the fresh rows of a slice and takes them out of staging; counts by outcome."""
    slice_ = _slice(session, staged, number)
    values: dict[str, Any] = {
        **slice_,
        "site_id": staged.site_id,
        "mode": staged.mode,
        "by": staged.apply_asked_by,
        **lock_binds(load_locks(session, site_id=staged.site_id, today=today_in_london())),
    }
    listed = "rows" in slice_
    look_up_by_index(session)
    if listed:
        seal_with_patients_keys(session, keys, values)
    counts: dict[str, int] = {}
    for row in session.execute(APPLY_FRESH[listed], values).all():
        if row.verdict != NEW:
            counts[HELD] = counts.get(HELD, 0) + row.rows
            continue
        counts[NEW] = row.rows
        stored = {
            **values,
            "stored_rows": row.stored_rows,
            "to_pair": row.to_pair or "{}",
            "to_look_at": row.to_look_at or "{}",
        }
        note_slice(session, keys, stored, elsewhere=row.elsewhere or ())
    session.execute(DELETE_FRESH[listed], values)
    return counts


_COUNTED = text(
    "UPDATE applied_slice SET rows = :rows, counts = CAST(:counts AS jsonb) "
    "WHERE import_id = :import_id AND number = :number"
)
