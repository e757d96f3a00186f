"""Pages before a file of records: what is chosen leads to the file, with no identifier in it."""

from __future__ import annotations

import pytest

from services.records.domain.exporting import STATES
from services.records.views.pages import PROBLEMS as sent_by_records
from tests.unit.gateway.conftest import Person
from tests.unit.gateway.test_pages import check

CHOSEN = {"format": "xlsx", "answers": "labels", "state": "valid"}
DAYS = {
    "from-day": "1", "from-month": "2", "from-year": "2024",
    "to-day": "31", "to-month": "12", "to-year": "2024",
}  # fmt: skip


def test_the_choices_lead_to_the_file(lead: Person) -> None:
    answer = lead.post("/records/export", CHOSEN | DAYS)
    assert answer.status_code == 303
    assert answer.headers["Location"] == (
        "/records/export/file?format=xlsx&answers=labels&state=valid"
        "&diagnosed_from=2024-02-01&diagnosed_to=2024-12-31"
    )
    short = lead.post("/records/export", {"format": "csv", "answers": "codes"})
    assert short.headers["Location"] == "/records/export/file?format=csv&answers=codes"


def test_the_audit_teams_choices_lead_to_the_extract(team: Person) -> None:
    assert team.post("/extract").headers["Location"] == "/extract/file"
    answer = team.post("/extract", DAYS)
    assert answer.headers["Location"] == (
        "/extract/file?diagnosed_from=2024-02-01&diagnosed_to=2024-12-31"
    )


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"from-year": "24"}, "from-day", "four digits"),
        ({"from-day": "31"}, "from-day", "no such day"),
        ({"to-year": "2023"}, "to-day", "lies before the first"),
        ({"format": "pdf"}, "format", "Choose CSV or Excel"),
        ({"answers": ""}, "answers", "Choose codes or labels"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(lead: Person, change, field, message) -> None:
    answer = lead.post("/records/export", CHOSEN | DAYS | change)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text and message in answer.text
    assert 'value="2024"' in answer.text or change.get("to-year"), "nothing typed is lost"
    check(answer.text)


def test_a_wrong_day_of_the_extract_is_said_at_its_field(team: Person) -> None:
    answer = team.post("/extract", DAYS | {"to-month": "13"})
    assert answer.status_code == 422 and 'href="#to-day"' in answer.text
    check(answer.text)


def test_a_state_that_is_not_known_is_passed_over(lead: Person) -> None:
    answer = lead.post("/records/export", CHOSEN | {"state": "=1+1"})
    assert answer.headers["Location"] == "/records/export/file?format=xlsx&answers=labels"


@pytest.mark.parametrize("code", [*sent_by_records, "<b>"])
def test_every_problem_of_a_download_has_words(lead: Person, team: Person, code: str) -> None:
    for person, page in ((lead, "/records/export"), (team, "/extract")):
        text = person.get(f"{page}?problem={code}").text
        assert "There is a problem" in text and "<b>" not in text
        check(text)


def test_the_states_of_the_form_are_those_that_records_knows() -> None:
    from gateway.pages.exporting import forms

    assert set(forms.STATES) == set(STATES)
    assert set(forms.PROBLEMS) == set(sent_by_records)


def test_the_team_finds_the_extract_in_its_menu_and_a_site_does_not(
    lead: Person, team: Person
) -> None:
    assert 'href="/extract"' in team.get("/guidance").text
    assert 'href="/extract"' not in lead.get("/guidance").text
