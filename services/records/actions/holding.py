"""A person decides about the rows that an import has set aside: update, add, or leave out.

A decision goes through the door by which programs send records, with all its checks, and then into
the memory and the ledger of the import, so that undoing it and its receipt know of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from dataset.merging import merge
from dataset.values import CLEAR, Value
from dataset.wire import record_from_wire, wire_from_value
from services.records.actions.deciding import BOTH_RIGHT, decide_pair
from services.records.actions.guarding import lock_site, refuse_opted_out
from services.records.actions.identifying import real_number
from services.records.actions.importing import end_staging, open_import, tell_of
from services.records.actions.opening import FIELD_OF, OpenRecord, get_stored
from services.records.actions.recording import add_record, change_record
from services.records.domain.authors import Author
from services.records.domain.columns import CLINICAL_KEYS
from services.records.domain.decisions import CHANGED, HELD, NEW, REJECTED, SAME, ledger
from services.records.events import ROWS_DECIDED
from services.records.identifiers import open_identifier, patient_key
from services.records.keys import Keys
from services.records.queries import holding as queries
from services.records.queries.deciding import find_pair_of
from services.records.queries.staging import find_import
from services.records.tables import StagedImport
from services.shared.errors import Conflict, NotFound

UPDATE: Final = "update"
ADD: Final = "add"
LEAVE: Final = "leave"
DECISIONS = (UPDATE, ADD, LEAVE)
NOTHING_TO_STORE = frozenset({"opted_out", "identifiers_erased"})
"""Reasons why a row can only be left out."""
MOST_LEFT_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A held row in the clear.

    Attributes:
        reason: a key of `HELD_REASONS`.
        record_id: the id that its record will have if it is added.
        values: field key -> what the row says; blanks left out, `CLEAR` where it empties.
        tokens: warnings that its file acknowledges.
        candidates: records it may be about.
        may_add: whether it can become a record by itself.
    """

    row_number: int
    reason: str
    record_id: UUID | None
    values: dict[str, Value]
    tokens: tuple[str, ...]
    candidates: tuple[OpenRecord, ...]
    may_add: bool


def open_held(
    session: Session, keys: Keys, *, site_id: UUID, import_id: UUID, row_number: int
) -> HeldRow:
    """Opens a held row and the records that it may be about.

    Raises:
        NotFound: the import has no such row that waits for a decision.
    """
    reason = queries.find_reason(session, import_id, row_number)
    if reason is None:
        raise NotFound(
            "This row does not wait for a decision. Somebody may have decided about it already."
        )
    row = queries.find_row(session, import_id, row_number)
    if row is None or reason in NOTHING_TO_STORE or row.wrapped_key is None:
        return HeldRow(row_number, reason, None, {}, (), (), may_add=False)
    found = queries.find_candidates(session, site_id=site_id, row=row)
    return HeldRow(
        row_number,
        reason,
        row.record_id,
        _values_of(keys, row),
        tuple(row.acknowledged or ()),
        tuple(get_stored(session, keys, record_id) for record_id in found),
        # A row that was merged with a record holds only what it changes about the identifiers.
        may_add=row.checked_record_id is None,
    )


def decide_held(
    session: Session,
    keys: Keys,
    *,
    site_id: UUID,
    import_id: UUID,
    row_number: int,
    decision: str,
    record_id: UUID | None,
    version: int | None,
    by: Author,
    today: date,
) -> str:
    """Does what a person has decided about a held row, and tells imports; returns the outcome.

    Args:
        decision: one of `DECISIONS`.
        record_id, version: the record to update, as the person has seen it.

    Raises:
        NotFound: the row does not wait for a decision (any more).
        InvalidInput: the record would have errors; all of them as `findings`.
        Conflict: `wrong_state` unless the import is stored; `decision_not_possible`; and those of
            `create_record` and `change_record`.
    """
    lock_site(session, site_id)
    staged = open_import(session, site_id=site_id, import_id=import_id)
    _require_applied(staged)
    held = open_held(session, keys, site_id=site_id, import_id=import_id, row_number=row_number)
    if decision == LEAVE:
        outcome = REJECTED
    elif decision == UPDATE:
        outcome = _update(session, keys, staged, held, record_id, version, by=by, today=today)
    else:
        outcome = _add(session, keys, staged, held, by=by, today=today)
    queries.drop_row(session, import_id, row_number)
    _tell(session, staged, {row_number: outcome}, by=by)
    return outcome


def leave_all(session: Session, *, site_id: UUID, import_id: UUID, by: Author) -> int:
    """Leaves out all rows that still wait, a thousand at a time; returns how many it left out.

    Raises:
        Conflict: `wrong_state` unless the import is stored.
    """
    lock_site(session, site_id)
    staged = open_import(session, site_id=site_id, import_id=import_id)
    _require_applied(staged)
    rows = queries.list_held(session, import_id, after=0, limit=MOST_LEFT_AT_ONCE)
    for row in rows:
        queries.drop_row(session, import_id, row.row_number)
    if rows:
        _tell(session, staged, {row.row_number: REJECTED for row in rows}, by=by)
    return len(rows)


def forget_held(session: Session, *, site_id: UUID, import_id: UUID) -> None:
    """Deletes held rows that nobody has decided about in time; the ledger still counts them."""
    staged = find_import(session, import_id, lock=True)
    if staged is not None and staged.ended_at is not None:
        end_staging(session, staged)


def differences(held: HeldRow, record: OpenRecord, *, overwrite_unknown: bool) -> dict[str, Value]:
    """The answers of a record that the row would change, with what they would be; None empties."""
    after = merge(record.values, held.values, overwrite_unknown=overwrite_unknown)
    return {
        key: after.get(key)
        for key in {*record.values, *after}
        if record.values.get(key) != after.get(key)
    }


def _require_applied(staged: StagedImport) -> None:
    if staged.state != "applied":
        raise Conflict(
            "Rows that were set aside can be decided once the import is stored, and until it is "
            "undone.",
            "wrong_state",
        )


def _update(
    session: Session,
    keys: Keys,
    staged: StagedImport,
    held: HeldRow,
    record_id: UUID | None,
    version: int | None,
    *,
    by: Author,
    today: date,
) -> str:
    record = next((each for each in held.candidates if each.record_id == record_id), None)
    if record is None or version is None:
        raise Conflict(
            "This row cannot update that record: it is none of those it may be about.",
            "decision_not_possible",
        )
    refuse_opted_out(session, keys, real_number(record.values.get("nhs_number")))
    changes = differences(held, record, overwrite_unknown=bool(staged.overwrite_unknown))
    before = queries.find_before(session, record.record_id)
    change_record(
        session,
        keys,
        site_id=staged.site_id,
        record_id=record.record_id,
        version=version,
        wire={key: wire_from_value(value) for key, value in changes.items()},
        tokens=held.tokens,
        by=by,
        today=today,
    )
    after = queries.find_before(session, record.record_id)
    now = get_stored(session, keys, record.record_id).version
    # Back to another patient, or to texts that waited, undoing does not go: it leaves the record.
    can_go_back = (before.patient_id, before.unreadable) == (after.patient_id, after.unreadable)
    outcome = SAME if now == record.version else CHANGED
    queries.note_effect(
        session,
        import_id=staged.import_id,
        record_id=record.record_id,
        site_id=staged.site_id,
        outcome=outcome,
        version_before=record.version,
        version_after=now,
        before=json.dumps(before.before) if can_go_back and outcome == CHANGED else None,
    )
    return outcome


def _add(
    session: Session,
    keys: Keys,
    staged: StagedImport,
    held: HeldRow,
    *,
    by: Author,
    today: date,
) -> str:
    if not held.may_add or held.record_id is None:
        raise Conflict(
            "This row cannot become a record of its own. Update a record with it, or leave it out.",
            "decision_not_possible",
        )
    record_id = add_record(
        session,
        keys,
        site_id=staged.site_id,
        record_id=held.record_id,
        wire={
            key: wire_from_value(value) for key, value in held.values.items() if value is not CLEAR
        },
        tokens=held.tokens,
        opt_out_checked_on=None,
        by=by,
        today=today,
    )
    for other in held.candidates:
        # The person has seen both and says that they are two fractures: not to be asked again.
        pair_id = find_pair_of(session, record_id, other.record_id)
        if pair_id is not None:
            decide_pair(
                session,
                keys,
                site_id=staged.site_id,
                pair_id=pair_id,
                decision=BOTH_RIGHT,
                by=by,
                today=today,
            )
    queries.note_effect(
        session,
        import_id=staged.import_id,
        record_id=record_id,
        site_id=staged.site_id,
        outcome=NEW,
        version_before=None,
        version_after=get_stored(session, keys, record_id).version,
        before=None,
    )
    return NEW


def _values_of(keys: Keys, row: Any) -> dict[str, Value]:
    """What a staged row says, its identifiers opened."""
    values = record_from_wire({key: getattr(row, key) for key in CLINICAL_KEYS})
    data_key = patient_key(keys, row.patient_id, row.wrapped_key)
    for name, key in FIELD_OF.items():
        sealed = getattr(row, f"{name}_sealed")
        if sealed is not None:
            clear = open_identifier(data_key, row.patient_id, key, sealed)
            values[key] = date.fromisoformat(clear) if name == "birth" else clear
    if row.nhs_absent is not None:
        values["nhs_number"] = row.nhs_absent
    return {**values, **dict.fromkeys(row.cleared or (), CLEAR)}


def _tell(
    session: Session, staged: StagedImport, decided: Mapping[int, str], *, by: Author
) -> None:
    """Brings the ledger of the import up to date and tells imports of it."""
    counts = ledger(staged.applied or {})
    counts[HELD] -= len(decided)
    for outcome in decided.values():
        counts[outcome] += 1
    staged.applied = counts
    tell_of(
        session,
        staged,
        ROWS_DECIDED,
        {
            **counts,
            "rows": [{"row": row, "outcome": outcome} for row, outcome in decided.items()],
            "by": by.account_id,
        },
        actor_id=by.account_id,
    )
