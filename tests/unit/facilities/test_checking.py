"""Reading answers, showing and hiding questions, and what is found wrong."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.facilities.domain.checking import (
    SiteFacts,
    asked,
    check,
    has_errors,
    read_answer,
    suggestions,
    visible_answers,
)
from services.facilities.domain.questionnaire import FACILITIES_2026
from services.facilities.domain.questions import Kind, Option, Question
from tests.factories.facilities import COMPLETE

TODAY = date(2026, 11, 23)
BLOODS = Question(
    "E1",
    "E1",
    "Which tests?",
    "the tests",
    Kind.MULTI,
    options=(Option("1", "FBC"), Option("2", "TFT"), Option("0", "None", alone=True)),
)


def question(question_id):
    found = FACILITIES_2026.find(question_id)
    assert found is not None
    return found


def findings_about(question_id, answers):
    return [
        (finding.code, finding.level)
        for finding in check(FACILITIES_2026, answers, TODAY)
        if finding.question == question_id
    ]


def test_a_complete_answer_set_has_no_findings():
    assert check(FACILITIES_2026, COMPLETE, TODAY) == []


@pytest.mark.parametrize(
    ("question_id", "raw", "value"),
    [
        ("A1", "  RCF ", "RCF"),
        ("A1", "", None),
        ("A1", "   ", None),
        ("A1", None, None),
        ("A1", 7, "7"),
        ("A2", "Two\nlines", "Two lines"),
        ("A2", "bell\x07 and nul\x00", "bell and nul"),
        ("A2", "half a pair \ud800", "half a pair ?"),
        ("A5", "One\r\n\r\n  Two ", "One\nTwo"),
        ("A3", "1", "1"),
        ("A3", ["2"], "2"),
        ("A3", [], None),
        ("A3", "Yes", "Yes"),
        ("A8", "350 000", 350000),
        ("A8", "350,000", 350000),
        ("A8", 0, 0),
        ("A8", "about 300", "about 300"),
        ("A6", "2019-4", "2019-04"),
        ("A6", "4/2019", "2019-04"),
        ("A6", "04 2019", "2019-04"),
        ("A6", "2019-13", "2019-13"),
        ("A9_email", "sam", "sam"),
    ],
)
def test_an_answer_is_read_or_kept_as_it_was_typed(question_id, raw, value):
    assert read_answer(question(question_id), raw) == value


def test_the_codes_of_several_options_are_kept_in_the_order_of_the_options():
    assert read_answer(BLOODS, ["2", "1", "2"]) == ["1", "2"]


def test_an_option_that_stands_alone_is_not_joined_with_others():
    assert read_answer(BLOODS, ["0"]) == ["0"]
    assert read_answer(BLOODS, ["0", "1"]) == ["0", "1"]


@pytest.mark.parametrize(
    ("question_id", "value", "code", "level"),
    [
        ("A1", "X" * 11, "too_long", "error"),
        ("A3", "4", "not_an_option", "error"),
        ("A3", ["1", "2"], "not_an_option", "error"),
        ("A6", "2019-13", "not_a_month", "error"),
        ("A6", "spring", "not_a_month", "error"),
        ("A6", "1019-04", "out_of_range", "error"),
        ("A6", "2026-12", "in_future", "warning"),
        ("A8", "many", "not_a_number", "error"),
        ("A8", "-5", "not_a_number", "error"),
        ("A8", 99, "out_of_range", "error"),
        ("A8", 10_000_001, "out_of_range", "error"),
        ("A8", 4_999, "unusual", "warning"),
        ("A8", 3_000_001, "unusual", "warning"),
        ("A9_email", "sam@example", "not_an_email", "error"),
        ("A9_email", "sam example@nhs.uk", "not_an_email", "error"),
        ("A9_phone", "ask the ward", "not_a_phone", "error"),
        ("A9_phone", "12", "not_a_phone", "error"),
    ],
)
def test_a_wrong_or_odd_answer_is_found(question_id, value, code, level):
    assert findings_about(question_id, {**COMPLETE, question_id: value}) == [(code, level)]


@pytest.mark.parametrize(
    ("question_id", "value"),
    [
        ("A6", "2026-11"),
        ("A8", 100),
        ("A9_email", "sam.o'neill+fls@lists.example.nhs.uk"),
        ("A9_phone", "+44 (0)115 496 0000 ext. 12"),
    ],
)
def test_an_answer_at_the_edge_of_what_is_right_passes(question_id, value):
    findings = check(FACILITIES_2026, {**COMPLETE, question_id: value}, TODAY)
    assert not has_errors(findings)


@pytest.mark.parametrize("question_id", sorted(COMPLETE))
def test_each_needed_answer_is_missed_alone(question_id):
    answers = {key: value for key, value in COMPLETE.items() if key != question_id}
    assert ("missing", "error") in findings_about(question_id, answers)


def test_the_telephone_number_may_be_left_out():
    assert findings_about("A9_phone", COMPLETE) == []


@pytest.mark.parametrize("without_an_fls", ["2", "3"])
def test_a_site_without_an_fls_is_asked_the_short_list(without_an_fls):
    shown = {each.number for each in asked(FACILITIES_2026, {"A3": without_an_fls})}
    assert shown == {"A1", "A3", "A4", "A6", "A9"}


def test_a_site_without_an_fls_need_not_say_when_one_begins():
    answers = {
        "A1": "RCF",
        "A3": "3",
        "A4": "1",
        "A9_name": "Sam Example",
        "A9_email": "sam@example.nhs.uk",
    }
    assert check(FACILITIES_2026, answers, TODAY) == []


def test_where_else_is_asked_only_of_those_who_answer_somewhere_else():
    assert "A4_other" not in {each.id for each in asked(FACILITIES_2026, COMPLETE)}
    assert findings_about("A4_other", {**COMPLETE, "A4": "5"}) == [("missing", "error")]


def test_an_answer_left_behind_a_changed_mind_opens_nothing():
    answers = {**COMPLETE, "A3": "3", "A7": "5", "A7_other": "Something"}
    shown = visible_answers(FACILITIES_2026, answers)
    assert {"A2", "A5", "A7", "A7_other", "A8"}.isdisjoint(shown)
    assert shown["A4"] == "1"


def test_what_registration_knows_is_offered():
    with_fls = SiteFacts(True, "RCF")
    assert suggestions(FACILITIES_2026, with_fls) == {"A1": "RCF", "A3": "1"}
    without = SiteFacts(False, None)
    assert suggestions(FACILITIES_2026, without) == {}


ANYTHING = st.none() | st.text(max_size=30) | st.integers() | st.lists(st.text(max_size=2))
LIKELY = st.sampled_from(["1", "2", "3", "5", "9", "2019-04", "sam@example.nhs.uk", 5000, "RCF"])


@given(
    st.dictionaries(
        st.sampled_from([each.id for each in FACILITIES_2026]), ANYTHING | LIKELY, max_size=14
    )
)
def test_whatever_is_sent_is_read_checked_and_hides_what_is_not_asked(sent):
    read = {key: read_answer(question(key), raw) for key, raw in sent.items()}
    answers = {key: value for key, value in read.items() if value is not None}
    findings = check(FACILITIES_2026, answers, TODAY)
    shown = visible_answers(FACILITIES_2026, answers)
    for each in FACILITIES_2026:
        if each.id in shown and each.when is not None:
            assert each.when.holds(shown)
    assert {finding.question for finding in findings} <= {
        each.id for each in asked(FACILITIES_2026, answers)
    }
    # Reading what was read changes nothing: saving a page unchanged is no change.
    assert {key: read_answer(question(key), value) for key, value in answers.items()} == answers
