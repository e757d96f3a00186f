"""The guide that tells a site whether, and in what, it should take part."""

from __future__ import annotations

import itertools
from urllib.parse import urlencode

import pytest

from gateway.pages.information.guide import (
    FACILITIES,
    FULL,
    STEPS,
    answers_in,
    next_step,
    outcome_of,
)
from tests.unit.gateway.conftest import Person
from tests.unit.gateway.sent import fields_sent
from tests.unit.gateway.test_pages import check

PATH = "/who-should-take-part/questions"


@pytest.mark.parametrize(
    ("answers", "parts"),
    [
        ("elsewhere", ()),
        ("wales no", ()),
        ("england yes no", (FACILITIES,)),
        ("england yes planned", (FACILITIES,)),
        ("northern_ireland yes yes no", (FACILITIES,)),
        ("england yes yes yes", (FULL, FACILITIES)),
    ],
)
def test_each_way_ends_with_what_is_asked_and_why(
    visitor: Person, answers: str, parts: tuple[str, ...]
) -> None:
    page = visitor.get(PATH).text
    for value in answers.split():
        check(page)
        form = fields_sent(page).to_dict()
        page = visitor.get(f"{PATH}?{urlencode(form | {form['asked']: value})}").text
    check(page)
    assert "Why" in page and ("Register your site" in page) == bool(parts)
    for part in (FULL, FACILITIES):
        assert (f"<li>{part}</li>" in page) == (part in parts)


def test_a_question_without_an_answer_is_asked_again(visitor: Person) -> None:
    answer = visitor.get(f"{PATH}?place=wales&asked=treats")
    assert answer.status_code == 422 and 'href="#treats"' in answer.text
    check(answer.text)


def test_every_address_has_a_question_or_an_outcome() -> None:
    choices = [[None, "nonsense", *(value for value, *_ in step.options)] for step in STEPS]
    for values in itertools.product(*choices):
        sent = {s.key: v for s, v in zip(STEPS, values, strict=True) if v is not None}
        answers = answers_in(sent)
        assert "nonsense" not in answers.values()
        if next_step(answers) is None:
            assert outcome_of(answers).reasons


def test_the_signed_in_can_ask_too(lead: Person) -> None:
    check(lead.get(PATH).text)
    assert lead.get(f"{PATH}?place=elsewhere").status_code == 200
