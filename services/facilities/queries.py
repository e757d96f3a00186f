"""Reads of the facilities audit: a session in, rows or plain values out.

Row-level security shows a transaction only its own site; the conditions on `site_id` here say the
same again, so that a query reads truthfully by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from services.facilities.domain.answering import StoredAnswer
from services.facilities.domain.checking import SiteFacts, asked, check, suggestions
from services.facilities.domain.questionnaire import get_questionnaire
from services.facilities.domain.questions import Answers, Questionnaire
from services.facilities.tables import (
    Answer,
    AnswerChange,
    AnswerSet,
    Round,
    Site,
    Submission,
)
from services.shared.errors import NotFound


@dataclass(frozen=True)
class SiteProgress:
    """How far one site has come. `state`: not_started, in_progress, submitted."""

    site_id: UUID
    code: str
    name: str
    kind: str
    nation: str
    has_fls: bool
    state: str
    updated_at: datetime | None
    submitted_at: datetime | None


def list_rounds(session: Session) -> Sequence[Round]:
    """Return all rounds, the newest first."""
    return session.scalars(select(Round).order_by(Round.opens_on.desc(), Round.name)).all()


def get_round(session: Session, round_id: UUID) -> Round:
    """Return a round. Raises NotFound."""
    found = session.get(Round, round_id)
    if found is None:
        raise NotFound("There is no such round.")
    return found


def find_round_by_name(session: Session, name: str) -> Round | None:
    """Return the round of this name, or None."""
    return session.scalars(select(Round).where(Round.name == name)).one_or_none()


def get_current_round(session: Session, today: date) -> Round:
    """Return the round that is open today, the newest if there are several. Raises NotFound."""
    is_open = and_(
        Round.opens_on <= today, or_(Round.closes_on.is_(None), Round.closes_on >= today)
    )
    newest = select(Round).where(is_open).order_by(Round.opens_on.desc(), Round.name).limit(1)
    found = session.scalars(newest).one_or_none()
    if found is None:
        raise NotFound("No round of the facilities audit is open at present.")
    return found


def find_site(session: Session, site_id: UUID) -> Site | None:
    """Return our copy of a site, or None if registration has not told us of it yet."""
    return session.get(Site, site_id)


def get_site(session: Session, site_id: UUID) -> Site:
    """Return our copy of a site. Raises NotFound."""
    found = find_site(session, site_id)
    if found is None:
        raise NotFound("There is no such site.")
    return found


def find_answer_set(
    session: Session, round_id: UUID, site_id: UUID, *, lock: bool = False
) -> AnswerSet | None:
    """Return a site's answer set of a round, or None before its first save.

    Args:
        session: a transaction of that site.
        round_id: the round.
        site_id: the site.
        lock: hold the row until the transaction ends, so that saves of one site take turns.
    """
    query = select(AnswerSet).where(AnswerSet.round_id == round_id, AnswerSet.site_id == site_id)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def list_answers(session: Session, round_id: UUID, site_id: UUID) -> dict[str, StoredAnswer]:
    """Return the stored answers by question id, those taken back included (value None)."""
    query = select(Answer).where(Answer.round_id == round_id, Answer.site_id == site_id)
    return {row.question_id: StoredAnswer(row.value, row.version) for row in session.scalars(query)}


def given_answers(stored: dict[str, StoredAnswer]) -> Answers:
    """Return the values alone, without answers that were taken back."""
    return {key: answer.value for key, answer in stored.items() if answer.value is not None}


def get_submitted_answers(session: Session, answer_set: AnswerSet) -> dict[str, Any]:
    """Return the answers of a submitted set as they were signed. Raises NotFound."""
    query = select(Submission.answers).where(
        Submission.round_id == answer_set.round_id,
        Submission.site_id == answer_set.site_id,
        Submission.version == answer_set.version,
    )
    answers: dict[str, Any] | None = session.scalars(query).one_or_none()
    if answers is None:
        raise NotFound("These answers have not been submitted.")
    return answers


def list_changes(
    session: Session, round_id: UUID, site_id: UUID, *, page: int, page_size: int
) -> tuple[Sequence[AnswerChange], int]:
    """Return one page of the changes of a site's answers, newest first, and how many there are."""
    ours = (AnswerChange.round_id == round_id, AnswerChange.site_id == site_id)
    query = select(AnswerChange).where(*ours).order_by(AnswerChange.position.desc())
    total = session.scalars(select(func.count()).select_from(AnswerChange).where(*ours)).one()
    return session.scalars(query.limit(page_size).offset((page - 1) * page_size)).all(), total


def get_answer_page(session: Session, round_id: UUID, site_id: UUID, today: date) -> dict[str, Any]:
    """Return everything that one site sees of its answers in a round, as `AnswersAnswer` has it.

    Before submission: the draft, and what is missing or wrong. Afterwards: what was signed.

    Raises:
        NotFound: no such round.
    """
    questionnaire = get_questionnaire(get_round(session, round_id).questionnaire_id)
    answer_set = find_answer_set(session, round_id, site_id)
    state = state_of(answer_set)
    if answer_set is not None and state == "submitted":
        answers = get_submitted_answers(session, answer_set)
    else:
        answers = given_answers(list_answers(session, round_id, site_id))
    shown = asked(questionnaire, answers)
    return {
        "round_id": round_id,
        "state": state,
        "version": answer_set.version if answer_set else 0,
        "answers": answers,
        "asked": [question.id for question in shown],
        "answered_count": sum(question.id in answers for question in shown),
        "asked_count": len(shown),
        "findings": check(questionnaire, answers, today),
        "suggestions": {}
        if state == "submitted"
        else _suggestions(session, site_id, questionnaire, answers),
        "updated_at": answer_set.updated_at if answer_set else None,
        "submitted_at": answer_set.submitted_at if answer_set else None,
    }


def _suggestions(
    session: Session, site_id: UUID, questionnaire: Questionnaire, answers: Answers
) -> Answers:
    site = find_site(session, site_id)
    if site is None:
        return {}
    codes = [each["code"] for each in site.organisation_codes]
    facts = SiteFacts(site.has_fls, codes[0] if codes else None)
    offered = suggestions(questionnaire, facts)
    return {key: value for key, value in offered.items() if key not in answers}


def state_of(answer_set: AnswerSet | None) -> str:
    """Return not_started, in_progress or submitted."""
    if answer_set is None or answer_set.version == 0:
        return "not_started"
    return "in_progress" if answer_set.submitted_at is None else "submitted"


# The same as `state_of`, for many sites at once.
_STATE = case(
    (AnswerSet.submitted_at.is_not(None), "submitted"),
    (AnswerSet.version > 0, "in_progress"),
    else_="not_started",
)
_TAKES_PART = and_(Site.state == "approved", Site.facilities_audit)


def count_sites_by_state(session: Session, round_id: UUID) -> dict[str, int]:
    """Return how many of the sites that take part are in each state. National read."""
    same = and_(AnswerSet.site_id == Site.site_id, AnswerSet.round_id == round_id)
    query = (
        select(_STATE, func.count())
        .select_from(Site)
        .outerjoin(AnswerSet, same)
        .where(_TAKES_PART)
        .group_by(_STATE)
    )
    counts = dict.fromkeys(("not_started", "in_progress", "submitted"), 0)
    counts.update({state: count for state, count in session.execute(query)})
    return counts


def list_site_progress(
    session: Session, round_id: UUID, *, page: int, page_size: int
) -> list[SiteProgress]:
    """Return one page of the sites that take part, in the order of their names. National read."""
    same = and_(AnswerSet.site_id == Site.site_id, AnswerSet.round_id == round_id)
    query = (
        select(
            Site.site_id,
            Site.code,
            Site.name,
            Site.kind,
            Site.nation,
            Site.has_fls,
            _STATE.label("state"),
            AnswerSet.updated_at,
            AnswerSet.submitted_at,
        )
        .select_from(Site)
        .outerjoin(AnswerSet, same)
        .where(_TAKES_PART)
        .order_by(Site.name, Site.code)
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    return [SiteProgress(**row) for row in session.execute(query).mappings()]
