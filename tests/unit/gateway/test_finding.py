"""Finding records: filters in the address, the search that no address holds, what each may do."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from tests.fakes import services as fakes
from tests.fakes.services import RECORD_ID, FakeServices, page, problem
from tests.unit.gateway.conftest import Person
from tests.unit.gateway.test_pages import check

NUMBER = "999 000 0018"
RECORDS = "/records/v1/records"
SEARCH = "/records/v1/records/search"


@pytest.fixture
def asked(services: FakeServices) -> list[dict[str, str]]:
    """What the list asked of records, oldest first; there are 60 records."""
    seen: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> object:
        seen.append(dict(request.url.params))
        return page(fakes.RECORD_ROW, number=int(request.url.params["page"]), total=60)

    services.replies["GET", RECORDS] = answer
    return seen


def test_filters_reach_the_service_and_stay_on_every_page(
    lead: Person, asked: list[dict[str, str]]
) -> None:
    filters = (
        "state=to_confirm&fracture=3&section=6&section_state=incomplete"
        "&from-day=1&from-month=2&from-year=2024&to-day=31&to-month=12&to-year=2024"
    )
    text = lead.get(f"/records?{filters}&sort=age&page=2").text
    assert asked[0] == {
        "page": "2",
        "page_size": "25",
        "sort": "age",
        "state": "to_confirm",
        "site_of_fracture": "3",
        "section": "6",
        "section_state": "incomplete",
        "diagnosed_from": "2024-02-01",
        "diagnosed_to": "2024-12-31",
    }
    links = re.findall(r'href="(/records\?[^"]*)"', text)
    assert len([link for link in links if "page=" in link]) == 2
    for link in links:
        for name in filters.split("&"):
            assert name in link.split("?")[1].split("&amp;"), link
    assert "60 records: state: to confirm; diagnosed on or after 1 February 2024;" in text
    assert "section 6, Follow-up at 12 to 16 weeks: incomplete" in text
    assert '<details class="nhsuk-details" open>' in text
    check(text)


def test_without_filters_nothing_is_asked_of_them(
    lead: Person, asked: list[dict[str, str]]
) -> None:
    text = lead.get("/records?state=no_such&fracture=99&sort=nhs_number;drop&page=-1").text
    assert asked[0] == {"page": "1", "page_size": "25", "sort": "-diagnosed_on"}
    assert "60 records of your site" in text
    assert '<details class="nhsuk-details">' in text


@pytest.mark.parametrize(
    ("filters", "field", "words"),
    [
        ("from-day=31&from-month=2&from-year=2024", "from-day", "There is no such day"),
        ("from-day=1&from-month=2", "from-day", "Enter the year as well."),
        ("to-year=2024", "to-day", "Enter the day and the month as well."),
        ("to-day=1&to-month=2&to-year=24", "to-day", "with its four digits, in numbers."),
        ("to-day=x&to-month=y&to-year=z", "to-day", "with its four digits, in numbers."),
        (
            "from-day=2&from-month=2&from-year=2024&to-day=1&to-month=2&to-year=2024",
            "to-day",
            "The last day lies before the first.",
        ),
        ("section=6", "section_state", "Choose both a section and its state"),
        ("section_state=complete", "section", "Choose both a section and its state"),
    ],
)
def test_a_filter_that_makes_no_sense_is_said_at_its_field_and_nothing_is_asked(
    lead: Person, asked: list[dict[str, str]], filters: str, field: str, words: str
) -> None:
    text = lead.get(f"/records?{filters}").text
    assert asked == []
    assert re.search(rf'<a href="#{field}">\s*[^<]*{re.escape(words)}', text)
    assert f'id="{field}"' in text
    assert "There are no records yet" not in text and "records of your site" not in text
    check(text)


def test_every_heading_sorts_and_says_how_it_is_sorted(
    lead: Person, asked: list[dict[str, str]]
) -> None:
    def headings(text: str) -> dict[str, str]:
        return {
            re.sub(r"<[^>]*>|[▲▼]", "", inner).strip(): attributes
            for attributes, inner in re.findall(r'<th scope="col"([^>]*)>(.*?)</th>', text, re.S)
        }

    first = headings(lead.get("/records").text)
    assert 'aria-sort="descending"' in first["Diagnosed"]
    assert sum("aria-sort" in attributes for attributes in first.values()) == 1
    other = lead.get("/records?sort=age").text
    assert 'aria-sort="ascending"' in headings(other)["Age"]
    assert 'href="/records?sort=-age"' in other
    for column in ("diagnosed_on", "age", "state", "updated_at"):
        for sort in (column, f"-{column}"):
            lead.get(f"/records?sort={sort}")
            assert asked[-1]["sort"] == sort


def test_a_list_shows_how_far_each_section_is(lead: Person) -> None:
    text = lead.get("/records").text
    assert '<span role="listitem" class="fa-mark-incomplete" title="3 Bone assessment: ' in text
    assert "7 Follow-up at 48 to 56 weeks: not due" in text


def test_an_empty_list_leads_on(
    lead: Person, person_with: Callable[..., Person], services: FakeServices
) -> None:
    services.replies["GET", RECORDS] = page()
    text = lead.get("/records").text
    assert "There are no records yet." in text and 'href="/records/new"' in text
    assert "No record of your site is like that." in lead.get("/records?state=valid").text
    services.replies["GET", RECORDS] = page(number=9)
    assert "Go to the first page" in lead.get("/records?page=9").text
    services.replies["GET", RECORDS] = page()
    assert 'href="/records/new"' not in person_with("records.read").get("/records").text


@pytest.mark.parametrize(
    ("right", "link"),
    [
        ("records.write", "/records/new"),
        ("records.import", "/imports/new"),
        ("records.export", "/records/export"),
        ("records.delete", "/records/deleted"),
    ],
)
def test_buttons_are_there_for_who_has_the_right(
    person_with: Callable[..., Person], right: str, link: str
) -> None:
    assert f'href="{link}"' in person_with("records.read", right).get("/records").text
    assert f'href="{link}"' not in person_with("records.read").get("/records").text


def test_a_search_finds_by_what_was_typed_and_no_address_holds_it(
    lead: Person, services: FakeServices
) -> None:
    answer = lead.post("/records/search", {"query": f" {NUMBER} "})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/records/search")
    cookie = answer.headers["Set-Cookie"]
    assert "9990000018" not in cookie and NUMBER not in cookie
    for part in ("HttpOnly", "SameSite=Lax", "Secure"):
        assert part in cookie
    found = lead.get("/records/search")
    assert services.body_of("POST", SEARCH) == {"query": NUMBER}
    assert f'value="{NUMBER}"' in found.text
    assert f'href="/records/{RECORD_ID}"' in found.text
    assert "1 record of your site has exactly this number or identifier." in found.text
    assert "Go on with what was typed" in found.text
    assert not re.search(r'(href|action)="[^"]*(999|0018)', found.text)
    check(found.text)
    assert lead.get("/records/search").status_code == 200, "reloading and going back work"


def test_what_was_searched_for_is_of_no_use_to_another_session(
    lead: Person, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead.post("/records/search", {"query": NUMBER})
    monkeypatch.setattr(Person, "SESSION", "another session")
    services.calls.clear()
    answer = lead.get("/records/search")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/records")
    assert services.calls == []


def test_results_without_a_search_lead_to_the_list(lead: Person) -> None:
    assert lead.get("/records/search").headers["Location"] == "/records"
    lead.client.set_cookie("fls_search", "no base64 é")
    assert lead.get("/records/search").headers["Location"] == "/records"


@pytest.mark.parametrize("query", ["", "  ", "x" * 61, "a\x00b"])
def test_what_cannot_be_searched_for_is_said_at_the_field(
    lead: Person, services: FakeServices, query: str
) -> None:
    answer = lead.post("/records/search", {"query": query})
    assert answer.status_code == 422
    assert 'href="#query"' in answer.text
    assert [call for call in services.calls if call[1] == SEARCH] == []
    check(answer.text)


def test_nothing_found_is_said_clearly_with_ways_on(
    lead: Person, person_with: Callable[..., Person], services: FakeServices
) -> None:
    services.replies["POST", SEARCH] = {"items": [], "entries": []}
    lead.post("/records/search", {"query": "9990000019"})
    text = lead.get("/records/search").text
    assert "<h1>Nothing found</h1>" in text
    assert "its last digit does not fit the others" in text
    for link in ("/records", "/records/new", "/records/deleted"):
        assert f'href="{link}"' in text
    check(text)
    reader = person_with("records.read")
    reader.post("/records/search", {"query": NUMBER})
    text = reader.get("/records/search").text
    assert "last digit" not in text and 'href="/records/new"' not in text


def test_a_failing_search_is_an_error_page_without_what_was_typed(
    lead: Person, services: FakeServices
) -> None:
    services.replies["POST", SEARCH] = problem(503)
    lead.post("/records/search", {"query": NUMBER})
    answer = lead.get("/records/search")
    assert answer.status_code == 503 and NUMBER not in answer.text
