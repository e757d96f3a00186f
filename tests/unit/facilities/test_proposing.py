"""What is carried over from last time, what changed about the questions, and in the answers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.facilities.domain.proposing import (
    LastTime,
    SiteFacts,
    carry_over,
    differences,
    propose,
    question_changes,
)
from services.facilities.domain.questionnaires import FACILITIES_2019, FACILITIES_2026
from services.facilities.domain.questions import KINDS_WITH_OPTIONS
from tests.factories.facilities import COMPLETE, IN_2019, SHORT

THEN = LastTime("Facilities audit 2019", FACILITIES_2019, IN_2019)
CHANGED = {"B2", "C1", "D4", "F1"}


def values(proposals):
    return {key: proposal.value for key, proposal in proposals.items()}


def test_answers_of_2019_are_carried_over_exactly():
    carried = carry_over(FACILITIES_2026, THEN)
    assert values(carried) == IN_2019
    assert {proposal.source for proposal in carried.values()} == {"Facilities audit 2019"}


def test_an_answer_that_the_question_does_not_take_any_more_is_left_out():
    then = replace(THEN, answers={**IN_2019, "F2": "9", "A8": "many", "Z1": "1"})
    carried = carry_over(FACILITIES_2026, then)
    assert {"F2", "A8", "Z1"}.isdisjoint(carried)


def test_a_code_that_now_means_something_else_is_left_out():
    question = FACILITIES_2019.by_id["F2"]
    renamed = tuple(replace(o, label="Otherwise") if o.code == "3" else o for o in question.options)
    sections = tuple(
        replace(
            section,
            questions=tuple(
                replace(q, options=renamed) if q.id == "F2" else q for q in section.questions
            ),
        )
        for section in FACILITIES_2019.sections
    )
    older = replace(FACILITIES_2019, sections=sections)
    assert "F2" not in carry_over(FACILITIES_2026, replace(THEN, questionnaire=older))


def test_the_changed_questions_are_listed_all_and_only_those():
    changes = question_changes(FACILITIES_2026, FACILITIES_2019)
    by_kind = {kind: {c.question for c in changes if c.kind == kind} for kind in ("new", "changed")}
    assert by_kind["changed"] == CHANGED
    assert by_kind["new"] == set(FACILITIES_2026.by_id) - set(FACILITIES_2019.by_id)
    assert [change for change in changes if change.kind == "gone"] == []
    words = {change.question: " ".join(change.words) for change in changes}
    assert words["D4"] == "New options: A tool with artificial intelligence."
    assert "New rows: Pharmacist; GP with an extended role; Anyone else." in words["B2"]
    assert "New columns: Not on a band." in words["B2"]


def test_a_question_that_is_gone_is_listed():
    changes = question_changes(FACILITIES_2019, FACILITIES_2026)
    gone = {change.question for change in changes if change.kind == "gone"}
    assert gone == set(FACILITIES_2026.by_id) - set(FACILITIES_2019.by_id)


def test_a_questionnaire_has_not_changed_since_itself():
    assert question_changes(FACILITIES_2026, FACILITIES_2026) == []


def test_what_registration_knows_goes_before_last_time():
    proposals = propose(FACILITIES_2026, SiteFacts(True, "R1A"), THEN)
    assert (proposals["A1"].value, proposals["A1"].source) == ("R1A", "registration")
    assert proposals["A3"].source == "Facilities audit 2019"
    assert values(propose(FACILITIES_2026, SiteFacts(True, "R1A"), None)) == {
        "A1": "R1A",
        "A3": "1",
    }


@pytest.mark.parametrize(
    ("has_fls", "said_last_time", "proposed"),
    [(True, "3", "1"), (False, "1", None), (False, "2", "2"), (False, None, None)],
)
def test_whether_there_is_a_service_is_proposed_only_where_it_can_be_known(
    has_fls, said_last_time, proposed
):
    answers = {"A3": said_last_time} if said_last_time else {}
    last = replace(THEN, answers=answers)
    proposals = propose(FACILITIES_2026, SiteFacts(has_fls, None), last)
    assert values(proposals).get("A3") == proposed


def test_nothing_is_proposed_of_a_site_that_nobody_knows():
    assert propose(FACILITIES_2026, None, None) == {}


def test_the_differences_are_all_and_only_the_changed_answers():
    found = {
        each.key: (each.then, each.now) for each in differences(FACILITIES_2026, IN_2019, COMPLETE)
    }
    keys = IN_2019.keys() | COMPLETE.keys()
    assert found == {
        key: (IN_2019.get(key), COMPLETE.get(key))
        for key in keys
        if IN_2019.get(key) != COMPLETE.get(key)
    }
    assert differences(FACILITIES_2026, SHORT, SHORT) == []


def test_the_same_choices_in_another_order_are_no_difference():
    assert differences(FACILITIES_2026, {"D1": ["1", "2"]}, {"D1": ["2", "1"]}) == []


@given(st.data())
def test_what_is_carried_over_is_what_was_answered_or_nothing(data):
    choices = {
        question.id: st.sampled_from(question.codes)
        for question in FACILITIES_2019.questions
        if question.kind in KINDS_WITH_OPTIONS
    }
    then = {
        key: [code] if FACILITIES_2019.by_id[key].kind == "multi" else code
        for key, code in data.draw(st.fixed_dictionaries({}, optional=choices)).items()
    }
    carried = values(carry_over(FACILITIES_2026, replace(THEN, answers=then)))
    # Every question of 2019 still takes every answer of that year.
    assert carried == then
