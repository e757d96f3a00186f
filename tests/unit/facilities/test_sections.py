"""How far each section is, and what takes a confirmation back."""

from datetime import date

from services.facilities.domain.answering import StoredAnswer
from services.facilities.domain.checking import Known, asked, check
from services.facilities.domain.questionnaires import FACILITIES_2026
from services.facilities.domain.sections import section_progress
from tests.factories.facilities import COMPLETE, SHORT

KNOWN = Known(date(2026, 11, 23))


def progress_of(answers, *, confirmed=None, proposed=None, versions=None):
    proposed = proposed or {}
    versions = versions or {}
    found = section_progress(
        FACILITIES_2026,
        questions=asked(FACILITIES_2026, {**proposed, **answers}),
        stored={key: StoredAnswer(value, versions.get(key, 1)) for key, value in answers.items()},
        proposed=proposed,
        findings=check(FACILITIES_2026, answers, KNOWN, proposed),
        confirmed=confirmed or {},
    )
    return {each.section: each for each in found}


def test_a_section_without_questions_is_not_asked():
    short = progress_of(SHORT)
    assert [name for name, each in short.items() if each.state != "not_asked"] == ["A", "K"]
    assert progress_of(COMPLETE)["K"].state == "not_asked"


def test_a_complete_section_is_ready_and_confirmed_once_somebody_says_so():
    assert progress_of(COMPLETE)["D"].state == "ready"
    found = progress_of(COMPLETE, confirmed={"D": 1})
    assert (found["D"].state, found["E"].state) == ("confirmed", "ready")


def test_an_answer_that_changes_later_takes_the_confirmation_back_in_its_section_alone():
    found = progress_of(COMPLETE, confirmed={"D": 3, "B": 3}, versions={"D1": 4, "B2.nurse.6": 3})
    assert (found["D"].state, found["B"].state) == ("ready", "confirmed")


def test_an_explanation_that_changes_later_takes_it_back_too():
    answers = {**COMPLETE, "why.P03": "Hips are recorded elsewhere."}
    found = progress_of(answers, confirmed={"C": 3, "A": 3}, versions={"why.P03": 4})
    assert (found["C"].state, found["A"].state) == ("ready", "confirmed")


def test_an_error_takes_it_back():
    found = progress_of({**COMPLETE, "E2_weeks": "soon"}, confirmed={"E": 1})
    assert (found["E"].state, found["E"].to_mend) == ("in_progress", 1)


def test_answers_are_counted_a_grid_as_one():
    found = progress_of({"A3": "1", "B2.nurse.6": 1.0, "B2.nurse.7": 1.0})["B"]
    assert (found.answered, found.asked, found.to_mend) == (1, 2, 0)


def test_what_is_only_proposed_is_counted_apart():
    found = progress_of({"A3": "1"}, proposed={"D1": ["1"], "D2": ["1"], "A3": "1"})
    assert (found["D"].answered, found["D"].to_confirm) == (0, 2)
    assert (found["D"].state, found["A"].to_confirm) == ("not_started", 0)
