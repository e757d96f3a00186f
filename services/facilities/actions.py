"""Writes of the facilities audit: one function for each verb. None of them commits.

Saves of one site take turns: each locks the site's answer set first, so two at once are decided one
after the other, and the second sees what the first stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.facilities import metrics, queries
from services.facilities.domain.answering import StoredAnswer, decide_save
from services.facilities.domain.checking import check, read_answer, visible_answers
from services.facilities.domain.questionnaire import get_questionnaire
from services.facilities.domain.questions import Questionnaire
from services.facilities.tables import (
    Answer,
    AnswerChange,
    AnswerSet,
    Reopening,
    Round,
    Site,
    Submission,
)
from services.shared.errors import Conflict, Forbidden, InvalidInput, Unavailable


def open_round(
    session: Session,
    *,
    name: str,
    year: int,
    questionnaire_id: str,
    opens_on: date,
    closes_on: date | None,
    by: UUID | None,
) -> tuple[Round, bool]:
    """Open a round, or find the one of this name as it is; does not commit.

    Args:
        session: any transaction; rounds belong to no site.
        name: unique among rounds, such as `2026`.
        year: the audit year that it asks about.
        questionnaire_id: which questionnaire it asks.
        opens_on: first day of answering.
        closes_on: last day of answering; None leaves it open.
        by: the account; None when a command opens it.

    Returns:
        The round, and whether it was opened just now.

    Raises:
        NotFound: there is no such questionnaire.
        InvalidInput: it would close before it opens.
    """
    questionnaire = get_questionnaire(questionnaire_id)
    if closes_on is not None and closes_on < opens_on:
        raise InvalidInput({"closes_on": ["The last day must not be before the first day."]})
    row = {
        "round_id": uuid7(),
        "name": name,
        "year": year,
        "title": questionnaire.title,
        "questionnaire_id": questionnaire.id,
        "opens_on": opens_on,
        "closes_on": closes_on,
        "created_by": by,
        "created_at": func.now(),
    }
    statement = insert(Round).values(row).on_conflict_do_nothing(index_elements=["name"])
    opened = session.execute(statement.returning(Round.round_id)).first() is not None
    found = queries.find_round_by_name(session, name)
    assert found is not None
    return found, opened


def save_answers(
    session: Session,
    *,
    round_id: UUID,
    site_id: UUID,
    sent: Mapping[str, Any],
    seen_version: int,
    by: UUID,
    today: date,
) -> int:
    """Save answers as a draft, with a line of history for each change; does not commit.

    Args:
        session: a transaction of the site.
        round_id: the round.
        site_id: the site that answers.
        sent: question id -> what was typed. Questions that are not named stay as they are; None
            takes an answer back. What cannot be read is kept as typed, and is a finding.
        seen_version: the version of the answer set that the author saw; 0 before the first save.
        by: the account that saves.
        today: the date in London.

    Returns:
        The version of the answer set after the save; unchanged if nothing changed.

    Raises:
        NotFound: no such round.
        Forbidden: the site may not answer.
        InvalidInput: a question that the questionnaire does not have.
        Conflict: `version_moved`: an answer was changed since by somebody else to something else,
            with both values; nothing is saved. `submitted`, `round_closed`: too late.
    """
    asked_round = queries.get_round(session, round_id)
    _refuse_unless_open(asked_round, today)
    _get_answering_site(session, site_id)
    values = _read_all(get_questionnaire(asked_round.questionnaire_id), sent)
    answer_set = _lock_answer_set(session, round_id, site_id, by)
    _refuse_if_submitted(answer_set)
    stored = queries.list_answers(session, round_id, site_id)
    save = decide_save(stored, values, seen_version)
    if save.conflicts:
        metrics.SAVES.labels("conflict").inc()
        raise _moved(answer_set, save.conflicts)
    if save.changes:
        answer_set.version += 1
        answer_set.updated_at, answer_set.updated_by = func.now(), by
        _store(session, answer_set, save.changes, by)
    metrics.SAVES.labels("saved" if save.changes else "unchanged").inc()
    return answer_set.version


def submit_answers(
    session: Session, *, round_id: UUID, site_id: UUID, seen_version: int, by: UUID, today: date
) -> int:
    """Submit the answers of the questions that are asked, and lock them; does not commit.

    Submitting once more what was submitted with the version that the caller saw, or became by it,
    answers as the first time did.

    Args:
        session: a transaction of the site.
        round_id: the round.
        site_id: the site that answers.
        seen_version: the version of the answers that the person signs.
        by: the account that submits.
        today: the date in London.

    Returns:
        The version of the submitted answer set.

    Raises:
        NotFound: no such round.
        Forbidden: the site may not answer.
        Conflict: `version_moved`: somebody saved since. `submitted`, `round_closed`: too late.
        InvalidInput: something is missing or wrong; question id -> messages.
    """
    asked_round = queries.get_round(session, round_id)
    _get_answering_site(session, site_id)
    answer_set = _lock_answer_set(session, round_id, site_id, by)
    if answer_set.submitted_by == by and seen_version in (
        answer_set.version,
        answer_set.version - 1,
    ):
        return answer_set.version
    _refuse_if_submitted(answer_set)
    _refuse_unless_open(asked_round, today)
    if answer_set.version != seen_version:
        raise _moved(answer_set, {})
    stored = queries.list_answers(session, round_id, site_id)
    questionnaire = get_questionnaire(asked_round.questionnaire_id)
    _store_submission(session, answer_set, questionnaire, stored, by=by, today=today)
    metrics.SUBMISSIONS.labels("submitted").inc()
    return answer_set.version


def reopen_answers(
    session: Session, *, round_id: UUID, site_id: UUID, reason: str, by: UUID
) -> None:
    """Let a site change what it has submitted, and submit it again; does not commit.

    What was signed stays among the submissions.

    Args:
        session: a transaction of the site.
        round_id: the round.
        site_id: the site.
        reason: why; kept with the reopening.
        by: the account of the audit team.

    Raises:
        NotFound: no such round or site.
        Conflict: `not_submitted`: there is nothing to reopen.
    """
    queries.get_round(session, round_id)
    queries.get_site(session, site_id)
    answer_set = queries.find_answer_set(session, round_id, site_id, lock=True)
    if answer_set is None or answer_set.submitted_at is None:
        raise Conflict("This site has not submitted its answers.", "not_submitted")
    row = {
        "reopening_id": uuid7(),
        "round_id": round_id,
        "site_id": site_id,
        "version": answer_set.version,
        "reason": reason,
        "reopened_by": by,
    }
    session.execute(insert(Reopening).values(row))
    answer_set.version += 1
    answer_set.submitted_at = answer_set.submitted_by = None
    answer_set.updated_at, answer_set.updated_by = func.now(), by
    metrics.SUBMISSIONS.labels("reopened").inc()


def take_site(session: Session, *, site_id: UUID, version: int, facts: Mapping[str, Any]) -> None:
    """Take over what registration says about a site, unless we know newer; does not commit.

    Args:
        session: a transaction of the site.
        site_id: the site.
        version: registration's version of it. The same or an older one changes nothing.
        facts: the other columns of the table `site`.
    """
    row = {"site_id": site_id, "version": version, **facts}
    statement = insert(Site).values(row)
    newer = statement.on_conflict_do_update(
        index_elements=["site_id"],
        set_={column: statement.excluded[column] for column in row if column != "site_id"},
        where=Site.version < statement.excluded.version,
    )
    session.execute(newer)


def _get_answering_site(session: Session, site_id: UUID) -> Site:
    site = queries.find_site(session, site_id)
    if site is None:
        raise Unavailable("Your site has not arrived here yet. Try again in a few seconds.")
    if site.state != "approved":
        raise Forbidden(f"Your site is {site.state} and cannot answer. Contact the audit team.")
    if not site.facilities_audit:
        raise Forbidden("Your site does not take part in the facilities audit.")
    return site


def _refuse_unless_open(asked_round: Round, today: date) -> None:
    if today < asked_round.opens_on:
        raise Conflict("This round is not open yet.", "round_not_open")
    if asked_round.closes_on is not None and today > asked_round.closes_on:
        raise Conflict("This round is closed. Contact the audit team.", "round_closed")


def _refuse_if_submitted(answer_set: AnswerSet) -> None:
    if answer_set.submitted_at is not None:
        raise Conflict("These answers have been submitted and can no longer change.", "submitted")


def _read_all(questionnaire: Questionnaire, sent: Mapping[str, Any]) -> dict[str, Any]:
    questions = {question.id: question for question in questionnaire}
    unknown = [key for key in sent if key not in questions]
    if unknown:
        raise InvalidInput({key[:50]: ["There is no such question."] for key in unknown[:20]})
    return {key: read_answer(questions[key], raw) for key, raw in sent.items()}


def _lock_answer_set(session: Session, round_id: UUID, site_id: UUID, by: UUID) -> AnswerSet:
    """Make the answer set if there is none, and hold it until the transaction ends."""
    row = {"round_id": round_id, "site_id": site_id, "version": 0, "updated_by": by}
    session.execute(insert(AnswerSet).values(row).on_conflict_do_nothing())
    answer_set = queries.find_answer_set(session, round_id, site_id, lock=True)
    assert answer_set is not None
    return answer_set


def _moved(answer_set: AnswerSet, conflicts: Mapping[str, tuple[Any, Any]]) -> Conflict:
    return Conflict(
        "Somebody else changed these answers while you were writing. Nothing was saved.",
        "version_moved",
        {
            "version": answer_set.version,
            "conflicts": {
                key: {"theirs": theirs, "yours": yours}
                for key, (theirs, yours) in conflicts.items()
            },
        },
    )


def _store(
    session: Session, answer_set: AnswerSet, changes: Mapping[str, tuple[Any, Any]], by: UUID
) -> None:
    key = {
        "round_id": answer_set.round_id,
        "site_id": answer_set.site_id,
        "version": answer_set.version,
    }
    answers = [{**key, "question_id": name, "value": new} for name, (_, new) in changes.items()]
    statement = insert(Answer).values(answers)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["round_id", "site_id", "question_id"],
            set_={"value": statement.excluded.value, "version": statement.excluded.version},
        )
    )
    lines = [
        {**key, "question_id": name, "old": old, "new": new, "changed_by": by}
        for name, (old, new) in changes.items()
    ]
    session.execute(insert(AnswerChange).values(lines))


def _store_submission(
    session: Session,
    answer_set: AnswerSet,
    questionnaire: Questionnaire,
    stored: dict[str, StoredAnswer],
    *,
    by: UUID,
    today: date,
) -> None:
    answers = queries.given_answers(stored)
    errors: dict[str, list[str]] = {}
    for finding in check(questionnaire, answers, today):
        if finding.level == "error":
            errors.setdefault(finding.question, []).append(finding.message)
    if errors:
        metrics.SUBMISSIONS.labels("incomplete").inc()
        raise InvalidInput(errors, "Some questions have no answer or need correcting.")
    answer_set.version += 1
    answer_set.submitted_at, answer_set.submitted_by = func.now(), by
    row = {
        "submission_id": uuid7(),
        "round_id": answer_set.round_id,
        "site_id": answer_set.site_id,
        "version": answer_set.version,
        "answers": visible_answers(questionnaire, answers),
        "submitted_by": by,
    }
    session.execute(insert(Submission).values(row))
