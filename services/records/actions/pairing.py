"""Finds what may be one fracture twice (V20), and keeps the states of records true.

Every door calls these after it has stored records: first `note_pairs`, then `refresh_states`, in
the transaction of the save, under the site's lock (`guarding.lock_site`, taken before the rows).
Nothing here commits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from dataset import store
from dataset.findings import Finding
from dataset.nhs_number import REASONS_FOR_NONE
from services.records.actions.guarding import ERASED, is_opted_out, lock_site
from services.records.identifiers import hash_candidates, open_identifier, patient_key
from services.records.keys import Keys
from services.records.queries import pairs as queries
from services.records.queries.periods import load_periods


def note_pairs(session: Session, *, site_id: UUID, record_ids: Iterable[UUID]) -> None:
    """Notes which of these records are near another one of their patient, and which no longer are.

    A pair that has come apart is marked so; one that comes together again is asked anew.
    """
    ids = list(record_ids)
    if not ids:
        return
    lock_site(session, site_id)
    values = {"site_id": site_id, "record_ids": ids}
    session.execute(queries.MARK_APART, values)
    session.execute(queries.SOFTEN_PAIRS, values)
    session.execute(queries.NOTE_PAIRS, values)


def note_elsewhere(
    session: Session, keys: Keys, *, site_id: UUID, record_ids: Iterable[UUID]
) -> None:
    """Notes for each record whether another site has the fracture too.

    The NHS number is looked up under every hash key, since the other site may have stored it when
    another key was current.
    """
    lock_site(session, site_id)
    _note_elsewhere(session, keys, list(record_ids))


def _note_elsewhere(session: Session, keys: Keys, ids: list[UUID]) -> None:
    if not keys.has_older_hash_keys:
        session.execute(queries.NOTE_ELSEWHERE, {"record_ids": ids})
        return
    for row in session.execute(_NUMBERS, {"record_ids": ids}).all():
        hashes = [] if row.nhs_hash is None else [row.nhs_hash]
        if row.nhs_sealed is not None and row.wrapped_key is not None:
            data_key = patient_key(keys, row.patient_id, row.wrapped_key)
            number = open_identifier(data_key, row.patient_id, "nhs_number", row.nhs_sealed)
            hashes = hash_candidates(keys, "nhs_number", number)
        found = bool(hashes) and queries.is_recorded_elsewhere(
            session, hashes=hashes, diagnosed_on=row.day
        )
        if found != row.elsewhere:
            session.execute(_SET_ELSEWHERE, {"record_id": row.record_id, "elsewhere": found})


_NUMBERS = text("""
SELECT r.record_id, r.patient_id, r.elsewhere, r.date_index_diagnosed AS day, p.nhs_hash,
    p.nhs_sealed, k.wrapped_key
FROM unnest(CAST(:record_ids AS uuid[])) AS asked (record_id)
JOIN fls_record r ON r.record_id = asked.record_id
JOIN patient p ON p.patient_id = r.patient_id
LEFT JOIN patient_key k ON k.patient_id = p.patient_id
""")
_SET_ELSEWHERE = text("UPDATE fls_record SET elsewhere = :elsewhere WHERE record_id = :record_id")


def note_slice(
    session: Session, keys: Keys, stored: Mapping[str, Any], *, elsewhere: Collection[UUID]
) -> None:
    """Does for a slice of an import what a save does for one record, in as few looks as can be.

    A record that the slice made has no pair that could have come apart, and its state is its own
    unless it makes a pair or is elsewhere too. The rows of the slice are still in staging.

    The site's lock is held; slices that share it are about different patients.

    Args:
        stored: `site_id`, `import_id`, `by`, and what `apply_statement` returns as arrays in text
            (thousands of ids cost Python nothing so): `stored_rows`, `to_pair`, `to_look_at`.
        elsewhere: records that another site has too, by the hashes of staging.
    """
    site_id = stored["site_id"]
    marked = set(session.scalars(queries.MARKED, {"record_ids": stored["to_look_at"]}))
    if marked:
        changed = {"record_ids": list(marked)}
        session.execute(queries.MARK_APART, changed)
        session.execute(queries.SOFTEN_PAIRS, changed)
    to_pair = {"site_id": site_id, "record_ids": stored["to_pair"]}
    for pair in session.execute(queries.NOTE_PAIRS, to_pair):
        marked.update(pair)
    if keys.has_older_hash_keys:
        # A hash of staging speaks for one key; where there are several, each number is opened.
        marked.update(session.scalars(queries.IDS_OF_SLICE, dict(stored)))
    else:
        marked.update(elsewhere)
    if marked:
        _note_elsewhere(session, keys, list(marked))
        _refresh_states(session, list(marked), by=stored["by"])


def refresh_states(
    session: Session, *, site_id: UUID, record_ids: Iterable[UUID], by: UUID | None = None
) -> None:
    """Sets what counts as the state of these records, and of those they are paired with.

    It follows from `own_state`, `deleted_reason`, `elsewhere`, `acknowledged` and the pairs. The
    acknowledgement V20:near among them is turned into a decision about the record's near pairs.

    Args:
        by: who has acknowledged.
    """
    ids = list(record_ids)
    if not ids:
        return
    lock_site(session, site_id)
    _refresh_states(session, ids, by=by)


def _refresh_states(session: Session, ids: list[UUID], *, by: UUID | None) -> None:
    session.execute(queries.CONFIRM_NEAR, {"record_ids": ids, "by": by})
    session.execute(queries.CONSUME_NEAR, {"record_ids": ids})
    session.execute(queries.REFRESH_STATES, {"record_ids": ids})


def store_findings(
    session: Session,
    keys: Keys,
    *,
    site_id: UUID,
    record_id: UUID | None,
    nhs_number: str | None,
    diagnosed_on: date | None,
    today: date,
) -> list[Finding]:
    """What the store has to say about a record with this patient and day: V20, V24 and R05.

    Args:
        record_id: the record itself, stored or not; None for one that has no id yet.
        nhs_number: in canonical form; None if it is not known.
        diagnosed_on: 1.09; None if it is not known.

    Returns:
        V24, R05 (only for a record that is not stored in that year), then V20. Empty if all is
        well.
    """
    found = []
    if is_opted_out(session, keys, nhs_number):
        found.append(store.opted_out())
    if diagnosed_on is None:
        return found
    if _enters_locked_year(session, site_id, record_id, diagnosed_on, today):
        found.append(store.period_locked(diagnosed_on.year))
    if nhs_number is not None and nhs_number not in (*REASONS_FOR_NONE, ERASED):
        hashes = hash_candidates(keys, "nhs_number", nhs_number)
        found += _duplicates(session, site_id, record_id, hashes, diagnosed_on)
    return found


def _enters_locked_year(
    session: Session, site_id: UUID, record_id: UUID | None, day: date, today: date
) -> bool:
    """Whether a day would bring a record into a locked year in which it is not."""
    before = None if record_id is None else queries.find_diagnosed_on(session, record_id)
    if before is not None and before.year == day.year:
        return False
    periods = load_periods(
        session, site_id=site_id, years=[day.year], today=today, record_id=record_id
    )
    return periods[day.year].is_locked


def _duplicates(
    session: Session, site_id: UUID, record_id: UUID | None, hashes: list[bytes], day: date
) -> list[Finding]:
    nearby = queries.list_nearby(
        session, site_id=site_id, hashes=hashes, record_id=record_id, diagnosed_on=day
    )
    is_elsewhere = queries.is_recorded_elsewhere(session, hashes=hashes, diagnosed_on=day)
    return duplicate_findings(nearby, is_elsewhere=is_elsewhere)


def duplicate_findings(nearby: Iterable[queries.Nearby], *, is_elsewhere: bool) -> list[Finding]:
    """V20, from the other records of the patient near a day, here and at other sites."""
    undecided = [other for other in nearby if not other.decided]
    found = []
    if any(other.days_apart == 0 and other.is_earlier for other in undecided):
        found.append(store.same_fracture())
    near = [other.days_apart for other in undecided if other.days_apart > 0]
    if near:
        found.append(store.near_fracture(min(near)))
    if is_elsewhere:
        found.append(store.recorded_elsewhere())
    return found
