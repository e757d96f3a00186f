"""A great many random answer sets: none makes the rules fall over, none leaves a hidden answer.

Quick dice instead of hypothesis, so that there can be many: a million with `--long`, a tenth
otherwise, among all questionnaires. The seed is in the name of the test that fails.
"""

from __future__ import annotations

import os
from datetime import date
from random import Random
from typing import Any

import pytest

from services.facilities.domain.answering import Seen, StoredAnswer, decide_save
from services.facilities.domain.checking import Known, asked, check, has_errors, visible_answers
from services.facilities.domain.deriving import derive
from services.facilities.domain.exporting import data_rows, headings
from services.facilities.domain.proposing import LastTime, differences, propose
from services.facilities.domain.questionnaires import QUESTIONNAIRES
from services.facilities.domain.questions import Question, Questionnaire
from services.facilities.domain.reading import read_answer
from services.facilities.domain.results import results
from services.facilities.domain.sections import section_progress

SETS = 1_000_000 if os.environ.get("FLSDB_LONG") else 100_000
PARTS = 8
ODD: tuple[Any, ...] = (
    None, "", " ", "x", "0", "-1", "1.5", "1,5", "1e9", "2019-04", "4 2019", "13 2019", 0, 1, 2.5,
    -3, 10**18, float("nan"), float("inf"), True, [], ["0", "1"], ["9"], ["x"], [""], "\x00",
    "é" * 300, "\ud800", "=1+1", "0115 496 0000", "sam@example.nhs.uk",
)  # fmt: skip
COUNTS = {
    f"2026-{month:02d}": {"records": 30, "hip": 0, "spine": 1, "falls_assessed": 3}
    for month in range(1, 13)
}
SITE = dict.fromkeys(("site_code", "site_name", "kind", "nation", "region", "submitted_on"), "x")


def throw(random: Random, question: Question) -> Any:
    """Something like an answer three times in four, anything else otherwise."""
    if random.random() < 0.25:
        return random.choice(ODD)
    if question.codes:
        if question.kind == "single":
            return random.choice(question.codes)
        return random.sample(question.codes, random.randint(1, min(3, len(question.codes))))
    if question.kind == "month":
        return f"{random.randint(1, 12)} {random.randint(1960, 2030)}"
    return random.choice(["Some text", random.randint(0, 10**6), round(random.random() * 9, 1)])


def throw_set(random: Random, questionnaire: Questionnaire) -> dict[str, Any]:
    """Answers to some of the questions; the first ones more often, as they lead to the others."""
    share = random.choice((0.1, 0.5, 0.95))
    return {
        key: read_answer(question, throw(random, question))
        for key, question in questionnaire.by_key.items()
        if question.id == "A3" or random.random() < (share if "." not in key else 0.04)
    }


@pytest.mark.parametrize("seed", range(PARTS))
def test_no_answer_set_makes_the_rules_fall_over_or_leaves_a_hidden_answer(seed: int) -> None:
    random = Random(seed)
    every = list(QUESTIONNAIRES.values())
    for number in range(SETS // PARTS):
        questionnaire = every[number % len(every)]
        read = throw_set(random, questionnaire)
        answers = {key: value for key, value in read.items() if value is not None}
        known = Known(date(2026, 11, 23), COUNTS if number % 2 else None)
        findings = check(questionnaire, answers, known)
        shown = visible_answers(questionnaire, answers)
        for key in shown:
            for condition in questionnaire.by_key[key].when:
                assert condition.question in shown and condition.holds(shown)
        derived = derive(questionnaire, shown)
        if number % 20 == 0:
            everything_else(questionnaire, random, answers, shown, findings, derived)


def everything_else(
    questionnaire: Questionnaire,
    random: Random,
    answers: dict[str, Any],
    shown: dict[str, Any],
    findings: list[Any],
    derived: dict[str, Any],
) -> None:
    """What costs more, for one set in twenty."""
    last = LastTime("Before", questionnaire, shown)
    proposed = {key: each.value for key, each in propose(questionnaire, None, last).items()}
    assert all(shown[key] == value for key, value in proposed.items())
    stored = {key: StoredAnswer(value, random.randint(1, 5)) for key, value in answers.items()}
    section_progress(
        questionnaire,
        questions=asked(questionnaire, {**proposed, **answers}),
        stored=stored,
        proposed=proposed,
        findings=findings,
        confirmed={"A": 3},
    )
    decide_save(stored, throw_set(random, questionnaire), Seen(random.randint(0, 5)))
    differences(questionnaire, proposed, answers)
    if not has_errors(findings):
        assert results(questionnaire, [shown])
        (line,) = data_rows(questionnaire, [(SITE, shown)])
        assert len(line) == len(headings(questionnaire))
        assert set(derived) <= {each.id for each in questionnaire.derived}
