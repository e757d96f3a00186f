"""A questionnaire that contradicts itself is refused as it is built."""

import pytest

from services.facilities.domain.questionnaire import FACILITIES_2026, QUESTIONNAIRES
from services.facilities.domain.questions import (
    BadQuestionnaire,
    Condition,
    Kind,
    Option,
    Question,
    Questionnaire,
    Section,
)

YES_NO = (Option("1", "Yes"), Option("2", "No"))


def make_question(question_id: str, kind: Kind = Kind.TEXT, **more) -> Question:
    return Question(question_id, question_id, f"Text of {question_id}?", "the answer", kind, **more)


def make_questionnaire(*questions: Question) -> Questionnaire:
    return Questionnaire("test", "Test", (Section("S", "Section", "", questions),))


@pytest.mark.parametrize(
    ("questions", "fault"),
    [
        pytest.param([make_question("X"), make_question("X")], "X occurs twice", id="same id"),
        pytest.param([make_question("X", Kind.SINGLE)], "X is single", id="no options"),
        pytest.param(
            [make_question("X", Kind.TEXT, options=YES_NO)], "X is text", id="text with options"
        ),
        pytest.param(
            [make_question("X", Kind.MULTI, options=(YES_NO[0], YES_NO[0]))],
            "two options of one code",
            id="same code",
        ),
        pytest.param(
            [make_question("X", when=Condition("Y", ("1",)))], "no earlier question", id="unknown"
        ),
        pytest.param(
            [
                make_question("X", when=Condition("Y", ("1",))),
                make_question("Y", Kind.SINGLE, options=YES_NO),
            ],
            "X depends on Y",
            id="looks forward",
        ),
        pytest.param(
            [
                make_question("Y", Kind.SINGLE, options=YES_NO),
                make_question("X", when=Condition("Y", ("9",))),
            ],
            "does not have",
            id="dead question",
        ),
        pytest.param(
            [
                make_question("Y", Kind.SINGLE, options=YES_NO),
                make_question("X", required_when=Condition("Y", ())),
            ],
            "depends on options",
            id="condition that never holds",
        ),
    ],
)
def test_a_questionnaire_that_contradicts_itself_is_refused(questions, fault):
    with pytest.raises(BadQuestionnaire, match=fault):
        make_questionnaire(*questions)


def test_section_a_asks_what_the_published_columns_ask():
    numbers = {question.number for question in FACILITIES_2026}
    assert numbers == {f"A{number}" for number in range(1, 10)}


def test_every_questionnaire_is_kept_under_its_own_id():
    assert all(key == each.id for key, each in QUESTIONNAIRES.items())


def test_every_question_has_a_text_that_asks():
    assert all(question.text.endswith("?") for each in QUESTIONNAIRES.values() for question in each)
