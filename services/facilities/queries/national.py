"""Reads over all sites, as the national reader: how far they are, what they submitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select
from sqlalchemy.orm import Session

from services.facilities.tables import (
    AnswerSet,
    Extension,
    Reminder,
    Round,
    Site,
    Submission,
)


@dataclass(frozen=True)
class SiteProgress:
    """How far one site has come. `state`: not_started, in_progress, submitted."""

    site_id: UUID
    code: str
    name: str
    kind: str
    nation: str
    region: str
    has_fls: bool
    state: str
    updated_at: datetime | None
    submitted_at: datetime | None
    extended_until: date | None


# The same as `answers.state_of`, for many sites at once.
_STATE = case(
    (AnswerSet.submitted_at.is_not(None), "submitted"),
    (AnswerSet.version > 0, "in_progress"),
    else_="not_started",
)


def _asked(each: Round) -> ColumnElement[bool]:
    """The same as `rounds.is_asked`, for many sites at once."""
    conditions = [Site.state == "approved", Site.facilities_audit]
    if each.asked_part == "patient":
        conditions.append(Site.patient_audit)
    if each.asked_kinds:
        conditions.append(Site.kind.in_(each.asked_kinds))
    return and_(*conditions)


def _counted(each: Round) -> ColumnElement[bool]:
    """Sites that are asked, and those that answered while they were."""
    return or_(_asked(each), AnswerSet.submitted_at.is_not(None))


def count_sites_by_state(session: Session, each: Round) -> dict[str, int]:
    """Return how many of the sites that are asked are in each state."""
    same = and_(AnswerSet.site_id == Site.site_id, AnswerSet.round_id == each.round_id)
    query = (
        select(_STATE, func.count())
        .select_from(Site)
        .outerjoin(AnswerSet, same)
        .where(_counted(each))
        .group_by(_STATE)
    )
    counts = dict.fromkeys(("not_started", "in_progress", "submitted"), 0)
    counts.update({state: count for state, count in session.execute(query)})
    return counts


def list_site_progress(
    session: Session, each: Round, *, state: str | None = None, page: int, page_size: int
) -> list[SiteProgress]:
    """Return one page of the sites that are asked, in the order of their names."""
    same = and_(AnswerSet.site_id == Site.site_id, AnswerSet.round_id == each.round_id)
    extended = (
        select(func.max(Extension.until_on))
        .where(Extension.site_id == Site.site_id, Extension.round_id == each.round_id)
        .scalar_subquery()
    )
    query = (
        select(
            Site.site_id,
            Site.code,
            Site.name,
            Site.kind,
            Site.nation,
            Site.region,
            Site.has_fls,
            _STATE.label("state"),
            AnswerSet.updated_at,
            AnswerSet.submitted_at,
            extended.label("extended_until"),
        )
        .select_from(Site)
        .outerjoin(AnswerSet, same)
        .where(_counted(each))
        .order_by(Site.name, Site.code)
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    if state is not None:
        query = query.where(_STATE.in_([state]))
    return [SiteProgress(**row) for row in session.execute(query).mappings()]


def list_submitted(session: Session, round_id: UUID) -> Sequence[Row[Any]]:
    """Return what sites have submitted now, with the site's own columns, in the order of codes."""
    query = (
        select(
            Site.code.label("site_code"),
            Site.name.label("site_name"),
            Site.kind,
            Site.nation,
            Site.region,
            Submission.answers,
            AnswerSet.submitted_at,
        )
        .join(AnswerSet, AnswerSet.site_id == Site.site_id)
        .join(
            Submission,
            and_(
                Submission.round_id == AnswerSet.round_id,
                Submission.site_id == AnswerSet.site_id,
                Submission.version == AnswerSet.version,
            ),
        )
        .where(AnswerSet.round_id == round_id, AnswerSet.submitted_at.is_not(None))
        .order_by(Site.code)
    )
    return session.execute(query).all()


@dataclass(frozen=True)
class Unsent:
    """A site that has not submitted: until when it may, and what it was sent already."""

    site_id: UUID
    extended_until: date | None
    sent: frozenset[str]


def list_unsent(session: Session, each: Round) -> list[Unsent]:
    """Return the sites that are asked in a round and have not submitted."""
    same = and_(AnswerSet.site_id == Site.site_id, AnswerSet.round_id == each.round_id)
    extended = (
        select(func.max(Extension.until_on))
        .where(Extension.site_id == Site.site_id, Extension.round_id == each.round_id)
        .scalar_subquery()
    )
    sent = (
        select(func.array_agg(Reminder.kind))
        .where(Reminder.site_id == Site.site_id, Reminder.round_id == each.round_id)
        .scalar_subquery()
    )
    query = (
        select(Site.site_id, extended.label("extended_until"), sent.label("sent"))
        .select_from(Site)
        .outerjoin(AnswerSet, same)
        .where(_asked(each), AnswerSet.submitted_at.is_(None))
        .order_by(Site.site_id)
    )
    return [
        Unsent(row.site_id, row.extended_until, frozenset(row.sent or ()))
        for row in session.execute(query)
    ]
