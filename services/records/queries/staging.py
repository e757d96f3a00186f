"""Reads for staging: what is stored about the rows of a batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from dataset.values import Value
from dataset.wire import record_from_wire
from services.records.domain.columns import CLINICAL, CLINICAL_KEYS, Column
from services.records.domain.decisions import HELD, HELD_REASONS
from services.records.queries.arrays import bytea_array, text_array
from services.records.queries.matching import GIVEN_KEYS, judged
from services.records.tables import StagedDecision, StagedImport

_JUDGED = text(f"""
SELECT j.row_number, j.match, j.matched_id, j.known_patient_id, j.owner_key
FROM ({judged(GIVEN_KEYS)}) j
WHERE j.match <> 'new' OR j.known_patient_id IS NOT NULL
""")

_HAS_RECORDS = text("SELECT EXISTS (SELECT FROM fls_record WHERE site_id = :site_id)")


def _as_wire(column: Column) -> str:
    """A clinical column in wire form: dates and decimals as texts."""
    is_text = column.sql_type.startswith("text")
    return f"r.{column.key}" if is_text else f"r.{column.key}::text AS {column.key}"


_HEAD = 15
STORED_COLUMNS = f"""r.record_id, r.version, r.patient_id, pk.wrapped_key, r.acknowledged,
    r.unreadable, p.nhs_absent, p.nhs_hash, p.nhs_sealed, i.birth_hash, i.birth_sealed,
    i.postcode_hash, i.postcode_sealed, i.local_id_hash, i.local_id_sealed,
    {", ".join(map(_as_wire, CLINICAL))}"""
"""What `stored_record` reads, in its order, of a record `r` and what `STORED_JOINS` adds to it."""
STORED_COUNT = _HEAD + len(CLINICAL)
STORED_JOINS = """LEFT JOIN record_identity i ON i.record_id = r.record_id
LEFT JOIN patient p ON p.patient_id = r.patient_id
LEFT JOIN patient_key pk ON pk.patient_id = r.patient_id"""

# Left joins hold the order: from the ids to their records, not from the site's records to the ids.
_STORED = text(f"""
SELECT {STORED_COLUMNS}
FROM unnest(CAST(:record_ids AS uuid[])) AS wanted (record_id)
LEFT JOIN fls_record r ON r.record_id = wanted.record_id
{STORED_JOINS}
""")


@dataclass(frozen=True, slots=True)
class RowKeys:
    """The keys of the rows of a batch, as columns of equal length; None is a blank."""

    row_numbers: Sequence[int]
    nhs_hashes: Sequence[bytes | None]
    nhs_absents: Sequence[str | None]
    local_id_hashes: Sequence[bytes | None]
    dates: Sequence[str | None]
    sites: Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Match:
    """What is stored about one row.

    Attributes:
        match: `new`, `known`, `held:<reason>` or `rejected:<code>`.
        record_id: the record, when known.
        patient_id: the stored patient with the row's NHS number, if there is one.
        wrapped_key: that patient's key, where the row is about nobody else.
    """

    match: str
    record_id: UUID | None = None
    patient_id: UUID | None = None
    wrapped_key: bytes | None = None


NOTHING_STORED = Match("new")


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A stored record with its sealed identifiers.

    Attributes:
        hashes: `nhs`, `birth`, `postcode`, `local_id` -> keyed hash or None.
        sealed: the same names -> sealed bytes or None.
        acknowledged: tokens of warnings that were confirmed.
        unreadable: keys of fields whose typed texts wait in the entry.
        wire: the clinical values in wire form, in the order of `CLINICAL`.
    """

    record_id: UUID
    version: int
    patient_id: UUID
    wrapped_key: bytes | None
    nhs_absent: str | None
    hashes: dict[str, bytes | None]
    sealed: dict[str, bytes | None]
    wire: tuple[Any, ...]
    acknowledged: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    def values(self) -> dict[str, Value]:
        """Clinical field key -> canonical value; blanks left out."""
        return record_from_wire(dict(zip(CLINICAL_KEYS, self.wire, strict=True)))


def find_matches(
    session: Session, *, site_id: UUID, import_id: UUID, keys: RowKeys
) -> dict[int, Match]:
    """What is stored about the rows of a batch, by row number; rows without anything left out."""
    if not keys.row_numbers or not has_records(session, site_id=site_id):
        return {}
    found = session.execute(
        _JUDGED,
        {
            "site_id": site_id,
            "import_id": import_id,
            "row_numbers": list(keys.row_numbers),
            "nhs_hashes": bytea_array(keys.nhs_hashes),
            "nhs_absents": text_array(keys.nhs_absents),
            "local_id_hashes": bytea_array(keys.local_id_hashes),
            "dates": text_array(keys.dates),
            "sites": text_array(keys.sites),
        },
    )
    return {row[0]: Match(*row[1:]) for row in found}


def has_records(session: Session, *, site_id: UUID) -> bool:
    """True when the site has stored at least one record."""
    return bool(session.execute(_HAS_RECORDS, {"site_id": site_id}).scalar_one())


def load_records(session: Session, record_ids: Iterable[UUID]) -> dict[UUID, StoredRecord]:
    """The stored records of these ids, identifiers still sealed."""
    ids = list(record_ids)
    if not ids:
        return {}
    rows = session.execute(_STORED, {"record_ids": ids}).all()
    return {row[0]: stored_record(tuple(row)) for row in rows if row[0] is not None}


def stored_record(row: tuple[Any, ...]) -> StoredRecord:
    """A stored record from the columns of `STORED_COLUMNS`."""
    (record_id, version, patient_id, wrapped_key, acknowledged, unreadable, nhs_absent) = row[:7]
    (nhs_hash, nhs, birth_hash, birth, postcode_hash, postcode, local_id_hash, local_id) = row[
        7:_HEAD
    ]
    return StoredRecord(
        record_id=record_id,
        version=version,
        patient_id=patient_id,
        wrapped_key=wrapped_key,
        nhs_absent=nhs_absent,
        hashes={
            "nhs": nhs_hash,
            "birth": birth_hash,
            "postcode": postcode_hash,
            "local_id": local_id_hash,
        },
        sealed={"nhs": nhs, "birth": birth, "postcode": postcode, "local_id": local_id},
        wire=row[_HEAD:],
        acknowledged=tuple(acknowledged or ()),
        unreadable=tuple(unreadable or ()),
    )


_KNOWN_HASHES = {
    "nhs_number": text(
        "SELECT nhs_hash FROM patient WHERE site_id = :site_id AND nhs_hash = ANY(:h)"
    ),
    "local_id": text(
        "SELECT local_id_hash FROM record_identity "
        "WHERE site_id = :site_id AND local_id_hash = ANY(:h)"
    ),
}


def known_hashes(
    session: Session, field: str, hashes: Sequence[bytes], *, site_id: UUID
) -> frozenset[bytes]:
    """Which of these hashes of a field (`nhs_number` or `local_id`) are stored at the site."""
    if not hashes:
        return frozenset()
    rows = session.execute(_KNOWN_HASHES[field], {"site_id": site_id, "h": list(hashes)})
    return frozenset(row[0] for row in rows)


def find_import(session: Session, import_id: UUID, *, lock: bool = False) -> StagedImport | None:
    """How far an import has come here, as it is now.

    Args:
        lock: hold it until the transaction ends, so that steps of one import take turns.
    """
    query = select(StagedImport).where(StagedImport.import_id == import_id)
    query = query.execution_options(populate_existing=True)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def count_batches(session: Session, import_id: UUID) -> int:
    """How many batches of an import are staged."""
    return int(session.execute(_COUNT_BATCHES, {"import_id": import_id}).scalar_one())


_COUNT_BATCHES = text(
    "SELECT count(*) FROM staged_batch WHERE import_id = :import_id AND waiting IS NULL"
)


@dataclass(frozen=True, slots=True)
class StagedBatches:
    """The batches of an import, taken together once all are staged.

    Attributes:
        rejected: rows that were refused meanwhile; `passed_over` of them by the mode, by its code.
        looked_at: `guarding.changes_of` when their rows were looked up; None if it was not the same
            for all of them.
        unclear_rows: rows of which it was not clear which record they are about.
    """

    rejected: int
    passed_over: dict[str, int]
    looked_at: int | None
    unclear_rows: list[int]


def staged_batches(session: Session, import_id: UUID) -> StagedBatches:
    """Takes the batches of an import together; reads the answers of all of them."""
    row = session.execute(_STAGED_BATCHES, {"import_id": import_id}).one()
    return StagedBatches(
        rejected=row.rejected,
        passed_over={"M01": row.m01, "M02": row.m02},
        looked_at=row.looked_at,
        unclear_rows=row.unclear_rows,
    )


# A batch that was staged by a release that did not ask has no `looked_at`.
_STAGED_BATCHES = text("""
SELECT coalesce(sum((answer->>'rejected')::int), 0)::int AS rejected,
    coalesce(sum((passed_over->>'M01')::int), 0)::int AS m01,
    coalesce(sum((passed_over->>'M02')::int), 0)::int AS m02,
    CASE WHEN min(looked_at) = max(looked_at) AND count(looked_at) = count(*)
        THEN min(looked_at) END AS looked_at,
    ARRAY(SELECT u.row_number FROM staged_batch b, unnest(b.unclear_rows) AS u (row_number)
        WHERE b.import_id = :import_id ORDER BY u.row_number) AS unclear_rows
FROM staged_batch WHERE import_id = :import_id AND waiting IS NULL
""")


def waiting_batches(session: Session, import_id: UUID) -> list[tuple[int, bytes]]:
    """Batches that came before their import was announced: (number, sealed body), in order."""
    rows = session.execute(_WAITING, {"import_id": import_id})
    return [(row.number, bytes(row.waiting)) for row in rows]


_WAITING = text(
    "SELECT number, waiting FROM staged_batch "
    "WHERE import_id = :import_id AND waiting IS NOT NULL ORDER BY number"
)


def stored_answer(session: Session, import_id: UUID, number: int) -> dict[str, Any] | None:
    """What was told to imports about a batch that is already staged; None if it is not."""
    found = session.execute(_ANSWER, {"import_id": import_id, "number": number}).one_or_none()
    return None if found is None else found.answer


_ANSWER = text("SELECT answer FROM staged_batch WHERE import_id = :import_id AND number = :number")


HELD_ROWS_TOLD = 1_000


def held_rows(session: Session, import_id: UUID) -> list[dict[str, Any]]:
    """The first held rows of an import in the order of the file.

    Returns:
        `row`, `code` (a key of `HELD_REASONS`) and `reason` (its words) of each.
    """
    query = (
        select(StagedDecision.row_number, StagedDecision.reason)
        .where(StagedDecision.import_id == import_id, StagedDecision.outcome == HELD)
        .order_by(StagedDecision.row_number)
        .limit(HELD_ROWS_TOLD)
    )
    return [
        {"row": row.row_number, "code": row.reason, "reason": HELD_REASONS[row.reason]}
        for row in session.execute(query)
    ]
