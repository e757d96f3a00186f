"""How far each section is, and whether somebody stands for it.

A section is confirmed by a person for the answers as they were at a version; an answer of the
section that changes later, or an error that comes up in it, takes the confirmation back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.facilities.domain.answering import StoredAnswer
from services.facilities.domain.checking import Finding, has_errors, is_answered, stands_in_the_way
from services.facilities.domain.questions import EXPLANATION, Answers, Question, Questionnaire

_NOT_BEGUN = ("missing", "to_confirm")


@dataclass(frozen=True)
class SectionProgress:
    """One section.

    `state`: `not_asked` (no question of it is), `not_started`, `in_progress`, `ready` (nothing
    stands in the way of confirming it), `confirmed`.
    `to_mend`: errors and contradictions other than missing and unconfirmed answers.
    """

    section: str
    title: str
    state: str
    asked: int
    answered: int
    to_confirm: int
    to_mend: int
    warnings: int


def section_progress(
    questionnaire: Questionnaire,
    *,
    questions: Sequence[Question],
    stored: Mapping[str, StoredAnswer],
    proposed: Answers,
    findings: Sequence[Finding],
    confirmed: Mapping[str, int],
) -> list[SectionProgress]:
    """Return all sections in order.

    Args:
        questionnaire: the round's questionnaire.
        questions: those that are asked.
        stored: the stored answers by key, explanations included.
        proposed: answers to be confirmed, by key.
        findings: of the whole answer set.
        confirmed: section id -> version of the answer set that was confirmed.
    """
    answers = {key: answer.value for key, answer in stored.items() if answer.value is not None}
    last_changes = last_changes_of(questionnaire, stored)
    progress = []
    for section in questionnaire.sections:
        shown = [q for q in questions if questionnaire.section_of[q.id] == section.id]
        ids = {question.id for question in shown}
        found = [finding for finding in findings if finding.question in ids]
        answered = sum(is_answered(question, answers) for question in shown)
        to_confirm = sum(
            any(key in proposed and key not in answers for key in question.keys)
            for question in shown
        )
        is_ready = not has_errors(found)
        version = confirmed.get(section.id)
        is_confirmed = version is not None and last_changes.get(section.id, 0) <= version
        progress.append(
            SectionProgress(
                section.id,
                section.title,
                _state(bool(shown), answered, is_ready, is_confirmed),
                len(shown),
                answered,
                to_confirm,
                sum(
                    stands_in_the_way(f) and f.code not in ("missing", "to_confirm") for f in found
                ),
                sum(finding.level == "warning" for finding in found),
            )
        )
    return progress


def _state(is_asked: bool, answered: int, is_ready: bool, is_confirmed: bool) -> str:
    if not is_asked:
        return "not_asked"
    if is_ready:
        return "confirmed" if is_confirmed else "ready"
    return "in_progress" if answered else "not_started"


def last_changes_of(
    questionnaire: Questionnaire, stored: Mapping[str, StoredAnswer]
) -> dict[str, int]:
    """Return section id -> version at which an answer or an explanation in it last changed."""
    places = {
        f"{EXPLANATION}{each.code}": questionnaire.section_of[each.question]
        for each in questionnaire.comparisons
    }
    last: dict[str, int] = {}
    for key, answer in stored.items():
        question = questionnaire.by_key.get(key)
        section = questionnaire.section_of[question.id] if question else places.get(key)
        if section is not None:
            last[section] = max(last.get(section, 0), answer.version)
    return last
