"""Work-lists: a place in one travels in the address, and no address can spoil a page."""

from __future__ import annotations

import re

import pytest

from gateway.worklists import WORKLISTS, Step, step_from
from tests.fakes.services import RECORD_ID
from tests.unit.gateway.conftest import Person
from tests.unit.gateway.test_pages import check


def test_a_place_comes_back_from_its_address() -> None:
    step = Step(WORKLISTS["followup_16_due"], 3, 57, "MjAyNi0wMS0wMnw=&x")
    assert step_from(step.text) == step
    assert step.query == "?step=followup_16_due~3~57~MjAyNi0wMS0wMnw%3D%26x"
    assert step.next == (
        "/worklists/followup_16_due/next?after=MjAyNi0wMS0wMnw%3D%26x&number=4&total=57"
    )


@pytest.mark.parametrize(
    "text",
    [None, "", "errors", "errors~1~2", "errors~1~2~", "no_such~1~2~c", "errors~0~2~c",
     "errors~²~2~c", "errors~-1~2~c", "errors~1~2~a\nb", "errors~1~2~" + "c" * 400,
     "errors~1~999999999~c"],
)  # fmt: skip
def test_a_place_that_makes_no_sense_is_none(text: str | None) -> None:
    assert step_from(text) is None


def test_a_record_of_a_list_shows_where_one_is(lead: Person) -> None:
    text = lead.get(f"/records/{RECORD_ID}?step=errors~3~57~abc").text
    bar = re.search(r'<nav class="fa-step.*?</nav>', text, re.S)
    assert bar
    assert "3 of 57" in bar[0] and "Records with errors" in bar[0]
    assert 'href="/worklists/errors/next?after=abc&amp;number=4&amp;total=57"' in bar[0]
    assert 'href="/worklists/errors"' in bar[0]
    check(text)
    assert "fa-step" not in lead.get(f"/records/{RECORD_ID}").text


def test_a_spoilt_place_is_escaped_and_no_visitor_sees_it(lead: Person, visitor: Person) -> None:
    place = '?step=errors~1~2~"><script>alert(1)</script>'
    text = lead.get(f"/records/{RECORD_ID}{place}").text
    assert "<script>alert" not in text
    check(text)
    assert "fa-step" not in visitor.get(f"/about{place}").text
