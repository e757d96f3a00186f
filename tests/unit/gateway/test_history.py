"""The history of a record: who, when, old and new, earlier states, and who has opened it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.fakes import services as fakes
from tests.fakes.people import VISITOR_ID
from tests.fakes.services import IMPORT_ID, RECORD_ID, FakeServices, page, problem
from tests.fakes.working import HISTORY, READ, VERSION
from tests.unit.gateway.conftest import Person
from tests.unit.gateway.test_pages import check

ADDRESS = f"/records/{RECORD_ID}/history"
HISTORY_OF = "GET", f"/records/v1/records/{RECORD_ID}/history"
VERSION_OF = "GET", f"/records/v1/records/{RECORD_ID}/versions/1"
RECORD_OF = "GET", f"/records/v1/records/{RECORD_ID}"


def _plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()


def test_each_change_shows_old_and_new_in_words(lead: Person) -> None:
    text = lead.get(ADDRESS).text
    rows = re.findall(
        r'<tr class="nhsuk-table__row" role="row">\s*<th scope="row.*?</tr>', text, re.S
    )
    assert [_plain(row) for row in rows] == [
        "Question Height 2.01 Before Blank After 172.5 cm",
        "Question Home postcode 1.04 Before EX50 1AA After EX50 1AB",
        "Question Fracture site 1.11 Before Hip After Wrist",
    ]
    assert "Changed, 5 February 2026, 10:00am" in text


def test_who_did_it_and_by_which_door_is_named(lead: Person, services: FakeServices) -> None:
    first, second = HISTORY
    services.replies[HISTORY_OF] = [
        first,
        second,
        second | {"version": 1, "by": VISITOR_ID, "door": "import", "import_id": IMPORT_ID},
        second | {"version": 0, "by": "018f0000-0000-7000-8000-000000000099", "door": "api"},
    ]
    text = lead.get(ADDRESS).text
    said = [_plain(p) for p in re.findall(r"<p>By .*?</p>", text, re.S)]
    assert said[0].startswith("By Kim Clerk Audit team visit , typed on a page.")
    assert said[1].startswith("By Sam Lead (you), typed on a page.")
    assert said[2].startswith("By Audit team, imported from a file")
    assert said[3].startswith("By Somebody who is not at your site, sent by a system")
    assert f'href="/imports/{IMPORT_ID}"' in text
    assert text.count("Audit team visit") == 1


def test_without_registration_the_history_is_still_told(
    lead: Person, services: FakeServices
) -> None:
    services.replies["GET", "/registration/v1/people"] = problem(503)
    answer = lead.get(ADDRESS)
    assert answer.status_code == 200
    assert "By you" in answer.text and "By Somebody" in answer.text


def test_acknowledged_warnings_are_named(lead: Person) -> None:
    text = lead.get(ADDRESS).text
    assert (
        "Warnings acknowledged: Fracture sites out of order or twice (Second fracture site)."
        in (text)
    )


def test_an_erased_identifier_is_said_to_be_erased(lead: Person, services: FakeServices) -> None:
    gone = {"key": "postcode", "old": None, "new": None}
    kept = {"key": "smoker", "old": None, "new": "1"}
    services.replies[HISTORY_OF] = [HISTORY[0] | {"changes": [gone, kept]}]
    text = _plain(lead.get(ADDRESS).text)
    assert "Home postcode 1.04 Before Erased After Erased" in text
    assert "Smokes now? 2.05 Before Blank After Yes" in text


def test_every_version_can_be_opened(lead: Person) -> None:
    text = lead.get(ADDRESS).text
    for version in (2, 3):
        assert f'href="/records/{RECORD_ID}/versions/{version}"' in text


@pytest.mark.parametrize("allowed", [True, False])
def test_only_who_may_is_led_to_the_openings(
    person_with: Callable[..., Person], allowed: bool
) -> None:
    rights = ("records.read", "records.reads") if allowed else ("records.read",)
    assert (f'href="/records/{RECORD_ID}/reads"' in person_with(*rights).get(ADDRESS).text) == (
        allowed
    )


def test_an_earlier_state_marks_what_is_different_now(lead: Person, services: FakeServices) -> None:
    text = lead.get(f"/records/{RECORD_ID}/versions/1").text
    assert "As it was" in text and "Version 1 of 2" in text
    differing = [
        _plain(row)
        for row in re.findall(
            r'<div class="nhsuk-summary-list__row fa-differs">.*?</div>', text, re.S
        )
    ]
    assert differing == [
        "Fracture site 1.11 Hip Now Wrist",
        "Height 2.01 Not recorded Now 172.5 cm",
        "Bone therapy recommended 4.01 Not recorded Now Alendronate, Alfacalcidol or calcitriol",
    ]
    assert "3 answers are different now." in text
    assert "Typed, and could not be read:</span> about 80" in text
    assert "999 000 0018" in text and "FLS assessment" not in text, "blanks are left out"
    check(text)


def test_an_earlier_state_leads_to_its_neighbours(lead: Person, services: FakeServices) -> None:
    services.replies[VERSION_OF[0], VERSION_OF[1][:-1] + "2"] = VERSION | {"version": 2}
    services.replies[RECORD_OF] = fakes.RECORD | {"version": 3}
    text = lead.get(f"/records/{RECORD_ID}/versions/2").text
    assert f'href="/records/{RECORD_ID}/versions/1" rel="prev"' in text
    assert f'href="/records/{RECORD_ID}/versions/3" rel="next"' in text
    services.replies[RECORD_OF] = fakes.RECORD | {"version": 2, "values": VERSION["values"]}
    text = lead.get(f"/records/{RECORD_ID}/versions/2").text
    assert 'rel="next"' not in text and "It has not been changed since." in text
    services.replies[RECORD_OF] = fakes.RECORD | {"version": 4, "values": VERSION["values"]}
    assert "Every answer is the same now." in lead.get(f"/records/{RECORD_ID}/versions/2").text


def test_a_version_that_never_was_is_not_found(lead: Person) -> None:
    assert lead.get(f"/records/{RECORD_ID}/versions/99").status_code == 404
    assert lead.get(f"/records/{RECORD_ID}/versions/x").status_code == 404


def test_openings_are_told_with_names(lead: Person, services: FakeServices) -> None:
    visited = READ | {"by": VISITOR_ID, "visit_id": "018f0000-0000-7000-8000-000000000026"}
    path = "GET", f"/records/v1/records/{RECORD_ID}/reads"
    services.replies[path] = page(READ, visited, total=60)
    text = lead.get(f"/records/{RECORD_ID}/reads").text
    assert "6 February 2026, 8:15am" in text and "Kim Clerk" in text
    assert text.count("Audit team visit") == 1
    assert f'href="/records/{RECORD_ID}/reads?page=2"' in text
    services.replies[path] = page()
    assert "Nobody has opened it yet." in lead.get(f"/records/{RECORD_ID}/reads").text
