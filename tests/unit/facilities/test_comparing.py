"""Planted contradictions with the patient audit: all of them are found, and only they."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.facilities.domain.checking import Known, check, has_errors
from services.facilities.domain.comparing import months_before
from services.facilities.domain.questionnaires import FACILITIES_2026
from tests.factories.facilities import COMPLETE, SHORT

TODAY = date(2026, 11, 23)
USUAL = {
    "records": 30,
    "hip": 8,
    "spine": 3,
    "dxa_done": 20,
    "falls_assessed": 27,
    "followed_up_16": 18,
    "followed_up_52": 12,
}
THREE_YEARS = [months_before(TODAY, months) for months in range(1, 37)]


def months(**changes):
    return {month: {**USUAL, **changes} for month in THREE_YEARS}


def contradictions(answers, counts):
    found = check(FACILITIES_2026, answers, Known(TODAY, counts))
    return {finding.code for finding in found if finding.level == "contradiction"}


@pytest.mark.parametrize(
    ("answers", "counts", "expected"),
    [
        pytest.param({}, months(), set(), id="nothing planted"),
        pytest.param({}, {}, {"P01"}, id="no record at all"),
        pytest.param({}, {"2019-01": USUAL}, {"P01"}, id="records of long ago only"),
        pytest.param({}, months(hip=0), {"P03"}, id="no hip"),
        pytest.param({}, months(spine=0), {"P04"}, id="no spine"),
        pytest.param({"E2": "0"}, months(), {"P05"}, id="scans without access"),
        pytest.param({"E2": "0"}, months(dxa_done=0), set(), id="no scans, no access"),
        pytest.param({}, months(falls_assessed=2), {"P06"}, id="falls rarely assessed"),
        pytest.param({"G1": "2"}, months(falls_assessed=2), set(), id="falls of selected"),
        pytest.param({}, months(followed_up_16=0), {"P07"}, id="no first follow-up"),
        pytest.param({}, months(followed_up_52=0), {"P08"}, id="no second follow-up"),
        pytest.param({"H2": ["1"]}, months(followed_up_52=0), set(), id="not said at 52 weeks"),
        pytest.param({"H1": ["0"]}, months(), {"P09"}, id="nobody monitors, and somebody does"),
        pytest.param(
            {"H1": ["0"]}, months(followed_up_16=0, followed_up_52=0), set(), id="nobody does"
        ),
        pytest.param(
            {"E2": "0"},
            months(hip=0, followed_up_16=0, followed_up_52=0),
            {"P03", "P05", "P07", "P08"},
            id="several at once",
        ),
    ],
)
def test_planted_contradictions_are_found_all_and_only_they(answers, counts, expected):
    assert contradictions({**COMPLETE, **answers}, counts) == expected


def test_a_site_without_a_service_that_sends_records_is_asked_about_it():
    assert contradictions(SHORT, {months_before(TODAY, 2): {"records": 1}}) == {"P02"}
    assert contradictions(SHORT, {}) == set()


def test_what_is_not_due_yet_contradicts_nothing():
    newest = {
        month: {**USUAL, "followed_up_16": 0, "followed_up_52": 0} for month in THREE_YEARS[:4]
    }
    assert contradictions(COMPLETE, newest) == set()


def test_few_records_contradict_nothing():
    few = {months_before(TODAY, 6): {"records": 9}}
    assert contradictions(COMPLETE, few) == set()


def test_without_counts_nothing_is_compared():
    assert check(FACILITIES_2026, COMPLETE, Known(TODAY, None)) == []


def test_a_contradiction_stands_in_the_way_until_it_is_explained_in_words():
    known = Known(TODAY, months(hip=0))
    assert has_errors(check(FACILITIES_2026, COMPLETE, known))
    assert has_errors(check(FACILITIES_2026, {**COMPLETE, "why.P03": "no"}, known))
    number = {**COMPLETE, "why.P03": "The patient 999 000 0018 was seen."}
    (found,) = check(FACILITIES_2026, number, known)
    assert found.level == "contradiction" and "NHS number out" in found.message
    explained = {**COMPLETE, "why.P03": "Hips are recorded by the other site."}
    found = check(FACILITIES_2026, explained, known)
    assert [(f.code, f.level, f.question) for f in found] == [("P03", "explained", "C1")]
    assert not has_errors(found)


def test_its_sentence_has_the_figures():
    (found,) = check(FACILITIES_2026, COMPLETE, Known(TODAY, months(falls_assessed=2)))
    assert "24 of 360" in found.message


@given(st.integers(0, 40))
def test_the_months_before_follow_each_other(number):
    later, earlier = months_before(TODAY, number), months_before(TODAY, number + 1)
    year, month = divmod(int(earlier[:4]) * 12 + int(earlier[5:]), 12)
    assert later == f"{year:04d}-{month + 1:02d}"
