"""Looks up what stands beside the rows of a batch, before they are prepared: V20, R05, R06."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.records.domain.batches import Batch
from services.records.keys import Keys
from services.records.preparing import Beside, Identity
from services.records.preparing.beside import day_of
from services.records.preparing.identities import DAY, FIELD_OF
from services.records.queries.periods import load_locks
from services.records.queries.staging import NOTHING_STORED, Match, StoredRecord
from services.records.queries.surroundings import Asked, find_elsewhere, find_near, find_opted_out
from services.shared.sealing import HashKeys


def look_beside(
    session: Session,
    keys: Keys,
    batch: Batch,
    identity: Identity,
    matches: Mapping[int, Match],
    stored: Mapping[UUID, StoredRecord],
    *,
    site_id: UUID,
    changing: frozenset[int],
    today: date,
) -> Beside:
    """Everything about a batch that no row can know by itself.

    Opt-outs are looked up for every row, duplicates only for rows that would store something.
    """
    everyone, storing = Asked(), Asked()
    patients: dict[int, tuple[UUID, UUID | None]] = {}
    days: dict[int, str] = {}
    row_days = batch.column(DAY)
    older_keys = keys.hashes if keys.has_older_hash_keys else None
    if not matches and older_keys is None:
        # All rows are about something new, as in a first upload: each hash asks for itself.
        everyone, storing = _by_hash(batch, identity)
        return Beside(
            opted_out=find_opted_out(session, everyone),
            elsewhere=find_elsewhere(session, storing),
            locks=load_locks(session, site_id=site_id, today=today),
        )
    for place, row_number in enumerate(batch.row_numbers):
        match = matches.get(row_number, NOTHING_STORED)
        record = None if match.record_id is None else stored.get(match.record_id)
        hashes = _hashes(older_keys, identity, place, record)
        everyone.rows += [row_number] * len(hashes)
        everyone.hashes += hashes
        stores = match.match == "new" if record is None else row_number in changing
        day = row_days[place] or (None if record is None else day_of(record))
        if not stores or day is None:
            continue
        days[row_number] = day
        storing.rows += [row_number] * len(hashes)
        storing.hashes += hashes
        storing.days += [day] * len(hashes)
        if record is not None:
            patients[row_number] = (record.patient_id, record.record_id)
        elif match.patient_id is not None:
            patients[row_number] = (match.patient_id, None)
    return Beside(
        changing=changing,
        opted_out=find_opted_out(session, everyone),
        near=find_near(session, site_id=site_id, patients=patients, days=days),
        elsewhere=find_elsewhere(session, storing),
        locks=load_locks(session, site_id=site_id, today=today),
    )


def _by_hash(batch: Batch, identity: Identity) -> tuple[Asked, Asked]:
    """All rows that have a hash, and of these the ones that have a day."""
    given = [
        (row_number, hashed, day)
        for row_number, hashed, day in zip(
            batch.row_numbers, identity.hashes["nhs"], batch.column(DAY), strict=True
        )
        if hashed is not None
    ]
    dated = [each for each in given if each[2] is not None]
    everyone = Asked([row for row, _, _ in given], [hashed for _, hashed, _ in given])
    storing = Asked(
        [row for row, _, _ in dated], [hashed for _, hashed, _ in dated], [day for *_, day in dated]
    )
    return everyone, storing


def _hashes(
    keys: HashKeys | None, identity: Identity, place: int, record: StoredRecord | None
) -> list[bytes]:
    """The hashes of a row's NHS number under every key; of its patient's if it gives none.

    Args:
        keys: None when there is but one: the row's own hash is all there is.
    """
    hashed = identity.hashes["nhs"][place]
    if hashed is None:
        stored = None if record is None else record.hashes["nhs"]
        return [] if stored is None else [stored]
    number = identity.texts["nhs"][place]
    if keys is None or number is None:
        return [hashed]
    return keys.candidates(FIELD_OF["nhs"], number)
