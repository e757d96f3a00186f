"""The questions of the registration form, and what their answers must be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.domain.questions import BY_KEY, QUESTIONS, SECTIONS
from services.registration.domain.registration_form import (
    applies,
    clean_answers,
    core_of,
    lines_of,
    problems_of,
    state_of,
)
from tests.factories.registration import long_form

SEVERAL = st.dictionaries(st.sampled_from(sorted(BY_KEY)), st.text(max_size=60))


def test_the_form_is_sound() -> None:
    assert len(BY_KEY) == len(QUESTIONS)
    assert {question.section for question in QUESTIONS} == set(SECTIONS)
    for place, question in enumerate(QUESTIONS):
        assert bool(question.options) == (question.kind == "choice")
        if question.when is not None:
            before = BY_KEY[question.when[0]]
            assert QUESTIONS.index(before) < place
            assert set(question.when[1]) <= {value for value, *_ in before.options}


def test_a_whole_form_has_no_problem() -> None:
    assert problems_of(long_form()) == {}
    assert all(state_of(long_form(), section) == "complete" for section in SECTIONS)


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("organisation_name", "", "Enter the name"),
        ("organisation_name", "x" * 201, "at most 200"),
        ("organisation_name", "One\nTwo", "line breaks"),
        ("organisation_kind", "castle", "Choose hospital"),
        ("ods_code", "hello", "ODS code of the trust"),
        ("ods_code", "7A3", "Welsh"),
        ("parent_ods_code", "hello", "Enter an ODS code"),
        ("address", "x" * 2001, "at most 2,000"),
        ("has_fls", "maybe", "Say whether"),
        ("fls_start", "April 2019", "such as 2019-04"),
        ("delivered_from", "moon", "Choose one of these"),
        ("population", "many", "whole number"),
        ("lead_phone", "call me", "telephone number"),
        ("deputy_email", "someone", "e-mail address"),
        ("guardian_email", "", "Caldicott"),
        ("states_accuracy", "no", "Confirm"),
        ("states_authority", "", "Confirm"),
    ],
)
def test_a_wrong_answer_is_named(key: str, text: str, words: str) -> None:
    found = problems_of(long_form() | {key: text})
    assert list(found) == [key] and words in found[key][0]
    assert state_of(long_form() | {key: text}, BY_KEY[key].section) == "unfinished"


def test_what_does_not_apply_is_not_asked_and_not_shown() -> None:
    answers = long_form() | {"has_fls": "no", "population": "nonsense"}
    assert problems_of(answers) == {}
    assert "nonsense" not in str(lines_of(answers))
    assert core_of(answers, email="a@example.org")["fls_name"] is None
    assert not core_of(answers | {"has_fls": "planned"}, email="a@example.org")["has_fls"]


@given(SEVERAL)
def test_any_answers_are_kept_by_section_and_judged(given_: dict[str, str]) -> None:
    kept: dict[str, str] = {}
    for section in SECTIONS:
        kept |= clean_answers(given_, section)
    assert set(kept) <= set(given_)
    assert clean_answers(kept, "people") == clean_answers(given_, "people")
    problems = problems_of(kept)
    for key in problems:
        assert applies(BY_KEY[key], kept)
    lines_of(kept)
