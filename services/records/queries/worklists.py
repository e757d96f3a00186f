"""Reads of the work-lists of a site: what is to be done, the oldest first.

A work-list is a condition on records (or on entries, or on pairs). A thing that was dealt with does
not meet it any more, drops out, and what came after it follows. Records of locked years are in no
list, since nothing can be done about them until they are unlocked. All counts are one read of the
site's part of one index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    and_,
    cast,
    exists,
    extract,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import Session

from dataset.derived import FIRST_OVERDUE_DAYS, SECOND_OVERDUE_DAYS
from services.records.domain.cursors import Cursor, at_day, at_instant
from services.records.domain.lists import WORKLISTS
from services.records.domain.periods import Locks
from services.records.queries.finding import DUE_DAYS, NOT_DELETED, record
from services.records.tables import DuplicatePair, Entry, FlsRecord

OVERDUE_DAYS = {1: FIRST_OVERDUE_DAYS, 2: SECOND_OVERDUE_DAYS}
"""Follow-up -> days from the diagnosis to the last day of its window."""

_IN_USE = record.state != "duplicate"
"""A duplicate is settled first; nobody is called for it."""


def _state_is(state: str) -> Callable[[date], ColumnElement[bool]]:
    return lambda _today: record.state == state


def _not_assessed(_today: date) -> ColumnElement[bool]:
    waits: ColumnElement[bool] = record.assessment_waits
    return waits


def _due(which: int) -> Callable[[date], ColumnElement[bool]]:
    return lambda today: and_(
        record[f"follow_up_{which}_waits"],
        _IN_USE,
        record.date_index_diagnosed <= today - timedelta(days=DUE_DAYS[which]),
        record.date_index_diagnosed >= today - timedelta(days=OVERDUE_DAYS[which]),
    )


def _overdue(which: int) -> Callable[[date], ColumnElement[bool]]:
    return lambda today: and_(
        record[f"follow_up_{which}_waits"],
        _IN_USE,
        record.date_index_diagnosed < today - timedelta(days=OVERDUE_DAYS[which]),
    )


OF_RECORDS: dict[str, Callable[[date], ColumnElement[bool]]] = {
    "errors": _state_is("invalid"),
    "warnings": _state_is("to_confirm"),
    "assessment": _not_assessed,
    "followup_16_due": _due(1),
    "followup_16_overdue": _overdue(1),
    "followup_52_due": _due(2),
    "followup_52_overdue": _overdue(2),
}
"""Work-list -> the condition that its records meet on a day."""


@dataclass(frozen=True, slots=True)
class Place:
    """One thing of a work-list: where it stands, and what it is about.

    Attributes:
        record_id: the record (or entry); of a pair the record that came second.
        pair: the pair, in the list of duplicates.
        entry: the entry, in the list of what is unfinished.
    """

    cursor: Cursor
    record_id: UUID
    pair: DuplicatePair | None = None
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class WorkPage:
    """Some things of a work-list in working order.

    Attributes:
        total: how many the whole list has.
        position: of the first one in the whole list, from 1.
        has_more: more follow.
    """

    places: Sequence[Place]
    total: int
    position: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the things of a work-list come from.

    Attributes:
        query: all of them, in no order.
        key: what they are sorted by; `tie` makes it exact.
        key_at: the value of `key` that a cursor speaks of.
        read: a place from a row.
    """

    query: Select[Any]
    key: ColumnElement[Any]
    tie: ColumnElement[Any]
    key_at: Callable[[Cursor], Any]
    read: Callable[[Row[Any]], Place]


def _can_be_changed(locks: Locks) -> ColumnElement[bool]:
    """A condition: the record is not locked."""
    if not locks.years:
        return true()
    day = record.date_index_diagnosed
    locked = or_(*(day.between(date(y, 1, 1), date(y, 12, 31)) for y in sorted(locks.years)))
    if not locks.unlocked:
        return not_(locked)
    record_and_year = tuple_(record.record_id, cast(extract("year", day), Integer))
    return or_(not_(locked), record_and_year.in_(sorted(locks.unlocked)))


def count_worklists(
    session: Session, *, site_id: UUID, locks: Locks, today: date
) -> dict[str, int]:
    """How many things each work-list has, by name, in order."""
    row = session.execute(
        select(
            *(
                func.count().filter(condition(today)).label(name)
                for name, condition in OF_RECORDS.items()
            )
        ).where(record.site_id == site_id, NOT_DELETED, _can_be_changed(locks))
    ).one()
    counts = {
        **row._mapping,
        "unfinished": _count(session, _unfinished(site_id).query),
        "duplicates": _count(session, _duplicates(site_id).query),
    }
    return {name: counts[name] for name in WORKLISTS}


def list_worklist(
    session: Session,
    name: str,
    *,
    site_id: UUID,
    locks: Locks,
    today: date,
    after: Cursor | None,
    limit: int,
) -> WorkPage:
    """The next things of a work-list.

    Args:
        name: one of `domain.lists.WORKLISTS`.
        after: begin behind this place, whether the thing there is still in the list or not.

    Raises:
        ValueError: `after` does not belong to this list.
    """
    source = _source(name, site_id, locks, today)
    total, passed, rest = _count(session, source.query), 0, source.query
    if after is not None:
        here = tuple_(source.key, source.tie)
        there = tuple_(literal(source.key_at(after)), literal(after.item_id))
        passed = _count(session, source.query.where(here <= there))
        rest = source.query.where(here > there)
    rows = session.execute(rest.order_by(source.key, source.tie).limit(limit + 1)).all()
    places = [source.read(row) for row in rows[:limit]]
    return WorkPage(places, total, passed + 1, len(rows) > limit)


def _source(name: str, site_id: UUID, locks: Locks, today: date) -> _Source:
    if name == "unfinished":
        return _unfinished(site_id)
    if name == "duplicates":
        return _duplicates(site_id)
    key, tie = record.date_index_diagnosed, record.record_id
    query = select(tie, key).where(
        record.site_id == site_id, NOT_DELETED, _can_be_changed(locks), OF_RECORDS[name](today)
    )

    def read(row: Row[Any]) -> Place:
        return Place(at_day(row.date_index_diagnosed, row.record_id), row.record_id)

    return _Source(query, key, tie, Cursor.day, read)


def _unfinished(site_id: UUID) -> _Source:
    query = select(Entry).where(Entry.site_id == site_id, Entry.wrapped_key.is_not(None))

    def read(row: Row[Any]) -> Place:
        entry: Entry = row[0]
        cursor = at_instant(entry.updated_at, entry.record_id)
        return Place(cursor, entry.record_id, entry=entry)

    columns = Entry.__table__.c
    return _Source(query, columns.updated_at, columns.record_id, Cursor.instant, read)


def _duplicates(site_id: UUID) -> _Source:
    query = select(DuplicatePair).where(
        DuplicatePair.site_id == site_id, DuplicatePair.decision.is_(None)
    )
    for record_id in (DuplicatePair.first_record_id, DuplicatePair.second_record_id):
        other = FlsRecord.__table__.alias().c
        query = query.where(exists().where(other.record_id == record_id, other.state != "deleted"))

    def read(row: Row[Any]) -> Place:
        pair: DuplicatePair = row[0]
        cursor = at_instant(pair.found_at, pair.pair_id)
        return Place(cursor, pair.second_record_id, pair=pair)

    columns = DuplicatePair.__table__.c
    return _Source(query, columns.found_at, columns.pair_id, Cursor.instant, read)


def _count(session: Session, query: Select[Any]) -> int:
    """How many rows a query has; only what it is narrowed by is read."""
    return int(session.scalar(query.with_only_columns(func.count()).order_by(None)) or 0)
