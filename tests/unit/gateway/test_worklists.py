"""Work-lists: a place in one travels in the address, and no address can spoil a page."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from gateway.worklists import WORKLISTS, Step, step_from
from tests.fakes.services import RECORD_ID, FakeServices, problem
from tests.fakes.working import COUNTS, CURSOR, ENTRY_ID, PAIR_ID
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


def test_the_home_page_shows_what_waits_in_the_order_of_the_work(lead: Person) -> None:
    text = lead.get("/").text
    shown = re.findall(
        r'fa-worklists__count">([\d,]+)</span>.*?href="/worklists/(\w+)">([^<]+)</a><br>([^<]+)<',
        text,
        re.S,
    )
    assert [(name, count) for count, name, _, _ in shown] == [
        (name, f"{count:,}") for name, count in COUNTS.items()
    ]
    for _, name, title, asks in shown:
        assert (title, asks) == (WORKLISTS[name].title, WORKLISTS[name].asks)
    assert 'class="fa-worklists__nothing"' in text, "an empty list is there, and quieter"


@pytest.mark.parametrize(
    ("rights", "lists"),
    [
        (("records.read",), set()),
        (("records.read", "records.acknowledge"), {"warnings", "duplicates"}),
        (("records.read", "records.write"), set(WORKLISTS) - {"warnings", "duplicates"}),
    ],
)
def test_the_home_page_shows_the_lists_that_one_can_work_through(
    person_with: Callable[..., Person], rights: tuple[str, ...], lists: set[str]
) -> None:
    text = person_with(*rights).get("/").text
    assert set(re.findall(r'href="/worklists/(\w+)"', text)) == lists
    assert ("<h2>What waits</h2>" in text) == bool(lists)


@pytest.mark.parametrize("status", [403, 503])
def test_the_home_page_is_there_without_records(
    lead: Person, services: FakeServices, status: int
) -> None:
    services.replies["GET", "/records/v1/worklists"] = problem(status)
    answer = lead.get("/")
    assert answer.status_code == 200
    assert "cannot be shown at the moment" in answer.text and 'href="/facilities"' in answer.text
    check(answer.text)


def test_the_audit_team_has_no_work_lists(team: Person, services: FakeServices) -> None:
    text = team.get("/").text
    assert "/worklists/" not in text and "cannot be shown" not in text
    asked = [call[1] for call in services.calls if call[1].startswith("/records/")]
    assert asked == ["/records/v1/unlock-requests"]


def test_a_list_is_worked_through_from_its_first_item(lead: Person) -> None:
    text = lead.get("/worklists/errors").text
    assert "14 records. Mend what is wrong" in text
    assert 'href="/worklists/errors/next?total=14"' in text
    assert f'href="/records/{RECORD_ID}?step=errors~1~14~{CURSOR}"' in text
    assert f'href="/worklists/errors?after={CURSOR}" rel="next"' in text


def test_who_may_only_look_is_not_told_to_start(person_with: Callable[..., Person]) -> None:
    text = person_with("records.read").get("/worklists/errors").text
    assert "Start with the first" not in text
    assert f'href="/records/{RECORD_ID}?step=errors' in text


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("unfinished", f"/records/{ENTRY_ID}"),
        ("errors", f"/records/{RECORD_ID}"),
        ("warnings", f"/records/{RECORD_ID}"),
        ("duplicates", f"/duplicates/{PAIR_ID}"),
        ("assessment", f"/records/{RECORD_ID}/sections/1"),
        ("followup_16_due", f"/records/{RECORD_ID}/follow-up/16"),
        ("followup_52_due", f"/records/{RECORD_ID}/follow-up/52"),
        ("followup_52_overdue", f"/records/{RECORD_ID}/follow-up/52"),
    ],
)
def test_each_list_leads_to_the_page_where_its_work_is_done(
    lead: Person, name: str, place: str
) -> None:
    answer = lead.get(f"/worklists/{name}/next?after=c&number=3&total=99")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{place}?step={name}~3~99~{CURSOR}"
    assert f'href="{place}?step={name}~1~' in lead.get(f"/worklists/{name}").text


def test_a_reader_is_led_to_the_record_and_not_to_a_form(
    person_with: Callable[..., Person],
) -> None:
    answer = person_with("records.read").get("/worklists/followup_16_due/next")
    assert answer.headers["Location"].startswith(f"/records/{RECORD_ID}?step=")


def test_without_numbers_in_the_address_the_service_tells_the_place(
    lead: Person, services: FakeServices
) -> None:
    key = "GET", "/records/v1/worklists/errors/next"
    asked: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> object:
        asked.append(dict(request.url.params))
        return good | {"position": 5, "total": 9}

    good = services.replies[key]
    services.replies[key] = answer
    location = lead.get("/worklists/errors/next?after=a%3Db&number=x&total=-1").headers["Location"]
    assert location.endswith(f"?step=errors~5~9~{CURSOR}")
    assert asked == [{"after": "a=b"}]


def test_after_the_last_one_it_is_said_what_is_left(lead: Person, services: FakeServices) -> None:
    key = "GET", "/records/v1/worklists/errors/next"
    services.replies[key] = {"name": "errors", "total": 3, "position": 4, "item": None}
    text = lead.get("/worklists/errors/next?after=c").text
    assert "<h1>That was the last one" in text
    assert "3 records are still in this list" in text
    assert 'href="/worklists/errors/next?total=3"' in text
    check(text)
    services.replies[key] = {"name": "errors", "total": 0, "position": 1, "item": None}
    text = lead.get("/worklists/errors/next?after=c").text
    assert "Nothing is left in this list." in text and "Start again" not in text


def test_a_place_that_the_service_cannot_read_begins_anew(
    lead: Person, services: FakeServices
) -> None:
    for path in ("/records/v1/worklists/errors", "/records/v1/worklists/errors/next"):
        services.replies["GET", path] = problem(422, errors={"after": ["No place."]})
    for address in ("/worklists/errors?after=x", "/worklists/errors/next?after=x"):
        answer = lead.get(address)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/worklists/errors")
    assert lead.get("/worklists/errors").status_code == 404, "no endless redirect"


def test_an_unknown_list_is_not_found(lead: Person, services: FakeServices) -> None:
    for path in ("/worklists/nothing", "/worklists/nothing/next"):
        assert lead.get(path).status_code == 404
    assert services.calls == []


def test_what_was_begun_shows_by_whom_and_no_answer(lead: Person) -> None:
    text = lead.get("/worklists/unfinished").text
    assert "Kim Clerk" in text and "5 February 2026, 8:55am" in text
    assert f'href="/records/{ENTRY_ID}?step=unfinished~1~2~{CURSOR}"' in text


def test_a_follow_up_list_shows_until_when(lead: Person) -> None:
    text = lead.get("/worklists/followup_16_due").text
    assert "Follow-up until" in text and "1 March 2026" in text
    assert "Follow-up until" not in lead.get("/worklists/errors").text


def test_pages_and_records_know_the_same_lists() -> None:
    from services.records.domain.lists import WORKLISTS as of_records

    assert tuple(WORKLISTS) == tuple(of_records)
