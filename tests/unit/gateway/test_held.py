"""Rows set aside: one beside the record it may be about, and what each decision does."""

from __future__ import annotations

import re

import pytest

from tests.fakes import services as fakes
from tests.fakes.services import IMPORT_ID, RECORD_ID, FakeServices, problem
from tests.unit.gateway.conftest import Person
from tests.unit.gateway.test_pages import check

LIST = f"/imports/{IMPORT_ID}/held"
ADDRESS = f"{LIST}/7"
ROWS = "GET", f"/records/v1/imports/{IMPORT_ID}/held-rows"
DECISION = "POST", f"/records/v1/imports/{IMPORT_ID}/held-rows/7/decision"
LEAVE = "POST", f"/records/v1/imports/{IMPORT_ID}/held-rows/leave"
UPDATE = f"update.{RECORD_ID}.3"


def test_the_list_leads_to_each_row(lead: Person) -> None:
    text = lead.get(LIST).text
    assert re.findall(rf'href="{LIST}/(\d+)"', text) == ["7", "7", "9"]
    assert "2 rows wait for a person." in text


def test_before_the_import_is_stored_rows_are_looked_at_and_not_decided(
    lead: Person, services: FakeServices
) -> None:
    services.replies[ROWS] = fakes.HELD_ROWS | {"state": "compared"}
    assert "decide once the import is stored" in lead.get(LIST).text
    text = lead.get(ADDRESS).text
    assert "You can decide once the import is stored." in text
    assert 'name="decision"' not in text


def test_a_row_is_shown_with_what_it_would_change(lead: Person) -> None:
    text = lead.get(ADDRESS).text
    assert re.findall(r'data-field="(\w+)"', text) == ["smoker", "height_cm"]
    choices = re.findall(r'name="decision" type="radio" value="([^"]+)"', text)
    assert choices == [UPDATE, "add", "leave"]


@pytest.mark.parametrize(
    ("decision", "sent"),
    [
        (UPDATE, {"decision": "update", "record_id": RECORD_ID, "version": 3}),
        ("add", {"decision": "add"}),
        ("leave", {"decision": "leave"}),
    ],
)
def test_a_decision_is_sent_and_leads_to_the_next_row(
    lead: Person, services: FakeServices, decision: str, sent: dict[str, object]
) -> None:
    services.replies[ROWS] = fakes.HELD_ROWS | {"items": fakes.HELD_ROWS["items"][1:]}
    answer = lead.post(ADDRESS, {"decision": decision})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{LIST}/9?notice=changed")
    assert services.body_of(*DECISION) == sent


def test_after_the_last_row_comes_the_list(lead: Person, services: FakeServices) -> None:
    services.replies[ROWS] = {"state": "applied", "total": 0, "items": []}
    answer = lead.post(ADDRESS, {"decision": "leave"})
    assert answer.headers["Location"] == f"{LIST}?notice=changed"
    text = lead.get(answer.headers["Location"]).text
    assert "The last row is decided." in text and "No row waits" in text
    check(text)


@pytest.mark.parametrize("decision", ["", "update", f"update.{RECORD_ID}", "delete"])
def test_a_choice_has_to_be_made(lead: Person, services: FakeServices, decision: str) -> None:
    answer = lead.post(ADDRESS, {"decision": decision})
    assert answer.status_code == 422
    assert DECISION not in [call[:2] for call in services.calls]
    check(answer.text)


def test_what_keeps_the_row_out_is_said_beside_the_choice(
    lead: Person, services: FakeServices
) -> None:
    services.replies[DECISION] = problem(
        422, "Mend it.", errors={"nhs_number": ["It is another patient's."]}
    )
    answer = lead.post(ADDRESS, {"decision": UPDATE})
    assert answer.status_code == 422
    assert "It is another patient&#39;s." in answer.text
    services.replies[DECISION] = problem(409, "2023 is locked.", code="period_locked")
    answer = lead.post(ADDRESS, {"decision": UPDATE})
    assert answer.status_code == 409 and "2023 is locked." in answer.text
    assert re.search(rf'value="{re.escape(UPDATE)}"[^>]* checked', answer.text)
    check(answer.text)


def test_a_row_that_somebody_decided_meanwhile_is_said(
    lead: Person, services: FakeServices
) -> None:
    services.replies[DECISION] = problem(404, "This row does not wait.")
    answer = lead.post(ADDRESS, {"decision": "leave"})
    assert answer.headers["Location"] == f"{LIST}?notice=gone"
    assert "decided already" in lead.get(answer.headers["Location"]).text


def test_all_rows_are_left_out_a_thousand_at_a_time(lead: Person, services: FakeServices) -> None:
    answer = lead.post(LIST, {})
    assert answer.headers["Location"] == f"{LIST}?notice=left_all"
    assert [call[:2] for call in services.calls].count(LEAVE) == 1
