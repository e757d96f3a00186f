"""Deleting, restoring, opting out, erasing: consequences in words, and nothing by mistake."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.fakes.services import RECORD_ID, FakeServices, page, problem
from tests.fakes.working import DELETED_ID
from tests.unit.gateway.conftest import Person
from tests.unit.gateway.test_pages import check

DELETE = f"/records/{RECORD_ID}/delete"
DELETION = "POST", f"/records/v1/records/{RECORD_ID}/deletion"
RESTORATION = "POST", f"/records/v1/records/{DELETED_ID}/restoration"
OPT_OUTS = "POST", "/records/v1/opt-outs"
ERASE = f"/records/{RECORD_ID}/erase"
ERASURE = "POST", f"/records/v1/records/{RECORD_ID}/erasure"
REASONS = ("entered_in_error", "not_eligible", "duplicate", "other", "opt_out")


def _sent(services: FakeServices, call: tuple[str, str]) -> bool:
    return call in [each[:2] for each in services.calls]


def test_the_form_says_which_record_and_what_follows(lead: Person) -> None:
    text = lead.get(DELETE).text
    assert "your identifier H-0001, NHS number 999 000 0018, diagnosed 3 February 2024" in text
    assert tuple(re.findall(r'name="reason" type="radio" value="(\w+)"', text)) == REASONS
    assert 'name="version" value="2"' in text
    assert "can be brought back" in text
    assert "None of this can be undone, by you or by the audit team." in text
    assert "at every site and by every door" in text


@pytest.mark.parametrize("reason", REASONS)
def test_a_record_is_deleted_with_its_reason(
    lead: Person, services: FakeServices, reason: str
) -> None:
    form = {"reason": reason, "version": "2", "understood": "yes"}
    answer = lead.post(DELETE, form)
    assert answer.status_code == 303
    assert services.body_of(*DELETION) == {"version": 2, "reason": reason}
    told = lead.get(answer.headers["Location"]).text
    assert ("withdrawn" in told) == (reason == "opt_out")
    assert "nhsuk-notification-banner--success" in told


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "reason"),
        ({"reason": "because"}, "reason"),
        ({"reason": "opt_out"}, "understood"),
    ],
)
def test_nothing_is_deleted_without_a_reason_and_nothing_for_good_without_a_tick(
    lead: Person, services: FakeServices, form: dict[str, object], field: str
) -> None:
    answer = lead.post(DELETE, form | {"version": "2"})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert not _sent(services, DELETION)
    check(answer.text)


def test_a_record_that_was_changed_meanwhile_is_looked_at_again(
    lead: Person, services: FakeServices
) -> None:
    services.replies[DELETION] = problem(409, "Moved.", code="version_moved", version=3)
    answer = lead.post(DELETE, {"reason": "other", "version": "1"})
    assert answer.status_code == 409
    assert "Somebody has changed the record since you opened this page." in answer.text
    assert re.search(r'value="other"[^>]* checked', answer.text)
    check(answer.text)


def test_a_locked_record_says_what_helps(lead: Person, services: FakeServices) -> None:
    services.replies[DELETION] = problem(409, "2023 is locked. Ask.", code="period_locked")
    answer = lead.post(DELETE, {"reason": "other", "version": "2"})
    assert answer.status_code == 409 and "2023 is locked. Ask." in answer.text


def test_deleted_records_come_back_but_for_withdrawn_ones(
    lead: Person, services: FakeServices
) -> None:
    text = lead.get("/records/deleted").text
    assert text.count(f'action="/records/{DELETED_ID}/restoration"') == 1
    assert "Not possible" in text and "by Kim Clerk" in text and "Entered in error" in text
    answer = lead.post(f"/records/{DELETED_ID}/restoration", {"version": "1"})
    assert answer.headers["Location"] == "/records/deleted?notice=restored"
    assert services.body_of(*RESTORATION) == {"version": 1}
    services.replies[RESTORATION] = problem(409, "Another record of this fracture is stored.")
    answer = lead.post(f"/records/{DELETED_ID}/restoration", {"version": "1"})
    assert answer.status_code == 409
    assert "Another record of this fracture is stored." in answer.text
    check(answer.text)


def test_without_deleted_records_the_page_says_so(lead: Person, services: FakeServices) -> None:
    services.replies["GET", "/records/v1/records/deleted"] = page()
    assert "No record of your site is deleted." in lead.get("/records/deleted").text


def test_an_opt_out_is_recorded_and_its_number_is_in_no_address(
    lead: Person, services: FakeServices
) -> None:
    assert "recorded 3 opt-outs so far" in lead.get("/opt-outs").text
    form = {"nhs_number": "999 000-0018", "understood": "yes"}
    answer = lead.post("/opt-outs", form)
    assert answer.headers["Location"] == "/opt-outs?notice=recorded"
    assert services.body_of(*OPT_OUTS) == {"nhs_number": "9990000018"}
    assert "999" not in answer.headers["Location"]
    assert "9990000018" not in lead.get("/opt-outs?notice=recorded").text


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"nhs_number": "9990000019", "understood": "yes"}, "nhs_number"),
        ({"nhs_number": "", "understood": "yes"}, "nhs_number"),
        ({"nhs_number": "9990000018"}, "understood"),
    ],
)
def test_an_opt_out_needs_a_valid_number_and_a_tick(
    lead: Person, services: FakeServices, form: dict[str, object], field: str
) -> None:
    answer = lead.post("/opt-outs", form)
    assert answer.status_code == 422 and f'href="#{field}"' in answer.text
    assert not _sent(services, OPT_OUTS)
    check(answer.text)


@pytest.mark.parametrize("status", [409, 422])
def test_what_the_service_says_of_an_opt_out_is_shown(
    lead: Person, services: FakeServices, status: int
) -> None:
    services.replies[OPT_OUTS] = problem(status, "There are records of this patient.")
    answer = lead.post("/opt-outs", {"nhs_number": "9990000018", "understood": "yes"})
    assert answer.status_code == status
    assert "There are records of this patient." in answer.text
    check(answer.text)


def test_identifiers_are_erased_with_a_reason_and_a_tick(
    person_with: Callable[..., Person], services: FakeServices
) -> None:
    visiting = person_with("records.read", "records.erase")
    text = visiting.get(ERASE).text
    assert "It cannot be undone." in text
    check(text)
    for form, field in (
        ({"understood": "yes"}, "reason"),
        ({"reason": "Asked by the patient."}, "understood"),
    ):
        answer = visiting.post(ERASE, {**form, "version": "2"})
        assert answer.status_code == 422 and f'href="#{field}"' in answer.text
        assert not _sent(services, ERASURE)
    form = {"reason": "Asked by the patient.", "understood": "yes", "version": "2"}
    answer = visiting.post(ERASE, form)
    assert answer.headers["Location"] == f"/records/{RECORD_ID}"
    assert services.body_of(*ERASURE) == {"version": 2, "reason": "Asked by the patient."}
    services.replies[ERASURE] = problem(409, "x", code="version_moved")
    answer = visiting.post(ERASE, form)
    assert answer.status_code == 409 and "Asked by the patient." in answer.text
    check(answer.text)
