"""Reading answers, showing and hiding questions, and what is found wrong."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.facilities.domain.checking import (
    Known,
    asked,
    check,
    has_errors,
    visible_answers,
)
from services.facilities.domain.deriving import derive
from services.facilities.domain.questionnaires import FACILITIES_2026, QUESTIONNAIRES
from services.facilities.domain.questions import Kind, Option, Question
from services.facilities.domain.reading import read_answer, read_explanation
from services.facilities.domain.results import results
from tests.factories.facilities import COMPLETE, SHORT

TODAY = date(2026, 11, 23)
KNOWN = Known(TODAY)
BLOODS = Question(
    "E1",
    "E1",
    "Which tests?",
    "the tests",
    Kind.MULTI,
    options=(Option("1", "FBC"), Option("2", "TFT"), Option("0", "None", alone=True)),
)


def question(question_id):
    return FACILITIES_2026.by_key[question_id]


def findings_about(question_id, answers):
    return [
        (finding.code, finding.level)
        for finding in check(FACILITIES_2026, answers, KNOWN)
        if finding.key == question_id
    ]


def test_a_complete_answer_set_has_no_findings():
    assert check(FACILITIES_2026, COMPLETE, KNOWN) == []


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
        ("B1", "1.5", 1.5),
        ("B1", "1,25", 1.25),
        ("B1", 2, 2.0),
        ("B1", ".5", 0.5),
        ("B1", "1.555", "1.555"),
        ("B1", float("nan"), "nan"),
        ("B1", float("inf"), "inf"),
        ("B2.nurse.6", " 0.6 ", 0.6),
        ("B2.nurse.6", "one", "one"),
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
        ("B1", "two", "not_a_number", "error"),
        ("B1", 101.0, "out_of_range", "error"),
        ("B1", 11.0, "unusual", "warning"),
        ("B2.nurse.6", "one", "not_a_number", "error"),
        ("B2.nurse.6", 16.0, "unusual", "warning"),
        ("E1", ["0", "1"], "not_together", "error"),
        ("A2", "Clinic of 999 000 0018", "patient_number", "error"),
        ("A5", "Airedale\n9990000026", "patient_number", "error"),
        ("A8_over50", 220001, "Q07", "error"),
        ("D1", ["0"], "Q02", "warning"),
        ("D4", ["0"], "Q05", "warning"),
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
    findings = check(FACILITIES_2026, {**COMPLETE, question_id: value}, KNOWN)
    assert not has_errors(findings)


@pytest.mark.parametrize("key", sorted(key for key in COMPLETE if not key.startswith("B2.")))
def test_each_needed_answer_is_missed_alone(key):
    answers = {other: value for other, value in COMPLETE.items() if other != key}
    assert ("missing", "error") in findings_about(key, answers)


@pytest.mark.parametrize("key", sorted(SHORT))
def test_each_answer_that_a_site_without_a_service_needs_is_missed_alone(key):
    answers = {other: value for other, value in SHORT.items() if other != key}
    found = {finding.question for finding in check(FACILITIES_2026, answers, KNOWN)}
    assert key in found


def test_a_grid_is_missed_as_a_whole_and_content_with_one_cell():
    none = {key: value for key, value in COMPLETE.items() if not key.startswith("B2.")}
    assert [f.code for f in check(FACILITIES_2026, none, KNOWN)] == ["missing"]
    assert check(FACILITIES_2026, {**none, "B2.nurse.6": 1.0}, KNOWN) == []


def test_a_grid_of_zeros_is_an_answer_to_look_at_again():
    none = {key: value for key, value in COMPLETE.items() if not key.startswith("B2.")}
    found = check(FACILITIES_2026, {**none, "B2.nurse.6": 0.0}, KNOWN)
    assert [(f.code, f.level) for f in found] == [("Q01", "warning")]


def test_a_wrong_cell_is_named_by_row_and_column():
    (found,) = check(FACILITIES_2026, {**COMPLETE, "B2.nurse.8a": "half"}, KNOWN)
    assert (found.question, found.key) == ("B2", "B2.nurse.8a")
    assert found.message.startswith("Nurse, Band 8a: ")


def test_a_service_that_monitors_at_no_time_is_asked_whether_that_is_right():
    found = check(FACILITIES_2026, {**COMPLETE, "H2": ["3"]}, KNOWN)
    assert [(f.code, f.question) for f in found] == [("Q06", "H1")]
    assert check(FACILITIES_2026, {**COMPLETE, "H2": ["1", "3"]}, KNOWN) == []


def test_what_is_only_proposed_decides_what_is_asked_and_stands_in_the_way():
    found = check(FACILITIES_2026, {}, KNOWN, {"A3": "3"})
    assert {f.question for f in found if f.question.startswith("K")} == {"K1", "K3"}
    assert [f.code for f in found if f.question == "A3"] == ["to_confirm"]
    assert has_errors(found)


def test_the_telephone_number_may_be_left_out():
    assert findings_about("A9_phone", COMPLETE) == []


@pytest.mark.parametrize("without_an_fls", ["2", "3"])
def test_a_site_without_an_fls_is_asked_the_short_list(without_an_fls):
    shown = {each.number for each in asked(FACILITIES_2026, {"A3": without_an_fls})}
    assert shown == {"A1", "A3", "A4", "A6", "A9", "K1", "K2", "K3"}


def test_a_site_without_an_fls_need_not_say_when_one_begins_nor_what_is_planned():
    assert check(FACILITIES_2026, SHORT, KNOWN) == []


def test_a_site_that_plans_an_fls_says_what_is_planned():
    planned = {**SHORT, "A3": "2"}
    assert [f.key for f in check(FACILITIES_2026, planned, KNOWN)] == ["K2"]
    assert check(FACILITIES_2026, {**planned, "K2": "From April"}, KNOWN) == []


def test_where_else_is_asked_only_of_those_who_answer_somewhere_else():
    assert "A4_other" not in {each.id for each in asked(FACILITIES_2026, COMPLETE)}
    assert findings_about("A4_other", {**COMPLETE, "A4": "5"}) == [("missing", "error")]


def test_an_answer_left_behind_a_changed_mind_opens_nothing():
    answers = {**COMPLETE, "A3": "3", "A7": "5", "A7_other": "Something"}
    shown = visible_answers(FACILITIES_2026, answers)
    assert {"A2", "A5", "A7", "A7_other", "A8"}.isdisjoint(shown)
    assert shown["A4"] == "1"


def test_an_explanation_is_tidied_and_never_too_long():
    assert read_explanation("  a\x00  b\n\n c ") == "a b\nc"
    assert read_explanation("") is None and read_explanation(None) is None
    assert len(read_explanation("x" * 5000) or "") == 1000


ANYTHING = st.none() | st.text(max_size=30) | st.integers() | st.lists(st.text(max_size=2))
LIKELY = st.sampled_from(
    ["1", "2", "3", "5", "9", "0", ["1"], ["0"], ["2", "9"], "2019-04", 5000, 0.5, "1,5", "RCF"]
)


def answer_sets(questionnaire):
    keys = list(questionnaire.by_key)
    return st.dictionaries(st.sampled_from(keys), ANYTHING | LIKELY, max_size=60)


@pytest.mark.parametrize("questionnaire", QUESTIONNAIRES.values(), ids=lambda each: each.id)
@given(data=st.data())
def test_whatever_is_sent_is_read_checked_and_hides_what_is_not_asked(questionnaire, data):
    sent = data.draw(answer_sets(questionnaire))
    known = questionnaire.by_key
    read = {key: read_answer(known[key], raw) for key, raw in sent.items()}
    answers = {key: value for key, value in read.items() if value is not None}
    findings = check(questionnaire, answers, KNOWN)
    shown = visible_answers(questionnaire, answers)
    for key in shown:
        assert all(condition.holds(shown) for condition in known[key].when)
    assert {finding.question for finding in findings} <= {
        each.id for each in asked(questionnaire, answers)
    }
    # Reading what was read changes nothing: saving a page unchanged is no change.
    assert {key: read_answer(known[key], value) for key, value in answers.items()} == answers
    if not has_errors(findings):
        assert set(derive(questionnaire, shown)) <= {each.id for each in questionnaire.derived}
        assert results(questionnaire, [shown])
