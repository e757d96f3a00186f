"""Takes in the rows of an import: announcement, batches, cancellation.

Batches and announcement may arrive in any order and more than once. A batch that is faster than the
announcement waits, sealed as it came, because merging needs to know the mode. Whoever completes the
import (the last batch, or the announcement) has it compared.

Every step ends with a lock on the import's row, so that a batch and a cancellation never miss each
other: a batch that finds the import cancelled takes its own rows back.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import orjson
from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.records import metrics
from services.records.actions.comparing import compare_import
from services.records.actions.guarding import changes_of
from services.records.actions.importing import end_staging, open_import, tell_of
from services.records.actions.looking import look_beside
from services.records.domain.batches import Batch, read_batch
from services.records.events import ROWS_STAGED
from services.records.keys import Keys
from services.records.preparing import (
    FILE_END,
    FILE_START,
    STAGED_COLUMNS,
    Identity,
    Prepared,
    Preparer,
    clinical_lines,
    identity_of,
    row_keys,
)
from services.records.queries import staging as queries
from services.records.queries.matching import look_up_by_index
from services.records.tables import StagedBatch, StagedImport
from services.records.today import today_in_london
from services.shared import logs
from services.shared.errors import InvalidInput
from services.shared.sealing import CannotOpen

PART_ROWS = 500
_COPY = f"COPY staged_row ({', '.join(STAGED_COLUMNS)}) FROM STDIN (FORMAT BINARY)"


def announce_import(
    session: Session,
    keys: Keys,
    *,
    site_id: UUID,
    import_id: UUID,
    batches: int,
    mode: str,
    overwrite_unknown: bool,
    confirm: str,
    all_or_nothing: bool = False,
) -> None:
    """Takes note of how many batches an import has and what it may do; stages what waited.

    Has the import compared if that completes it. A second announcement changes nothing.
    """
    staged = open_import(session, site_id=site_id, import_id=import_id)
    if staged.batches_announced is not None or staged.state != "staging":
        return
    staged.batches_announced = batches
    staged.mode = mode
    staged.overwrite_unknown = overwrite_unknown
    staged.confirm = confirm
    staged.all_or_nothing = all_or_nothing
    session.flush()
    for number, body in queries.waiting_batches(session, import_id):
        session.execute(
            delete(StagedBatch).where(
                StagedBatch.import_id == import_id, StagedBatch.number == number
            )
        )
        _stage(session, keys, staged, _opened(keys, import_id, body))
    _compare_if_complete(session, staged)


def receive_batch(
    session: Session, keys: Keys, *, site_id: UUID, import_id: UUID, body: bytes
) -> None:
    """Stages a batch and tells imports; keeps it waiting if its import is not announced yet.

    A batch that is staged already is answered again; one of an import that has ended is dropped.

    Raises:
        InvalidInput: the batch cannot be opened or read.
    """
    batch = _opened(keys, import_id, body)
    staged = queries.find_import(session, import_id)
    if staged is None or staged.batches_announced is None:
        staged = open_import(session, site_id=site_id, import_id=import_id)
    if staged.state != "staging":
        _answer_again(session, staged, batch.number)
        return
    if staged.batches_announced is None:
        waiting = insert(StagedBatch).values(
            import_id=import_id, number=batch.number, site_id=site_id, waiting=body
        )
        session.execute(waiting.on_conflict_do_nothing())
        return
    with metrics.STEP_SECONDS.labels("stage").time():
        claimed = _stage(session, keys, staged, batch)
    if not claimed:
        _answer_again(session, staged, batch.number)
        return
    _finish_batch(session, staged, batch)


def cancel_import(session: Session, *, site_id: UUID, import_id: UUID) -> bool:
    """Leaves a tombstone and removes what was staged; False once applying has begun.

    Batches that come later are dropped.
    """
    staged = open_import(session, site_id=site_id, import_id=import_id)
    if staged.state in ("applying", "applied"):
        logs.get_logger().warning("cancel_came_too_late", import_id=import_id)
        return False
    if staged.state != "cancelled":
        staged.state = "cancelled"
        end_staging(session, staged)
    return True


def _opened(keys: Keys, import_id: UUID, body: bytes) -> Batch:
    try:
        packed = keys.batches.open(body, str(import_id).encode("ascii"))
    except CannotOpen as error:
        raise InvalidInput(detail=f"the batch cannot be opened: {error}") from None
    return read_batch(packed, import_id=str(import_id), loads=orjson.loads)


def _stage(session: Session, keys: Keys, staged: StagedImport, batch: Batch) -> bool:
    """Prepares and stores a batch and tells imports; False if it is here already."""
    claim = insert(StagedBatch).values(
        import_id=staged.import_id, number=batch.number, site_id=staged.site_id
    )
    claim = claim.on_conflict_do_nothing()
    if session.execute(claim.returning(StagedBatch.number)).first() is None:
        return False
    look_up_by_index(session)
    # Asked before the records are looked at: who changes some meanwhile makes it another.
    looked_at = changes_of(session, staged.site_id)
    prepared = _copy_rows(session, keys, staged, batch)
    answer = {
        "number": batch.number,
        "staged": prepared.staged,
        "rejected": prepared.rejected,
        "findings": prepared.findings,
        "merged": prepared.merged,
    }
    session.execute(
        text(
            "UPDATE staged_batch SET answer = CAST(:answer AS jsonb), "
            "passed_over = CAST(:passed_over AS jsonb), looked_at = :looked_at, "
            "unclear_rows = :unclear_rows "
            "WHERE import_id = :import_id AND number = :number"
        ),
        {
            "import_id": staged.import_id,
            "number": batch.number,
            "answer": orjson.dumps(answer).decode(),
            "passed_over": orjson.dumps(dict(prepared.passed_over)).decode(),
            "looked_at": looked_at,
            "unclear_rows": prepared.unclear,
        },
    )
    tell_of(session, staged, ROWS_STAGED, answer)
    metrics.ROWS_STAGED.inc(prepared.staged)
    metrics.ROWS_REJECTED.inc(prepared.rejected)
    return True


def _copy_rows(session: Session, keys: Keys, staged: StagedImport, batch: Batch) -> Prepared:
    """Prepares the rows part by part, so that PostgreSQL stores one while the next is sealed."""
    identity = _with_stored_hashes(session, keys, staged, identity_of(batch, keys))
    matches = queries.find_matches(
        session,
        site_id=staged.site_id,
        import_id=staged.import_id,
        keys=row_keys(batch, identity),
    )
    known = {match.record_id for match in matches.values() if match.record_id is not None}
    stored = {} if staged.mode == "add_only" else queries.load_records(session, known)
    today = today_in_london()
    preparer = Preparer(
        keys,
        import_id=staged.import_id,
        mode=staged.mode or "add_and_update",
        overwrite_unknown=bool(staged.overwrite_unknown),
        today=today,
    )
    beside = look_beside(
        session,
        keys,
        batch,
        identity,
        matches,
        stored,
        site_id=staged.site_id,
        changing=preparer.changing(batch, identity, matches, stored),
        today=today,
    )
    done = Prepared()
    clinical = clinical_lines(batch)
    driver = session.connection().connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write(FILE_START)
        for start in range(0, len(batch.row_numbers), PART_ROWS):
            part = batch.part(start, start + PART_ROWS)
            of_part = identity.part(start, start + PART_ROWS)
            ends = clinical[start : start + PART_ROWS]
            lines = preparer.prepare(done, part, of_part, matches, stored, beside, ends)
            copy.write(b"".join(lines))
        copy.write(FILE_END)
    return done


def _with_stored_hashes(
    session: Session, keys: Keys, staged: StagedImport, identity: Identity
) -> Identity:
    """Puts in the hash under which an identifier is stored, where that was made with an older key.

    So the set-based SQL that follows compares hashes for equality and knows nothing of keys.
    """
    if not keys.has_older_hash_keys:
        return identity
    hashes = dict(identity.hashes)
    for name, key in (("nhs", "nhs_number"), ("local_id", "local_id")):
        older = {
            candidate: current
            for current, value in zip(hashes[name], identity.texts[name], strict=True)
            if current is not None and value is not None
            for candidate in keys.hashes.candidates(key, value)[1:]
        }
        stored = queries.known_hashes(session, key, list(older), site_id=staged.site_id)
        instead = {older[found]: found for found in stored}
        if instead:
            hashes[name] = [
                None if current is None else instead.get(current, current)
                for current in hashes[name]
            ]
    return replace(identity, hashes=hashes)


def _finish_batch(session: Session, staged: StagedImport, batch: Batch) -> None:
    """Under the import's lock: compares if this was the last batch, takes it back if too late."""
    locked = queries.find_import(session, staged.import_id, lock=True)
    assert locked is not None
    if locked.state == "cancelled":
        end_staging(session, locked)
        logs.get_logger().info(
            "late_batch_dropped", import_id=staged.import_id, number=batch.number
        )
        return
    _compare_if_complete(session, locked)


def _compare_if_complete(session: Session, staged: StagedImport) -> None:
    if queries.count_batches(session, staged.import_id) == staged.batches_announced:
        compare_import(session, staged, queries.staged_batches(session, staged.import_id))


def _answer_again(session: Session, staged: StagedImport, number: int) -> None:
    answer = queries.stored_answer(session, staged.import_id, number)
    if answer is None:
        logs.get_logger().info("late_batch_dropped", import_id=staged.import_id, number=number)
    else:
        tell_of(session, staged, ROWS_STAGED, answer)
