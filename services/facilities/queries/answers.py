"""A site's answers in a round: what is stored, and everything that its page shows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.facilities.domain.answering import Seen, StoredAnswer
from services.facilities.domain.checking import Finding, Known, asked, check
from services.facilities.domain.deriving import derive
from services.facilities.domain.proposing import LastTime, Proposal, propose
from services.facilities.domain.questionnaires import get_questionnaire
from services.facilities.domain.questions import EXPLANATION, Answers, Question, Questionnaire
from services.facilities.domain.sections import SectionProgress, section_progress
from services.facilities.queries.rounds import (
    extended_until,
    get_round,
    is_asked,
    same_series,
    window_of,
)
from services.facilities.queries.sites import facts_of, find_counts, find_site
from services.facilities.tables import (
    Answer,
    AnswerChange,
    AnswerSet,
    Comment,
    Round,
    SectionState,
    Site,
    Submission,
)
from services.shared.errors import NotFound


@dataclass(frozen=True)
class Desk:
    """All about one site's answers in one round, worked out once.

    Attributes:
        stored: every stored answer by key, those taken back (value None) and explanations included.
        proposals: by key, without those that somebody has answered or taken back already.
    """

    round: Round
    questionnaire: Questionnaire
    site: Site | None
    answer_set: AnswerSet | None
    stored: dict[str, StoredAnswer]
    proposals: dict[str, Proposal]
    findings: list[Finding]
    questions: list[Question]
    sections: list[SectionProgress]
    section_states: dict[str, SectionState]

    @property
    def answers(self) -> Answers:
        """Key -> value, without explanations."""
        given = given_answers(self.stored)
        return {key: value for key, value in given.items() if not key.startswith(EXPLANATION)}

    @property
    def explanations(self) -> dict[str, str]:
        """Code of a comparison -> what the site says about it."""
        given = given_answers(self.stored)
        return {
            key.removeprefix(EXPLANATION): value
            for key, value in given.items()
            if key.startswith(EXPLANATION)
        }


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
    """Return the stored answers by key, those taken back included (value None)."""
    query = select(Answer.question_id, Answer.value, Answer.version).where(
        Answer.round_id == round_id, Answer.site_id == site_id
    )
    return {row.question_id: StoredAnswer(row.value, row.version) for row in session.execute(query)}


def list_answers_as_seen(
    session: Session, round_id: UUID, site_id: UUID, keys: Collection[str], seen: Seen
) -> dict[str, Any]:
    """Return key -> value as somebody saw it who saw these versions, from the history.

    Args:
        session: a transaction of that site.
        round_id: the round.
        site_id: the site.
        keys: answers that have changed since.
        seen: what was seen.
    """
    query = (
        select(AnswerChange.question_id, AnswerChange.old, AnswerChange.version)
        .where(
            AnswerChange.round_id == round_id,
            AnswerChange.site_id == site_id,
            AnswerChange.question_id.in_(keys),
            AnswerChange.version > min(seen.of(key) for key in keys),
        )
        .order_by(AnswerChange.position)
    )
    values: dict[str, Any] = {}
    for change in session.execute(query):
        if change.version > seen.of(change.question_id):
            values.setdefault(change.question_id, change.old)
    return values


def given_answers(stored: dict[str, StoredAnswer]) -> Answers:
    """Return the values alone, without answers that were taken back."""
    return {key: answer.value for key, answer in stored.items() if answer.value is not None}


def find_submission(session: Session, answer_set: AnswerSet) -> Submission | None:
    """Return what was signed last with this answer set, or None."""
    query = (
        select(Submission)
        .where(Submission.round_id == answer_set.round_id, Submission.site_id == answer_set.site_id)
        .order_by(Submission.version.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def get_submission(session: Session, round_id: UUID, site_id: UUID) -> Submission:
    """Return what is submitted now. Raises NotFound while nothing is, or it was opened again."""
    answer_set = find_answer_set(session, round_id, site_id)
    found = None
    if answer_set is not None and answer_set.submitted_at is not None:
        found = find_submission(session, answer_set)
    if found is None:
        raise NotFound("These answers have not been submitted.")
    return found


def find_last_time(session: Session, each: Round, site_id: UUID) -> LastTime | None:
    """Return what the site submitted in the latest earlier round of the same series, or None."""
    earlier = (
        select(Submission.answers, Round.questionnaire_id, Round.title, Round.name)
        .join(Round, Round.round_id == Submission.round_id)
        .where(
            Submission.site_id == site_id,
            Round.round_id != each.round_id,
            Round.opens_on < each.opens_on,
            Round.questionnaire_id.in_(same_series(each.questionnaire_id)),
        )
        .order_by(Round.opens_on.desc(), Submission.version.desc())
        .limit(1)
    )
    found = session.execute(earlier).one_or_none()
    if found is None:
        return None
    return LastTime(found.title, get_questionnaire(found.questionnaire_id), found.answers)


def find_proposals(session: Session, each: Round, site: Site | None) -> dict[str, Proposal]:
    """Return what is proposed to a site in a round, answered or not, by key."""
    last = find_last_time(session, each, site.site_id) if site else None
    return propose(get_questionnaire(each.questionnaire_id), facts_of(site), last)


def list_changes(
    session: Session, round_id: UUID, site_id: UUID, *, page: int, page_size: int
) -> tuple[Sequence[AnswerChange], int]:
    """Return one page of the changes of a site's answers, newest first, and how many there are."""
    ours = (AnswerChange.round_id == round_id, AnswerChange.site_id == site_id)
    query = select(AnswerChange).where(*ours).order_by(AnswerChange.position.desc())
    total = session.scalars(select(func.count()).select_from(AnswerChange).where(*ours)).one()
    return session.scalars(query.limit(page_size).offset((page - 1) * page_size)).all(), total


def list_comments(session: Session, round_id: UUID, site_id: UUID) -> Sequence[Comment]:
    """Return all comments of a site in a round, the oldest first."""
    query = select(Comment).where(Comment.round_id == round_id, Comment.site_id == site_id)
    return session.scalars(query.order_by(Comment.comment_id)).all()


def list_section_states(session: Session, round_id: UUID, site_id: UUID) -> dict[str, SectionState]:
    """Return section id -> owner and confirmation, for sections that have had either."""
    query = select(SectionState).where(
        SectionState.round_id == round_id, SectionState.site_id == site_id
    )
    return {state.section_id: state for state in session.scalars(query)}


def open_desk(session: Session, round_id: UUID, site_id: UUID, today: date) -> Desk:
    """Read and work out everything about one site's answers in a round.

    Raises:
        NotFound: no such round.
    """
    each = get_round(session, round_id)
    questionnaire = get_questionnaire(each.questionnaire_id)
    site = find_site(session, site_id)
    stored = list_answers(session, round_id, site_id)
    given = given_answers(stored)
    proposals = {
        key: proposal
        for key, proposal in find_proposals(session, each, site).items()
        if key not in stored
    }
    proposed = {key: proposal.value for key, proposal in proposals.items()}
    questions = asked(questionnaire, {**proposed, **given})
    findings = check(questionnaire, given, Known(today, find_counts(session, site)), proposed)
    states = list_section_states(session, round_id, site_id)
    sections = section_progress(
        questionnaire,
        questions=questions,
        stored=stored,
        proposed=proposed,
        findings=findings,
        confirmed={
            name: state.confirmed_version
            for name, state in states.items()
            if state.confirmed_version is not None
        },
    )
    answer_set = find_answer_set(session, round_id, site_id)
    return Desk(
        each,
        questionnaire,
        site,
        answer_set,
        stored,
        proposals,
        findings,
        questions,
        sections,
        states,
    )


def get_answer_page(session: Session, round_id: UUID, site_id: UUID, today: date) -> dict[str, Any]:
    """Return everything that one site sees of its answers in a round, as `AnswersAnswer` has it.

    Before submission: the draft, and what is missing or wrong. Afterwards: what was signed.

    Raises:
        NotFound: no such round.
    """
    desk = open_desk(session, round_id, site_id, today)
    state = state_of(desk.answer_set)
    page = {
        "round_id": round_id,
        "state": state,
        "version": desk.answer_set.version if desk.answer_set else 0,
        "is_asked": desk.site is not None and is_asked(desk.round, desk.site),
        "updated_at": desk.answer_set.updated_at if desk.answer_set else None,
        "submitted_at": desk.answer_set.submitted_at if desk.answer_set else None,
        "has_fls": desk.site.has_fls if desk.site else None,
        **_window(session, desk.round, site_id, today),
    }
    if desk.answer_set is not None and state == "submitted":
        return {**page, **_signed(session, desk, desk.answer_set)}
    answers = desk.answers
    asked_ids = {question.id for question in desk.questions}
    proposals = {
        key: proposal
        for key, proposal in desk.proposals.items()
        if desk.questionnaire.by_key[key].id in asked_ids
    }
    visible = {k: v for q in desk.questions for k in q.keys if (v := answers.get(k)) is not None}
    return {
        **page,
        "answers": answers,
        "explanations": desk.explanations,
        "derived": derive(desk.questionnaire, visible),
        "asked": [question.id for question in desk.questions],
        "answered_count": sum(section.answered for section in desk.sections),
        "asked_count": len(desk.questions),
        "findings": desk.findings,
        "proposals": proposals,
        "sections": [_section(section, desk.section_states) for section in desk.sections],
    }


def _window(session: Session, each: Round, site_id: UUID, today: date) -> dict[str, Any]:
    window = window_of(each, extended_until(session, each.round_id, site_id))
    return {"window": window.state(today), "last_day": window.last_day}


def _signed(session: Session, desk: Desk, answer_set: AnswerSet) -> dict[str, Any]:
    submission = get_submission(session, answer_set.round_id, answer_set.site_id)
    answers = submission.answers
    shown = asked(desk.questionnaire, answers)
    return {
        "answers": answers,
        "explanations": submission.explanations,
        "derived": submission.derived,
        "asked": [question.id for question in shown],
        "answered_count": sum(any(key in answers for key in q.keys) for q in shown),
        "asked_count": len(shown),
        "findings": [f for f in desk.findings if f.level in ("warning", "explained")],
        "proposals": {},
        "sections": [_section(section, desk.section_states) for section in desk.sections],
    }


def _section(progress: SectionProgress, states: dict[str, SectionState]) -> dict[str, Any]:
    state = states.get(progress.section)
    is_confirmed = progress.state == "confirmed" and state is not None
    return {
        "section": progress.section,
        "title": progress.title,
        "state": progress.state,
        "asked": progress.asked,
        "answered": progress.answered,
        "to_confirm": progress.to_confirm,
        "to_mend": progress.to_mend,
        "warnings": progress.warnings,
        "owner": state.owner if state else None,
        "confirmed_at": state.confirmed_at if is_confirmed and state else None,
        "confirmed_by": state.confirmed_by if is_confirmed and state else None,
    }


def state_of(answer_set: AnswerSet | None) -> str:
    """Return not_started, in_progress or submitted."""
    if answer_set is None or answer_set.version == 0:
        return "not_started"
    return "in_progress" if answer_set.submitted_at is None else "submitted"
