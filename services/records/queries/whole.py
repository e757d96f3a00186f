"""All that is stored about one record, in one statement: what showing it needs.

Asked piece by piece it would be a dozen statements, each of which costs more than what it finds.
The pieces say what their own queries say (`staging`, `records`, `entries`, `history`, `pairs`,
`periods`); a test holds them together.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import column, text
from sqlalchemy.orm import Session

from dataset.store import NEAR_DAYS
from services.records.domain.columns import CLINICAL_KEYS
from services.records.domain.history import Step
from services.records.domain.periods import Period
from services.records.queries.pairs import PAIRS_OF, Nearby
from services.records.queries.periods import PERIOD_COLUMNS, period_from
from services.records.queries.records import HEAD_KEYS
from services.records.queries.staging import (
    STORED_COLUMNS,
    STORED_COUNT,
    STORED_JOINS,
    StoredRecord,
    stored_record,
)

_DAY = CLINICAL_KEYS.index("date_index_diagnosed")
_STEPS = """
    SELECT json_agg(json_build_array(c.version, c.at, c.actor_id, c.door, c.import_id, c.kind,
        c.changes, c.patient_id, c.visit_id, encode(c.waiting, 'base64')) ORDER BY c.version DESC)
    FROM record_change c WHERE c.record_id = r.record_id"""

_NEARBY = f"""
    SELECT json_agg(json_build_array(n.record_id, n.days_apart, n.is_earlier, EXISTS (
            SELECT FROM duplicate_pair q
            WHERE q.first_record_id = CASE WHEN n.is_earlier THEN n.record_id ELSE r.record_id END
                AND q.second_record_id
                    = CASE WHEN n.is_earlier THEN r.record_id ELSE n.record_id END
                AND q.decision = 'both_right' AND (q.kind = 'same_day' OR n.days_apart > 0)
        )) ORDER BY n.days_apart, n.record_id)
    FROM (
        SELECT o.record_id, abs(o.date_index_diagnosed - r.date_index_diagnosed) AS days_apart,
            (r.created_at, r.record_id) > (o.created_at, o.record_id) AS is_earlier
        FROM fls_record o
        WHERE o.site_id = r.site_id AND o.patient_id = r.patient_id
            AND o.record_id <> r.record_id AND coalesce(o.state, '') <> 'deleted'
            AND o.date_index_diagnosed + 0 BETWEEN r.date_index_diagnosed - {NEAR_DAYS}
                AND r.date_index_diagnosed + {NEAR_DAYS}
        OFFSET 0
    ) n"""

_NAMES = (
    *(f"stored_{place}" for place in range(STORED_COUNT)),
    *HEAD_KEYS,
    *("entry_version", "entry_sealed", "draft_version", "draft_sealed", "draft_patient_id"),
    *("entry_deadline", "locks_on", "extended_until", "unlocked_until"),
    *("steps", "pairs", "nearby", "found_elsewhere", "opted_out"),
)
# With its columns said beforehand they are not worked out anew from each answer.
_WHOLE = text(f"""
SELECT {STORED_COLUMNS},
    {", ".join(f"r.{key}" for key in HEAD_KEYS)},
    e.version AS entry_version, e.sealed AS entry_sealed,
    d.version AS draft_version, d.sealed AS draft_sealed, d.patient_id AS draft_patient_id,
    {PERIOD_COLUMNS},
    ({_STEPS}) AS steps,
    (SELECT json_agg(x) FROM ({PAIRS_OF}) x) AS pairs,
    CASE WHEN p.nhs_hash IS NOT NULL THEN ({_NEARBY}) END AS nearby,
    p.nhs_hash IS NOT NULL AND is_recorded_elsewhere(p.nhs_hash, r.date_index_diagnosed)
        AS found_elsewhere,
    p.nhs_hash IS NOT NULL AND has_opted_out(p.nhs_hash) AS opted_out
FROM fls_record r
{STORED_JOINS}
LEFT JOIN entry e ON e.record_id = r.record_id
LEFT JOIN draft d ON d.record_id = r.record_id AND d.account_id = :account_id
LEFT JOIN audit_period a ON a.year = CAST(extract(year FROM r.date_index_diagnosed) AS smallint)
WHERE r.record_id = :record_id
""").columns(*map(column, _NAMES))


@dataclass(frozen=True, slots=True)
class Sealed:
    """Texts as they lie in the database, with what names and opens them."""

    version: int
    patient_id: UUID
    sealed: bytes


@dataclass(frozen=True, slots=True)
class WholeRecord:
    """A record with all that stands beside it, sealed.

    Attributes:
        head: the columns of `fls_record` that are no answers.
        entry: texts that wait beside the answers.
        draft: what the account that asks has typed and not saved.
        period: what holds for its year of diagnosis; None while the day is not known.
        steps: its history, newest first.
        pairs: as `pairs.list_pairs_of` has them.
        nearby: other records of the patient near it, as `pairs.list_nearby` has them. This and
            what follows is about the NHS number and the day that are stored.
    """

    head: dict[str, Any]
    stored: StoredRecord
    entry: Sealed | None
    draft: Sealed | None
    period: Period | None
    steps: Sequence[Step]
    pairs: Sequence[dict[str, Any]]
    nearby: Sequence[Nearby]
    is_elsewhere: bool
    has_opted_out: bool


def load_whole(
    session: Session, *, site_id: UUID, record_id: UUID, account_id: UUID, today: date
) -> WholeRecord | None:
    """The record of this id with all that stands beside it, also a deleted one; None if none."""
    values = {"site_id": site_id, "record_id": record_id, "account_id": account_id}
    row = session.connection().execute(_WHOLE, values).one_or_none()
    if row is None:
        return None
    stored = stored_record(tuple(row[:STORED_COUNT]))
    head = dict(zip(HEAD_KEYS, row[STORED_COUNT:], strict=False))
    head |= {"record_id": stored.record_id, "version": stored.version}
    day = stored.wire[_DAY]
    entry, draft = None, None
    if row.entry_version is not None:
        entry = Sealed(row.entry_version, stored.patient_id, row.entry_sealed)
    if row.draft_version is not None:
        draft = Sealed(row.draft_version, row.draft_patient_id, row.draft_sealed)
    return WholeRecord(
        head=head,
        stored=stored,
        entry=entry,
        draft=draft,
        # In wire form, as all answers here.
        period=None if day is None else period_from(row, int(day[:4]), today=today),
        steps=[_step(*each) for each in row.steps or ()],
        pairs=[_pair(each) for each in row.pairs or ()],
        nearby=[Nearby(UUID(each[0]), *each[1:]) for each in row.nearby or ()],
        is_elsewhere=row.found_elsewhere,
        has_opted_out=row.opted_out,
    )


def _step(
    version: int,
    at: str,
    by: str,
    door: str,
    import_id: str | None,
    kind: str,
    changes: dict[str, Any] | None,
    patient_id: str | None,
    visit_id: str | None,
    waiting: str | None,
) -> Step:
    return Step(
        version=version,
        at=datetime.fromisoformat(at),
        by=UUID(by),
        door=door,
        import_id=_uuid(import_id),
        kind=kind,
        changes=changes or {},
        patient_id=_uuid(patient_id),
        visit_id=_uuid(visit_id),
        waiting=None if waiting is None else base64.b64decode(waiting),
    )


def _pair(pair: dict[str, Any]) -> dict[str, Any]:
    return {**pair, "pair_id": UUID(pair["pair_id"]), "record_id": UUID(pair["record_id"])}


def _uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)
