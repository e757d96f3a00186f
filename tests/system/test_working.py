"""A site's daily work, in browsers: finding records, work-lists, history, duplicates, periods."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page, expect

from dataset.nhs_number import check_digit
from tests.system.conftest import Live, Person, assert_accessible, go_back, sample_file

Windows = Callable[[Person], Page]
_NUMBERS = iter(range(999_700_000, 999_800_000))


def new_number() -> str:
    """An NHS number of the test range that no other test has."""
    return next(
        f"{nine}{digit}" for nine in _NUMBERS if (digit := check_digit(str(nine))) is not None
    )


def days_ago(days: int) -> str:
    """A day before today as the API writes it."""
    return (datetime.now(UTC).date() - timedelta(days=days)).isoformat()


def add_record(person: Person, **values: Any) -> dict[str, Any]:
    """Sends a record of a woman who broke her wrist; answers of one's own come on top."""
    body = {
        "nhs_number": new_number(),
        "date_of_birth": "1950-03-01",
        "gender": "2",
        "date_index_diagnosed": days_ago(100),
        "site_1": "3",
        **values,
    }
    answer = person.client.post(
        "/api/records/v1/records", json={"values": body, "opt_out_checked_on": days_ago(1)}
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.fixture
def window(browser: Browser, live: Live) -> Iterator[Windows]:
    """Opens a browser window in which a person is signed in, and looks at every address it asks.

    Whatever identifies a patient is typed or shown; in an address it would be in logs and in the
    history of the browser.
    """
    contexts: list[Any] = []
    asked: list[str] = []

    def open_(person: Person) -> Page:
        context = browser.new_context(
            base_url=live.address, viewport={"width": 1100, "height": 900}
        )
        contexts.append(context)
        context.on("request", lambda request: asked.append(unquote(request.url)))
        page = context.new_page()
        live.enter(page, person.email, person.password)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert asked
    told = [url for url in asked if re.search(r"999[ -]?\d{3}[ -]?\d{4}(?!\d)|OWN-|1950", url)]
    assert told == [], "no identifier in any address"


@pytest.fixture(scope="module")
def site(live: Live) -> Person:
    """A site with a hundred and twenty records from a file."""
    person = live.new_site("Working Hospital")
    live.import_whole(person, sample_file(120, 31, person.site_code))
    return person


def test_a_record_is_found_by_its_number_and_by_ones_own_identifier(
    site: Person, window: Windows, screenshots: Path
) -> None:
    number = new_number()
    add_record(site, nhs_number=number, local_id="OWN-77")
    page = window(site)
    page.goto("/records")
    assert_accessible(page)
    page.get_by_label("NHS number or your own identifier").fill(f"{number[:3]} {number[3:]}")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Found")
    assert_accessible(page)
    page.screenshot(path=screenshots / "working-found.png", full_page=True)
    page.get_by_role("link", name="OWN-77").click()
    expect(page.locator('[data-field="nhs_number"]')).to_contain_text(number[:3])

    go_back(page)
    expect(page.get_by_role("link", name="OWN-77")).to_be_visible()
    page.reload()
    page.get_by_label("NHS number or your own identifier").fill("OWN-77")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("tbody tr")).to_have_count(1)

    page.get_by_label("NHS number or your own identifier").fill(new_number()[:-1])
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing found")
    assert_accessible(page)
    page.get_by_role("link", name="Add a record").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("New record")


def test_what_another_site_recorded_is_not_found(live: Live, site: Person, window: Windows) -> None:
    number = new_number()
    add_record(site, nhs_number=number)
    page = window(live.site_lead())
    page.goto("/records")
    page.get_by_label("NHS number or your own identifier").fill(number)
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing found")


def test_a_list_is_filtered_sorted_and_paged_without_losing_the_filter(
    site: Person, window: Windows, screenshots: Path
) -> None:
    page = window(site)
    page.goto("/records")
    page.get_by_text("Filter the list").click()
    page.get_by_label("Site of fracture").select_option(label="Hip")
    page.get_by_role("button", name="Show").click()
    shown = page.locator("main").inner_text()
    assert "fracture: hip" in shown
    page.get_by_role("link", name="Age", exact=True).first.click()
    expect(page.get_by_role("columnheader", name="Age")).to_have_attribute(
        "aria-sort", "descending"
    )
    ages = [int(text) for text in page.locator("td.fa-number span:last-child").all_inner_texts()]
    assert ages == sorted(ages, reverse=True) and len(ages) > 3
    assert set(page.locator("tbody tr td:nth-child(4)").all_inner_texts()) == {"Hip"}
    assert_accessible(page)
    page.screenshot(path=screenshots / "working-filtered.png", full_page=True)
    page.get_by_role("link", name="Show all records").first.click()
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("main")).to_contain_text("Page 2 of")

    page.get_by_text("Filter the list").click()
    page.locator("#from-day").fill("31")
    page.locator("#from-month").fill("2")
    page.locator("#from-year").fill("2024")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("alert").get_by_role("link", name="There is no such day").click()
    expect(page.locator("#from-day")).to_be_focused()
    assert_accessible(page)


def test_a_work_list_is_worked_through_from_first_to_last(
    live: Live, window: Windows, screenshots: Path
) -> None:
    person = live.new_site("Follow-up Hospital")
    for days in (104, 100, 96):
        add_record(person, local_id=f"OWN-{days}", date_index_diagnosed=days_ago(days))
    page = window(person)
    page.goto("/")
    page.screenshot(path=screenshots / "working-home.png", full_page=True)
    waiting = page.locator(".fa-worklists li").filter(has_text="Follow-up at 16 weeks, due")
    expect(waiting.locator(".fa-worklists__count")).to_have_text("3")
    page.get_by_role("link", name="Follow-up at 16 weeks, due").click()
    rows = page.locator("tbody th").all_inner_texts()
    assert [row.split("\n")[-1] for row in rows] == ["OWN-104", "OWN-100", "OWN-96"], "oldest first"
    assert_accessible(page)
    page.screenshot(path=screenshots / "working-list.png", full_page=True)
    page.get_by_role("button", name="Start with the first").click()

    step = page.get_by_role("navigation", name="Working through a list")
    expect(step).to_contain_text("1 of 3")
    assert_accessible(page)
    page.screenshot(path=screenshots / "working-step.png", full_page=True)
    _answer_follow_up(page)
    expect(step).to_contain_text("2 of 3")
    step.get_by_role("link", name="Go to the next one").click()
    expect(step).to_contain_text("3 of 3")
    _answer_follow_up(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("That was the last one")
    expect(page.locator("main")).to_contain_text("1 record is still in this list")
    assert_accessible(page)
    page.get_by_role("button", name="Start again with the first").click()
    expect(step).to_contain_text("1 of 1")
    _answer_follow_up(page)
    expect(page.locator("main")).to_contain_text("Nothing is left in this list.")
    page.goto("/")
    expect(waiting.locator(".fa-worklists__count")).to_have_text("0")


def _answer_follow_up(page: Page) -> None:
    """Says on the quick form that the patient could not be reached, and goes on."""
    page.get_by_label("Unable to contact").first.check()
    page.get_by_role("button", name=re.compile("Save and (go to the next|finish)")).click()


def test_two_edit_at_once_and_the_history_tells_of_both(
    live: Live, window: Windows, screenshots: Path
) -> None:
    person = live.new_site("History Hospital")
    record = add_record(person, local_id="OWN-5", height_cm="160")
    address = f"/records/{record['record_id']}"
    first, second = window(person), window(person)
    for page in (first, second):
        page.goto(f"{address}/sections/2")
    first.locator("#height_cm").fill("161")
    first.get_by_role("button", name="Save and go to the record").click()
    expect(first.locator('[data-field="height_cm"]')).to_contain_text("161")
    second.locator("#height_cm").fill("172")
    second.locator("#weight_kg").fill("70")
    second.get_by_role("button", name="Save and go to the record").click()
    expect(second.get_by_role("heading", level=1)).to_contain_text("Somebody else changed")
    second.get_by_label("Yours: 172").check()
    second.get_by_role("button", name="Save what you chose").click()
    expect(second.locator("main")).to_contain_text("172")

    second.goto(f"{address}/history")
    assert_accessible(second)
    second.screenshot(path=screenshots / "working-history.png", full_page=True)
    main = second.locator("main").inner_text()
    assert re.search(r"Height.*161.*172", main, re.S) and re.search(r"Height.*160.*161", main, re.S)
    assert re.search(r"Weight.*Blank.*70", main, re.S)
    assert "(you), typed on a page" in main and "sent by a system" in main
    second.get_by_role("link", name=re.compile("The record as it was then.*version 1$")).click()
    expect(second.locator("main")).to_contain_text("2 answers are different now.")
    expect(second.locator(".fa-differs").filter(has_text="Height")).to_contain_text("160")
    assert_accessible(second)
    second.screenshot(path=screenshots / "working-version.png", full_page=True)
    go_back(second)
    second.get_by_role("link", name="who has opened it").click()
    assert second.locator("tbody tr").count() >= 2
    assert_accessible(second)


def test_two_records_of_one_fracture_are_compared_and_one_is_kept(
    live: Live, window: Windows, screenshots: Path
) -> None:
    person = live.new_site("Duplicate Hospital")
    number = new_number()
    kept = add_record(person, nhs_number=number, local_id="OWN-1")
    add_record(
        person, nhs_number=number, local_id="OWN-2", date_index_diagnosed=days_ago(90), site_1="1"
    )
    page = window(person)
    page.goto("/")
    page.get_by_role("link", name="Possible duplicates").click()
    page.get_by_role("button", name="Start with the first").click()
    expect(page.locator("main")).to_contain_text("The two dates of diagnosis are 10 days apart.")
    differing = page.locator("tr.fa-differs")
    expect(differing.filter(has_text="Fracture site")).to_contain_text("Wrist")
    expect(differing.filter(has_text="Fracture site")).to_contain_text("Hip")
    expect(differing.filter(has_text="NHS number")).to_have_count(0)
    assert_accessible(page)
    page.screenshot(path=screenshots / "working-pair.png", full_page=True)
    page.get_by_label("Keep the first, delete the second").check()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("That was the last one")

    page.goto("/records")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("link", name="OWN-1")).to_have_attribute(
        "href", f"/records/{kept['record_id']}"
    )
    page.goto("/duplicates?decided=yes")
    expect(page.locator("main")).to_contain_text("Only the first was kept")
    page.goto("/records/deleted")
    expect(page.locator("tbody tr")).to_contain_text("The same fracture is recorded twice")
    assert_accessible(page)
    page.get_by_role("button", name="Bring back").click()
    expect(page.locator("main")).to_contain_text("The record is back.")
    page.goto("/records")
    expect(page.locator("tbody tr")).to_have_count(2)


def test_a_locked_record_is_unlocked_on_request_and_saved(
    live: Live, window: Windows, screenshots: Path
) -> None:
    person, team = live.new_site("Locked Hospital"), live.audit_team()
    record = add_record(person, date_index_diagnosed="2017-05-02", height_cm="160")
    address = f"/records/{record['record_id']}"
    site, audit = window(person), window(team)
    audit.goto("/periods/manage")
    audit.get_by_role("link", name="Change 2017").click()
    for box, text in (("entry", "30 6 2018"), ("locks", "1 10 2018")):
        for part, value in zip(("day", "month", "year"), text.split(), strict=True):
            audit.locator(f"#{box}-{part}").fill(value)
    assert_accessible(audit)
    site.goto(f"{address}/sections/2")
    audit.get_by_role("button", name="Set the deadlines").click()
    expect(audit.locator("main")).to_contain_text("The deadlines are set.")
    try:
        site.locator("#height_cm").fill("170")
        site.get_by_role("button", name="Save and go to the record").click()
        expect(site.locator("main")).to_contain_text(re.compile("2017.*locked|locked.*2017", re.I))

        site.goto(address)
        site.get_by_role("link", name="ask the audit team to unlock this record").click()
        assert_accessible(site)
        site.get_by_label("Reason").fill("The height was measured anew.")
        site.get_by_role("button", name="Send the request").click()
        expect(site.locator("main")).to_contain_text("Waiting")
        assert_accessible(site)
        site.screenshot(path=screenshots / "working-periods.png", full_page=True)

        audit.goto("/unlock-requests")
        assert_accessible(audit)
        audit.get_by_role("link", name="Locked Hospital").click()
        audit.get_by_label("Grant it").check()
        for part, value in zip(("day", "month", "year"), _in_words(days_ago(-30)), strict=True):
            audit.locator(f"#until-{part}").fill(value)
        assert_accessible(audit)
        audit.screenshot(path=screenshots / "working-unlocking.png", full_page=True)
        audit.get_by_role("button", name="Decide").click()
        expect(audit.locator("main")).to_contain_text("Granted.")

        site.goto(f"{address}/sections/2")
        site.locator("#height_cm").fill("171")
        site.get_by_role("button", name="Save and go to the record").click()
        expect(site.locator('[data-field="height_cm"]')).to_contain_text("171")
    finally:
        _open_again(team, 2017)


def _in_words(on: str) -> list[str]:
    """Day, month and year as they are typed."""
    return list(reversed(on.split("-")))


def test_a_patient_who_opts_out_is_withdrawn_and_refused_everywhere(
    live: Live, window: Windows, screenshots: Path
) -> None:
    person, elsewhere = live.new_site("Opting Hospital"), live.new_site("Next Hospital")
    number = new_number()
    record = add_record(person, nhs_number=number)
    page, other = window(person), window(elsewhere)
    page.goto(f"/records/{record['record_id']}")
    page.get_by_role("link", name="Delete this record").click()
    page.get_by_label("The patient has opted out", exact=True).check()
    page.get_by_role("button", name="Delete the record").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("I know that this cannot be undone").check()
    page.get_by_role("button", name="Delete the record").click()
    expect(page.locator("main")).to_contain_text("opted out")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("button", name="Bring back")).to_have_count(0)
    assert_accessible(page)

    never_recorded = new_number()
    page.get_by_role("link", name="Record an opt-out").click()
    page.get_by_label("NHS number").fill(never_recorded)
    page.get_by_label("I know that this cannot be undone").check()
    assert_accessible(page)
    page.screenshot(path=screenshots / "working-opt-out.png", full_page=True)
    page.get_by_role("button", name="Record the opt-out").click()
    expect(page.locator("main")).to_contain_text("Your site has recorded 2 opt-outs")

    for each in (number, never_recorded):
        other.goto("/records/new")
        other.get_by_label("NHS number", exact=True).fill(each)
        for part, value in zip(("day", "month", "year"), _in_words(days_ago(0)), strict=True):
            other.locator(f"#opt_out_checked_on-{part}").fill(value)
        other.get_by_role("button", name="Continue", exact=True).click()
        expect(other.get_by_role("alert")).to_contain_text("opted out")


def test_the_audit_team_erases_what_identifies_a_patient(
    live: Live, window: Windows, screenshots: Path
) -> None:
    person, team = live.new_site("Erasing Hospital"), live.audit_team()
    number = new_number()
    first = add_record(person, nhs_number=number, local_id="OWN-1")
    add_record(person, nhs_number=number, local_id="OWN-2", date_index_diagnosed=days_ago(600))
    kept = add_record(person, local_id="OWN-3")
    page, lead = window(team), window(person)
    page.goto(f"/sites/{person.account['site']['site_id']}/visit")
    page.get_by_label("Why do you visit this site?").fill("A patient asked to be erased")
    page.get_by_role("button", name="Visit this site").click()
    expect(page.get_by_role("region", name="Visit")).to_be_visible()
    page.goto(f"/records/{first['record_id']}")
    page.get_by_role("link", name="Erase what identifies the patient").click()
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(2)
    assert_accessible(page)
    page.get_by_label("Reason").fill("The patient asked the site in writing.")
    page.get_by_label("I know that this cannot be undone").check()
    page.screenshot(path=screenshots / "working-erasure.png", full_page=True)
    page.get_by_role("button", name="Erase for good").click()
    expect(page.locator("main")).to_contain_text("was erased on request")
    expect(page.get_by_role("link", name="Change")).to_have_count(0)
    assert_accessible(page)

    lead.goto("/records")
    expect(lead.locator("tbody tr")).to_have_count(3)
    expect(lead.get_by_role("link", name="OWN-3")).to_be_visible()
    expect(lead.locator("main")).not_to_contain_text("OWN-1")
    expect(lead.locator("main")).not_to_contain_text("OWN-2")
    lead.goto(f"/records/{kept['record_id']}")
    expect(lead.locator("main")).to_contain_text("OWN-3")
    lead.goto(f"/records/{first['record_id']}/history")
    expect(lead.locator("main")).not_to_contain_text("OWN-1")
    expect(lead.locator("main")).not_to_contain_text("1950")


def _open_again(team: Person, year: int) -> None:
    """Moves a year's deadlines far away, for the other tests of the same system."""
    periods = team.client.get("/api/records/v1/periods").json()["items"]
    stored = next(period for period in periods if period["year"] == year)
    answer = team.client.put(
        f"/api/records/v1/periods/{year}",
        json={
            "entry_deadline": "2099-01-01",
            "locks_on": "2099-06-01",
            "version": stored["version"],
        },
    )
    assert answer.status_code == 200, answer.text
