"""People of a site and visits of the audit team, in browsers, through the gateway."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.local.private_files import read_json
from tests.system.conftest import Live, assert_accessible

PASSWORD = "nine slow otters resting"
Windows = Callable[..., Page]


@pytest.fixture
def window(browser: Browser, live: Live) -> Iterator[Windows]:
    """Opens browser windows that share nothing: one for each person."""
    contexts = []

    def open_(**more: object) -> Page:
        context = browser.new_context(base_url=live.address, **more)  # type: ignore[arg-type]
        contexts.append(context)
        return context.new_page()

    yield open_
    for context in contexts:
        context.close()


def _menu(page: Page) -> str:
    return page.get_by_role("navigation", name="Menu").inner_text()


def test_a_clerk_is_added_limited_and_taken_out_again(
    live: Live, window: Windows, screenshots: Path
) -> None:
    person = live.new_site("Hazel Hospital")
    email = f"kim.{secrets.token_hex(3)}@hazel.example"
    lead, clerk = window(), window()
    live.enter(lead, person.email, person.password)

    lead.goto("/people")
    assert_accessible(lead)
    lead.get_by_role("button", name="Add someone").click()
    lead.get_by_role("button", name="Add and send the e-mail").click()
    expect(lead.get_by_role("alert")).to_contain_text("Choose a role.")
    assert_accessible(lead)
    lead.get_by_label("Full name").fill("Kim Clerk")
    lead.get_by_label("E-mail address").fill(email)
    lead.get_by_label("Data entry", exact=True).check()
    lead.get_by_label("Take records out").check()
    lead.get_by_role("button", name="Add and send the e-mail").click()
    expect(lead.get_by_role("alert")).to_contain_text("“data entry” can be granted import.")
    lead.get_by_label("Take records out").uncheck()
    lead.get_by_label("Upload files of records").check()
    lead.screenshot(path=screenshots / "people-add.png", full_page=True)
    lead.get_by_role("button", name="Add and send the e-mail").click()
    expect(lead.get_by_role("row", name=re.compile("Kim Clerk"))).to_contain_text("Invited")
    assert_accessible(lead)
    lead.screenshot(path=screenshots / "people-list.png", full_page=True)

    clerk.goto(f"/set-password/{live.mailed_link(email)}")
    clerk.get_by_label("New password").fill(PASSWORD)
    clerk.get_by_label("I accept these terms").check()
    clerk.get_by_role("button", name="Set password").click()
    live.enter(clerk, email, PASSWORD)
    assert "Records" in _menu(clerk)
    assert not [word for word in ("People", "API tokens", "Facilities") if word in _menu(clerk)]
    clerk.goto("/imports/new")
    expect(clerk.get_by_role("heading", level=1)).not_to_contain_text("You cannot")

    lead.get_by_role("link", name="Kim Clerk").click()
    assert_accessible(lead)
    lead.get_by_label("Upload files of records").uncheck()
    lead.get_by_role("button", name="Save").click()
    expect(lead.get_by_role("row", name=re.compile("Kim Clerk"))).not_to_contain_text("upload")
    live.until(lambda: (clerk.goto("/imports/new") or _none()).status == 403)

    lead.get_by_role("link", name="Kim Clerk").click()
    lead.get_by_role("button", name="Take Kim Clerk out").click()
    expect(lead.get_by_role("table", name="Who was at this site")).to_contain_text("Kim Clerk")
    live.until(lambda: "/sign-in" in (clerk.goto("/records") or _none()).url)


def test_a_visit_shows_above_every_page_until_it_is_ended(
    live: Live, window: Windows, screenshots: Path
) -> None:
    name = f"Rowan Hospital {secrets.token_hex(2)}"
    site = live.new_site(name)
    demo = read_json(live.layout.demo)["audit_team"]
    team, lead = window(), window()
    live.enter(team, demo["email"], demo["password"])
    assert (team.goto("/records") or _none()).status == 403
    expect(team.locator("main")).to_contain_text("visit it again")

    team.goto("/sites")
    assert_accessible(team)
    team.get_by_label("Name or code").fill(name.lower())
    team.get_by_role("button", name="Search").click()
    expect(team.get_by_role("main")).to_contain_text("1 site found for")
    team.screenshot(path=screenshots / "sites.png", full_page=True)
    team.get_by_role("link", name=f"Visit {name}").click()
    team.get_by_label("Why do you visit this site?").fill("About 999 000 0018 and others")
    team.get_by_role("button", name="Visit this site").click()
    expect(team.get_by_role("alert")).to_contain_text("Take the long number out")
    assert_accessible(team)
    reason = f"Help with the first records {secrets.token_hex(2)}"
    team.get_by_label("Why do you visit this site?").fill(reason)
    team.get_by_role("button", name="Visit this site").dblclick()
    banner = team.get_by_role("region", name="Visit")
    expect(banner).to_contain_text(name)
    expect(banner).to_contain_text(reason)
    assert_accessible(team)
    team.screenshot(path=screenshots / "visiting.png", full_page=True)
    assert "Records" in _menu(team) and "Registrations" not in _menu(team)
    for path in ("/records", "/imports", "/people", "/facilities", "/about"):
        assert (team.goto(path) or _none()).status == 200, path
        expect(banner).to_contain_text(reason)

    banner.get_by_role("button", name="End the visit").click()
    expect(team.locator("main")).to_contain_text("The visit is over")
    expect(banner).to_have_count(0)
    assert (team.goto("/records") or _none()).status == 403

    live.enter(lead, site.email, site.password)
    lead.goto("/people")
    expect(lead.get_by_role("table", name="Visits by the audit team")).to_contain_text(reason)
    assert_accessible(lead)


def test_someone_of_two_sites_goes_from_one_to_the_other(live: Live, window: Windows) -> None:
    first, second = live.new_site("Alder Hospital"), live.new_site("Birch Hospital")
    body = {"name": "x", "email": first.email, "role": "clinician", "grants": []}
    added = second.client.post("/api/registration/v1/people", json=body)
    assert added.status_code == 201, added.text
    person = window(java_script_enabled=False)
    live.enter(person, first.email, first.password)
    heading = person.get_by_role("heading", level=1)
    before = heading.inner_text()
    other = "Birch Hospital" if "Alder" in before else "Alder Hospital"
    person.get_by_role("button", name=f"Go to {other}").click()
    expect(heading).to_contain_text(other)
    assert ("People" in _menu(person)) is (other == "Alder Hospital")


def _none() -> object:
    raise AssertionError("no page was opened")
