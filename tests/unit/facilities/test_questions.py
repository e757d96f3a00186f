"""A questionnaire that contradicts itself is refused as it is built."""

import pytest

from services.facilities.domain.questionnaires import FACILITIES_2026, QUESTIONNAIRES
from services.facilities.domain.questions import (
    Check,
    Column,
    Comparison,
    Condition,
    Derived,
    Kind,
    Option,
    Question,
    Questionnaire,
    Row,
    Rule,
    Section,
)
from services.facilities.domain.soundness import BadQuestionnaire

YES_NO = (Option("1", "Yes"), Option("2", "No"))


def make_question(question_id: str, kind: Kind = Kind.TEXT, **more) -> Question:
    return Question(question_id, question_id, f"Text of {question_id}?", "the answer", kind, **more)


def make_questionnaire(*questions: Question, **more) -> Questionnaire:
    return Questionnaire("test", "Test", (Section("S", "Section", "", questions),), **more)


def make_grid(question_id: str = "G", rows=("r",), columns=("c",), **more) -> Question:
    return make_question(
        question_id,
        Kind.GRID,
        rows=tuple(Row(code, code) for code in rows),
        columns=tuple(Column(code, code) for code in columns),
        **more,
    )


SERVICE = make_question("Y", Kind.SINGLE, options=YES_NO)


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
            [
                make_question(
                    "X",
                    when=(Condition("Y", ("1",)),),
                )
            ],
            "no earlier question",
            id="unknown",
        ),
        pytest.param(
            [
                make_question(
                    "X",
                    when=(Condition("Y", ("1",)),),
                ),
                make_question("Y", Kind.SINGLE, options=YES_NO),
            ],
            "X depends on Y",
            id="looks forward",
        ),
        pytest.param(
            [
                make_question("Y", Kind.SINGLE, options=YES_NO),
                make_question(
                    "X",
                    when=(Condition("Y", ("9",)),),
                ),
            ],
            "does not have",
            id="dead question",
        ),
        pytest.param(
            [
                make_question("Y", Kind.SINGLE, options=YES_NO),
                make_question(
                    "X",
                    required_when=(Condition("Y", ()),),
                ),
            ],
            "depends on options",
            id="condition that never holds",
        ),
        pytest.param(
            [
                SERVICE,
                make_question("Q", Kind.SINGLE, options=YES_NO, when=(Condition("Y", ("1",)),)),
                make_question("X", when=(Condition("Q", ("1",)), Condition("Y", ("2",)))),
            ],
            "X can never hold",
            id="dead through another question",
        ),
        pytest.param(
            [
                SERVICE,
                make_question(
                    "X",
                    when=(Condition("Y", ("1",)),),
                    required_when=(Condition("Y", ("2",)),),
                ),
            ],
            "X can never hold",
            id="never needed where it is asked",
        ),
        pytest.param([make_question("x y")], "is no id", id="id with a blank"),
        pytest.param([make_question("X", rows=(Row("r", "r"),))], "rows or columns", id="rows"),
        pytest.param([make_grid(rows=())], "without cells", id="empty grid"),
        pytest.param([make_grid(rows=("r", "r"))], "row r occurs twice", id="row twice"),
        pytest.param([make_grid(columns=("a.b",))], "letters, digits", id="dot in a code"),
        pytest.param(
            [
                make_question(
                    "G", Kind.GRID, rows=(Row("r", "r", ("z",)),), columns=(Column("c", "c"),)
                )
            ],
            "names no column|without cells",
            id="row of an unknown column",
        ),
        pytest.param([make_question("X", prefill="weather")], "unknown fact", id="unknown fact"),
        pytest.param([make_question("X", minimum=5, maximum=4)], "above its maximum", id="limits"),
    ],
)
def test_a_questionnaire_that_contradicts_itself_is_refused(questions, fault):
    with pytest.raises(BadQuestionnaire, match=fault):
        make_questionnaire(*questions)


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"derived": (Derived("T", "T", "Total", "Y", Rule.TOTAL),)}, "which is no grid"),
        ({"derived": (Derived("T", "T", "Total", "G", Rule.TOTAL, ("x",)),)}, "no row"),
        ({"derived": (Derived("Y", "T", "Total", "G", Rule.TOTAL),)}, "Y occurs twice"),
        ({"checks": (Check("C", "Z", "?"),)}, "speaks of Z"),
        ({"checks": (Check("C", "Y", "?"),)}, "asks nothing"),
        ({"checks": (Check("C", "Y", "?", larger=("Y", "G")),)}, "which is no number"),
        ({"checks": (Check("C", "Y", "?", nobody_in="Y"),)}, "which is no grid"),
        (
            {"checks": (Check("C", "Y", "?", level="shout", all_of=(Condition("Y", ("1",)),)),)},
            "unknown level",
        ),
        (
            {
                "checks": (
                    Check("C", "Y", "?", all_of=(Condition("Y", ("1",)), Condition("Y", ("2",)))),
                )
            },
            "C can never hold",
        ),
        ({"comparisons": (Comparison("P", "Y", "?", (), "teeth", (12, 1), 0.1),)}, "unknown"),
        ({"comparisons": (Comparison("P", "Y", "?", (), "hip", (1, 12), 0.1),)}, "no month"),
        ({"comparisons": (Comparison("P", "Y", "?", (), "hip", (12, 1)),)}, "needs a share"),
    ],
)
def test_what_speaks_about_questions_is_held_to_them(more, fault):
    with pytest.raises(BadQuestionnaire, match=fault):
        make_questionnaire(SERVICE, make_grid(), **more)


def test_two_sections_of_one_id_are_refused():
    section = Section("S", "Section", "", ())
    with pytest.raises(BadQuestionnaire, match="Section S occurs twice"):
        Questionnaire("test", "Test", (section, section))


def test_the_current_questionnaire_asks_what_the_published_columns_ask():
    asked = {question.number for question in FACILITIES_2026}
    expected = {"A": 9, "B": 2, "C": 3, "D": 6, "E": 3, "F": 2, "G": 2, "H": 2, "I": 3, "J": 2}
    wanted = {f"{part}{n}" for part, last in expected.items() for n in range(1, last + 1)}
    assert asked == wanted | {"K1", "K2", "K3"}
    assert {each.number for each in FACILITIES_2026.derived} == {"B3"}


DIGESTS = {
    "facilities-2026-2": "732ebe1b984585677d0a7b5f1ed0a30454ec2443bfdcf1a61e7c8fc3fabce0f6",
    "vertebral-2026": "5d999d339e0a0a7bfeb9ebae02a237af73b49231b85acac593b22f5f8ebda42f",
    "facilities-2019": "12465d7b33319f3162c561cf8acc5ee10e55fac6ef24cd787e7b2886def05106",
    "facilities-2026": "9b3fb6153fc0a176996c23f65d257fa3a3e46d10a21c027efd6e58b0296407be",
}
"""A round may have used any of these: a changed text is a new questionnaire with a new id."""


@pytest.mark.parametrize("questionnaire", QUESTIONNAIRES.values(), ids=lambda each: each.id)
def test_the_text_of_a_questionnaire_never_changes(questionnaire):
    assert questionnaire.digest == DIGESTS[questionnaire.id]


def test_every_questionnaire_is_kept_under_its_own_id():
    assert all(key == each.id for key, each in QUESTIONNAIRES.items())


def test_every_question_has_a_text_that_asks():
    assert all(question.text.endswith("?") for each in QUESTIONNAIRES.values() for question in each)
