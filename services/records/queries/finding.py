"""Reads that find records of a site: filtered lists, and exact search through keyed hashes.

The page is cut and counted from one narrow index (`ix_fls_record_finding`) that holds all that
filters and sorts ask but `updated_at`; identifiers are joined to the few rows of the page alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Session

from dataset.derived import FIRST_DUE_DAYS, SECOND_DUE_DAYS
from dataset.fields import fields_of_section
from services.records.domain.completeness import FOLLOW_UP_SECTIONS, PROGRESS_COLUMNS
from services.records.domain.lists import BY_URGENCY
from services.records.tables import Entry, FlsRecord, Patient, PatientKey, RecordIdentity

record = FlsRecord.__table__.c

# Written into the statement, not bound: an index with a condition serves a prepared statement only
# if the statement itself says so.
NOT_DELETED: ColumnElement[bool] = record.state != literal_column("'deleted'")

DUE_DAYS = {1: FIRST_DUE_DAYS, 2: SECOND_DUE_DAYS}
"""Follow-up -> days from the diagnosis to the first day of its window."""

_SORTS: dict[str, ColumnElement[Any]] = {
    "diagnosed_on": record.date_index_diagnosed,
    "updated_at": record.updated_at,
    "age": record.age_at_diagnosis,
    "state": case({state: place for place, state in enumerate(BY_URGENCY)}, value=record.state),
}

_FOLLOW_UP_KEYS = [
    field.key for section in FOLLOW_UP_SECTIONS for field in fields_of_section(section)
]
PROGRESS_KEYS = ("date_index_diagnosed", "date_of_death", *_FOLLOW_UP_KEYS)
"""What `dataset.progress` reads to tell about follow-ups."""

_ITEM: Select[Any] = (
    select(
        record.record_id,
        record.patient_id,
        record.site_1,
        record.age_at_diagnosis,
        record.state,
        record.updated_at,
        record.version,
        *(record[key] for key in PROGRESS_KEYS),
        *(record[name] for name in PROGRESS_COLUMNS),
        RecordIdentity.local_id_sealed,
        Patient.nhs_sealed,
        Patient.nhs_absent,
        PatientKey.wrapped_key,
    )
    .join(RecordIdentity, RecordIdentity.record_id == record.record_id)
    .join(Patient, Patient.patient_id == record.patient_id)
    .outerjoin(PatientKey, PatientKey.patient_id == record.patient_id)
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; None does not narrow.

    Attributes:
        site_of_fracture: code of 1.11.
        section: 1 to 7, together with `section_state`.
    """

    state: str | None = None
    diagnosed_from: date | None = None
    diagnosed_to: date | None = None
    site_of_fracture: str | None = None
    section: int | None = None
    section_state: str | None = None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One page of sealed list rows, and how many records there are in all."""

    rows: Sequence[Row[Any]]
    total: int


def list_records(
    session: Session,
    *,
    site_id: UUID,
    filters: Filters,
    page: int,
    page_size: int,
    sort: str,
    today: date,
) -> RecordPage:
    """One page of a site's records.

    Args:
        sort: one of `domain.lists.SORTS`, with `-` in front for the other way round.
        today: what is due depends on it.
    """
    wanted = (record.site_id == site_id, NOT_DELETED, *_conditions(filters, today))
    cut = (
        select(record.record_id)
        .where(*wanted)
        .order_by(*_order(sort))
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    query = _ITEM.where(record.record_id.in_(cut)).order_by(*_order(sort))
    total = session.scalars(select(func.count()).select_from(FlsRecord).where(*wanted)).one()
    return RecordPage(session.execute(query).all(), total)


def list_items(
    session: Session, record_ids: Iterable[UUID], *, with_deleted: bool = False
) -> dict[UUID, Row[Any]]:
    """Sealed list rows of these records of the transaction's site, by record.

    Args:
        with_deleted: deleted records too.
    """
    ids = list(record_ids)
    if not ids:
        return {}
    query = _ITEM.where(record.record_id.in_(ids))
    if not with_deleted:
        query = query.where(NOT_DELETED)
    return {row.record_id: row for row in session.execute(query)}


def _order(sort: str) -> tuple[ColumnElement[Any], ...]:
    column, tie = _SORTS[sort.removeprefix("-")], record.record_id
    if sort.startswith("-"):
        return column.desc().nulls_last(), tie.desc()
    return column.asc().nulls_last(), tie.asc()


def _conditions(filters: Filters, today: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.state is not None:
        conditions.append(record.state == filters.state)
    if filters.diagnosed_from is not None:
        conditions.append(record.date_index_diagnosed >= filters.diagnosed_from)
    if filters.diagnosed_to is not None:
        conditions.append(record.date_index_diagnosed <= filters.diagnosed_to)
    if filters.site_of_fracture is not None:
        conditions.append(record.site_1 == filters.site_of_fracture)
    if filters.section is not None and filters.section_state is not None:
        conditions.append(section_is(filters.section, filters.section_state, today=today))
    return conditions


def section_is(section: int, state: str, *, today: date) -> ColumnElement[bool]:
    """A condition: a section is in a state, `complete`, `incomplete` or `not_due`.

    The same as `dataset.progress.section_state` says; a test holds the two together.
    """
    complete = record[f"section_{section}_complete"]
    if state == "complete":
        return complete
    if section not in FOLLOW_UP_SECTIONS:
        return ~complete if state == "incomplete" else literal_column("false")
    which = FOLLOW_UP_SECTIONS[section]
    due = and_(
        record[f"follow_up_{which}_waits"],
        record.date_index_diagnosed <= today - timedelta(days=DUE_DAYS[which]),
    )
    asked = or_(record[f"section_{section}_begun"], func.coalesce(due, literal_column("false")))
    return and_(~complete, asked if state == "incomplete" else ~asked)


_SEARCH = text("""
SELECT r.record_id
FROM patient p
JOIN fls_record r ON r.site_id = :site_id AND r.patient_id = p.patient_id
WHERE p.site_id = :site_id AND p.nhs_hash = ANY(:nhs_hashes)
UNION
SELECT i.record_id FROM record_identity i
WHERE i.site_id = :site_id AND i.local_id_hash = ANY(:local_id_hashes)
UNION
SELECT e.record_id FROM entry e
WHERE e.site_id = :site_id AND e.nhs_hash = ANY(:nhs_hashes) AND e.wrapped_key IS NULL
LIMIT :most
""")
MOST_FOUND = 100


def search_records(
    session: Session,
    *,
    site_id: UUID,
    nhs_hashes: Sequence[bytes],
    local_id_hashes: Sequence[bytes],
) -> list[Row[Any]]:
    """Sealed list rows of the records with one of these hashes, the newest diagnosis first."""
    found = session.scalars(
        _SEARCH,
        {
            "site_id": site_id,
            "nhs_hashes": list(nhs_hashes),
            "local_id_hashes": list(local_id_hashes),
            "most": MOST_FOUND,
        },
    ).all()
    rows = list_items(session, found).values()
    return sorted(rows, key=lambda row: (row.date_index_diagnosed, row.record_id), reverse=True)


def search_entries(
    session: Session, *, site_id: UUID, nhs_hashes: Sequence[bytes]
) -> Sequence[Entry]:
    """What was begun about a patient and is no record yet, the newest first."""
    if not nhs_hashes:
        return []
    query = (
        select(Entry)
        .where(
            Entry.site_id == site_id,
            Entry.nhs_hash.in_(nhs_hashes),
            Entry.wrapped_key.is_not(None),
        )
        .order_by(Entry.updated_at.desc())
        .limit(MOST_FOUND)
    )
    return session.scalars(query).all()
