"""Reads of the log: what happened to one thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from services.registration.queries.paging import Page
from services.registration.tables import Account, AuditEntry, Site

_PART = 1_000


@dataclass(frozen=True)
class LogLine:
    """One line of the log, with the name of who did it; None for a visitor or an operator."""

    at: datetime
    what: str
    actor_kind: str
    actor_name: str | None
    details: dict[str, Any]


@dataclass(frozen=True)
class LogPlace:
    """Which lines of the log: of one site or of all, of some days, of one sort of deed.

    `until` is the last day that counts.
    """

    site_id: UUID | None = None
    since: date | None = None
    until: date | None = None
    what: str | None = None


@dataclass(frozen=True)
class ListedLine(LogLine):
    """One line among those of a site or of all."""

    entry_id: int
    site_name: str | None
    subject_kind: str
    subject_name: str | None


def list_log(session: Session, place: LogPlace, *, page: int, page_size: int) -> Page[ListedLine]:
    """Returns a page of the log, the newest first."""
    wanted = _wanted(place)
    total = session.scalar(select(func.count()).select_from(AuditEntry).where(*wanted)) or 0
    query = _lines(wanted).limit(page_size).offset((page - 1) * page_size)
    return Page([_listed(row) for row in session.execute(query)], page, page_size, total)


def iterate_log(session: Session, place: LogPlace) -> Iterator[list[ListedLine]]:
    """Yields the log in parts, the newest lines first."""
    query = _lines(_wanted(place)).execution_options(yield_per=_PART)
    with session.execute(query) as rows:
        for part in rows.partitions(_PART):
            yield [_listed(row) for row in part]


def _wanted(place: LogPlace) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if place.site_id is not None:
        wanted.append(AuditEntry.site_id == place.site_id)
    if place.since is not None:
        wanted.append(AuditEntry.at >= _midnight(place.since))
    if place.until is not None:
        wanted.append(AuditEntry.at < _midnight(place.until + timedelta(days=1)))
    if place.what is not None:
        wanted.append(AuditEntry.what == place.what)
    return wanted


def _lines(wanted: list[ColumnElement[bool]]) -> Any:
    actor, subject = aliased(Account), aliased(Account)
    return (
        select(AuditEntry, actor.name, Site.name, subject.name)
        .outerjoin(actor, actor.account_id == AuditEntry.actor_id)
        .outerjoin(Site, Site.site_id == AuditEntry.site_id)
        .outerjoin(subject, subject.account_id == AuditEntry.subject_id)
        .where(*wanted)
        .order_by(AuditEntry.entry_id.desc())
    )


def _listed(row: Any) -> ListedLine:
    line, actor, site, subject = row
    return ListedLine(
        at=line.at,
        what=line.what,
        actor_kind=line.actor_kind,
        actor_name=actor,
        details=line.details,
        entry_id=line.entry_id,
        site_name=site,
        subject_kind=line.subject_kind,
        subject_name=subject,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo("Europe/London"))


def list_about(session: Session, subject_kind: str, subject_id: UUID) -> list[LogLine]:
    """Returns what was done to one thing, the oldest first."""
    query = (
        select(AuditEntry, Account.name)
        .outerjoin(Account, Account.account_id == AuditEntry.actor_id)
        .where(AuditEntry.subject_kind == subject_kind, AuditEntry.subject_id == subject_id)
        .order_by(AuditEntry.entry_id)
    )
    return [
        LogLine(line.at, line.what, line.actor_kind, name, line.details)
        for line, name in session.execute(query)
    ]
