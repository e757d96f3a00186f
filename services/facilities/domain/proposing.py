"""Answers that a person only has to confirm: last round's, and what registration knows.

A proposal is not an answer. It decides which questions are asked, so that the page looks as it
will, and nothing of it is submitted until somebody confirms or changes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.facilities.domain.questions import Answers, Kind, Question, Questionnaire
from services.facilities.domain.reading import Unreadable, read_value


@dataclass(frozen=True)
class SiteFacts:
    """What the audit already knows about a site and can propose as an answer."""

    has_fls: bool
    organisation_code: str | None


@dataclass(frozen=True)
class LastTime:
    """What a site submitted in an earlier round of the same series."""

    round_title: str
    questionnaire: Questionnaire
    answers: Answers


@dataclass(frozen=True)
class Proposal:
    """One answer to be confirmed. `source`: "registration", or the title of the earlier round."""

    value: Any
    source: str


@dataclass(frozen=True)
class QuestionChange:
    """How a question differs from the earlier questionnaire's.

    `kind`: new, gone, changed. `words`: what changed, a sentence each.
    """

    question: str
    number: str
    text: str
    kind: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """One answer then and now; None is no answer."""

    key: str
    question: Question
    then: Any
    now: Any


def propose(
    questionnaire: Questionnaire, site: SiteFacts | None, last: LastTime | None
) -> dict[str, Proposal]:
    """Return key -> proposal, for all questions; the caller leaves out what has been answered.

    What registration knows goes before what was answered last time. A site without a fracture
    liaison service gets no proposal for A3 from its registration, as only the site knows whether
    one is planned; and none from a year in which it still had one.
    """
    proposals = {} if last is None else carry_over(questionnaire, last)
    for question in questionnaire.questions:
        if site is None or not question.prefill:
            continue
        if question.prefill == "has_fls":
            proposals.update(_about_the_service(question, site, proposals.get(question.id)))
            if not site.has_fls and _says_yes(proposals.get(question.id)):
                del proposals[question.id]
        elif site.organisation_code:
            proposals[question.id] = Proposal(site.organisation_code, "registration")
    return proposals


def _about_the_service(
    question: Question, site: SiteFacts, last: Proposal | None
) -> dict[str, Proposal]:
    if not site.has_fls or _says_yes(last):
        return {}
    return {question.id: Proposal("1", "registration")}


def _says_yes(proposal: Proposal | None) -> bool:
    return proposal is not None and proposal.value == "1"


def carry_over(questionnaire: Questionnaire, last: LastTime) -> dict[str, Proposal]:
    """Return last round's answers that this questionnaire can take: key -> proposal.

    An answer is carried over exactly, or not at all: one that the present question would not take
    as it stands is left out, and so is one with an option that now has another label.
    """
    carried: dict[str, Proposal] = {}
    for key, value in last.answers.items():
        question, before = questionnaire.by_key.get(key), last.questionnaire.by_key.get(key)
        if question is None or before is None or question.kind is not before.kind:
            continue
        if _can_take(question, before, value):
            carried[key] = Proposal(value, last.round_title)
    return carried


def _can_take(question: Question, before: Question, value: Any) -> bool:
    try:
        if read_value(question, value) != value:
            return False
    except Unreadable:
        return False
    labels = {option.code: option.label for option in before.options}
    chosen = value if isinstance(value, list) else [value]
    return question.unit == before.unit and all(
        labels.get(option.code) == option.label
        for option in question.options
        if option.code in chosen
    )


def question_changes(now: Questionnaire, then: Questionnaire) -> list[QuestionChange]:
    """Return what differs between two questionnaires: in the order of the present one, then gone.

    Questions that are not listed are the same: text, kind, options, cells and unit.
    """
    changes = []
    for question in now.questions:
        before = then.find(question.id)
        if before is None:
            changes.append(_change(question, "new"))
        elif words := tuple(_changed_words(question, before)):
            changes.append(_change(question, "changed", words))
    gone = (question for question in then.questions if question.id not in now.by_id)
    return [*changes, *(_change(question, "gone") for question in gone)]


def _change(question: Question, kind: str, words: tuple[str, ...] = ()) -> QuestionChange:
    return QuestionChange(question.id, question.number, question.text, kind, words)


def _changed_words(now: Question, then: Question) -> Iterator[str]:
    if now.text != then.text:
        yield f"It was worded: “{then.text}”"
    if now.kind is not then.kind:
        yield f"It was answered as {then.kind}, now as {now.kind}."
    if now.unit != then.unit:
        yield f"It was counted in “{then.unit}”, now in “{now.unit}”."
    for what, new, old in (
        ("options", now.options, then.options),
        ("rows", now.rows, then.rows),
        ("columns", now.columns, then.columns),
    ):
        labels, before = {o.code: o.label for o in new}, {o.code: o.label for o in old}
        if added := [label for code, label in labels.items() if code not in before]:
            yield f"New {what}: {'; '.join(added)}."
        if gone := [label for code, label in before.items() if code not in labels]:
            yield f"{what.capitalize()} no longer there: {'; '.join(gone)}."
        for code in labels.keys() & before.keys():
            if labels[code] != before[code]:
                yield f"“{before[code]}” is now called “{labels[code]}”."


def differences(questionnaire: Questionnaire, then: Answers, now: Answers) -> list[Difference]:
    """Return the answers that are not what they were, in the order of the questions.

    Only keys that the present questionnaire has are compared.
    """
    return [
        Difference(key, question, then.get(key), now.get(key))
        for key, question in questionnaire.by_key.items()
        if not _is_same(question, then.get(key), now.get(key))
    ]


def _is_same(question: Question, then: Any, now: Any) -> bool:
    if question.kind is Kind.MULTI and isinstance(then, list) and isinstance(now, list):
        return set(then) == set(now)
    return bool(then == now)
