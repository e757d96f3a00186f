"""Saves answers as a draft, section by section, without undoing anybody else's work.

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

from services.facilities import metrics
from services.facilities.actions.guarding import (
    get_answering_site,
    lock_answer_set,
    refuse_if_submitted,
    refuse_unless_open,
)
from services.facilities.domain.answering import Seen, changed_since, decide_save
from services.facilities.domain.proposing import Proposal
from services.facilities.domain.questionnaires import get_questionnaire
from services.facilities.domain.questions import Questionnaire
from services.facilities.domain.reading import read_answer, read_explanation
from services.facilities.queries.answers import find_proposals, list_answers, list_answers_as_seen
from services.facilities.queries.rounds import get_round
from services.facilities.tables import Answer, AnswerChange, AnswerSet
from services.shared.errors import Conflict, InvalidInput


def save_answers(
    session: Session,
    *,
    round_id: UUID,
    site_id: UUID,
    sent: Mapping[str, Any],
    seen: Seen,
    by: UUID,
    today: date,
) -> list[str]:
    """Save answers as a draft, with a line of history for each change; does not commit.

    Args:
        session: a transaction of the site.
        round_id: the round.
        site_id: the site that answers.
        sent: key -> what was typed: keys are ids of questions, cells of grids (`B2.nurse.6`) and
            explanations (`why.P01`). What is not named stays as it is; None takes an answer back
            and turns a proposal down. What cannot be read is kept as typed, and is a finding.
        seen: the version of the answers that the author saw. A field that is as it was then is no
            change, whatever it is now.
        by: the account that saves.
        today: the date in London.

    Returns:
        The keys that changed; the version of the answer set grows by one if there are any.

    Raises:
        NotFound: no such round.
        Forbidden: the site may not answer.
        InvalidInput: a question that the questionnaire does not have.
        Conflict: `version_moved`: an answer was changed since by somebody else to something else,
            with both values; nothing is saved. `submitted`, `round_closed`: too late.
    """
    each = get_round(session, round_id)
    refuse_unless_open(session, each, site_id, today)
    site = get_answering_site(session, each, site_id)
    values = _read_all(get_questionnaire(each.questionnaire_id), sent)
    answer_set = lock_answer_set(session, round_id, site_id, by)
    refuse_if_submitted(answer_set)
    stored = list_answers(session, round_id, site_id)
    proposed: dict[str, Proposal] = {}
    if any(value is None and key not in stored for key, value in values.items()):
        proposed = find_proposals(session, each, site)
    moved_on = changed_since(stored, values, seen)
    before = list_answers_as_seen(session, round_id, site_id, moved_on, seen) if moved_on else {}
    save = decide_save(stored, values, seen, before=before, proposed=proposed)
    if save.conflicts:
        metrics.SAVES.labels("conflict").inc()
        raise moved(answer_set, save.conflicts, save.changes)
    if save.changes:
        answer_set.version += 1
        answer_set.updated_at, answer_set.updated_by = func.now(), by
        _store(session, answer_set, save.changes, by)
    metrics.SAVES.labels("saved" if save.changes else "unchanged").inc()
    return list(save.changes)


def moved(
    answer_set: AnswerSet,
    conflicts: Mapping[str, tuple[Any, Any]],
    changes: Mapping[str, tuple[Any, Any]] | None = None,
) -> Conflict:
    """Return the conflict `version_moved`, with both values of each answer it is about.

    `changes`: what the author changed besides, which nobody else did, and is not saved either.
    """
    return Conflict(
        "Somebody else changed these answers while you were writing. Nothing was saved.",
        "version_moved",
        {
            "version": answer_set.version,
            "conflicts": {
                key: {"theirs": theirs, "yours": yours}
                for key, (theirs, yours) in conflicts.items()
            },
            "changes": {key: yours for key, (_, yours) in (changes or {}).items()},
        },
    )


def _read_all(questionnaire: Questionnaire, sent: Mapping[str, Any]) -> dict[str, Any]:
    known = questionnaire.by_key
    explanations = questionnaire.explanation_keys
    unknown = [key for key in sent if key not in known and key not in explanations]
    if unknown:
        raise InvalidInput({key[:50]: ["There is no such question."] for key in unknown[:20]})
    return {
        key: read_explanation(raw) if key in explanations else read_answer(known[key], raw)
        for key, raw in sent.items()
    }


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
