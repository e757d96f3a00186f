"""Rounds: which there are, who is asked, and until when a site can answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from services.facilities.domain.asking import Asked, Window
from services.facilities.domain.questionnaires import QUESTIONNAIRES, get_questionnaire
from services.facilities.tables import Extension, Round, RoundChange, Site
from services.shared.errors import NotFound


def list_rounds(session: Session) -> Sequence[Round]:
    """Return all rounds, the newest first."""
    return session.scalars(select(Round).order_by(Round.opens_on.desc(), Round.name)).all()


def get_round(session: Session, round_id: UUID) -> Round:
    """Return a round. Raises NotFound."""
    found = session.get(Round, round_id)
    if found is None:
        raise NotFound("There is no such round.")
    return found


def lock_round(session: Session, round_id: UUID) -> Round:
    """Return a round and hold it until the transaction ends. Raises NotFound."""
    query = select(Round).where(Round.round_id == round_id).with_for_update()
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("There is no such round.")
    return found


def find_round_by_name(session: Session, name: str) -> Round | None:
    """Return the round of this name, or None."""
    return session.scalars(select(Round).where(Round.name == name)).one_or_none()


def get_current_round(session: Session, today: date) -> Round:
    """Return the round that is open today: of the yearly audit before others, then the newest.

    Raises:
        NotFound: none is open.
    """
    is_open = and_(
        Round.opens_on <= today,
        Round.closed_at.is_(None),
        or_(Round.closes_on.is_(None), Round.closes_on >= today),
    )
    yearly = [each.id for each in QUESTIONNAIRES.values() if each.series == "facilities"]
    order = (
        case((Round.questionnaire_id.in_(yearly), 0), else_=1),
        Round.opens_on.desc(),
        Round.name,
    )
    found = session.scalars(select(Round).where(is_open).order_by(*order).limit(1)).one_or_none()
    if found is None:
        raise NotFound("No round of the facilities audit is open at present.")
    return found


def list_round_changes(session: Session, round_id: UUID) -> Sequence[RoundChange]:
    """Return what was done to a round, the newest first."""
    query = select(RoundChange).where(RoundChange.round_id == round_id)
    return session.scalars(query.order_by(RoundChange.position.desc())).all()


def asked_of(each: Round) -> Asked:
    """Return who is asked in a round."""
    return Asked(frozenset(each.asked_kinds), each.asked_part)


def is_asked(each: Round, site: Site) -> bool:
    """Say whether a site is asked in a round."""
    return asked_of(each).includes(
        kind=site.kind,
        is_approved=site.state == "approved",
        facilities_audit=site.facilities_audit,
        patient_audit=site.patient_audit,
    )


def extended_until(session: Session, round_id: UUID, site_id: UUID) -> date | None:
    """Return the last day that a site was given beyond the others', or None."""
    query = select(func.max(Extension.until_on)).where(
        Extension.round_id == round_id, Extension.site_id == site_id
    )
    return session.scalars(query).one()


def window_of(each: Round, extended: date | None = None) -> Window:
    """Return when a round can be answered. `extended`: the extension of the site in question."""
    return Window(each.opens_on, each.closes_on, each.closed_at is not None, extended)


def same_series(questionnaire_id: str) -> list[str]:
    """Return the ids of all questionnaires whose answers carry over to this one."""
    series = get_questionnaire(questionnaire_id).series
    return [each.id for each in QUESTIONNAIRES.values() if each.series == series]


def describe(each: Round, today: date) -> dict[str, Any]:
    """Return a round as plain values, with the state that it has today."""
    fields = (
        "round_id",
        "name",
        "year",
        "title",
        "questionnaire_id",
        "opens_on",
        "closes_on",
        "asked_kinds",
        "asked_part",
        "reminds",
        "closed_at",
    )
    values = {name: getattr(each, name) for name in fields}
    return {**values, "state": window_of(each).state(today)}
