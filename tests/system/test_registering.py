"""A site's whole way in, in a browser: guide, form, question back, approval, suspension."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from deploy.local.private_files import read_json
from tests.system.conftest import Live, assert_accessible, registration_link

PASSWORD = "seven purple lamps"


def test_from_the_guide_to_a_site_that_is_suspended_and_reinstated(
    live: Live, page: Page, browser: Browser, tmp_path: Path
) -> None:
    email = f"noor.{secrets.token_hex(3)}@oak.example"
    name = f"Oak Hospital {secrets.token_hex(3)}"
    heading = page.get_by_role("heading", level=1)

    # What is asked of us?
    page.goto("/who-should-take-part")
    page.get_by_role("button", name="Answer a few questions").click()
    for answer in ("England", "Yes", "Yes", "Yes"):
        assert_accessible(page)
        page.get_by_label(answer, exact=True).check()
        page.get_by_role("button", name="Go on").click()
    expect(heading).to_have_text("You take full part")
    assert_accessible(page)
    page.get_by_role("button", name="Register your site").click()

    # A link by mail, and the form part by part.
    assert_accessible(page)
    page.get_by_label("E-mail address of the lead").fill(email)
    page.get_by_role("button", name="Send me the link").click()
    expect(heading).to_have_text("Check your e-mail")
    page.goto(f"/register/{registration_link(live, email)}")
    expect(page.locator("main")).to_contain_text("Not begun")
    assert_accessible(page)
    page.get_by_role("link", name="Your organisation").click()
    page.get_by_label("Name of the organisation").fill(name)
    page.get_by_label("Hospital", exact=True).check()
    page.get_by_label("England").check()
    page.get_by_label("ODS code", exact=True).fill("oak")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("link", name=re.compile("^Enter the ODS code"))).to_be_visible()
    assert_accessible(page)
    page.get_by_label("ODS code", exact=True).fill(_ods_code())
    page.get_by_role("button", name="Save and go on").click()
    expect(heading).to_have_text("The fracture liaison service")
    page.get_by_label("Yes", exact=True).check()
    page.get_by_role("button", name="Save and go on").click()
    expect(page.locator("main")).to_contain_text("a few more questions")
    assert_accessible(page)
    page.get_by_label("How many hip fractures").fill("250")
    page.get_by_role("button", name="Save and come back later").click()
    expect(page.locator("main")).to_contain_text("Complete")
    page.get_by_role("link", name="People").click()
    page.get_by_label("Full name of the lead").fill("Noor Lead")
    page.get_by_label("Full name of the Caldicott Guardian").fill("Pat Guardian")
    page.get_by_label("E-mail address of the Caldicott Guardian").fill("pat@oak.example")
    page.get_by_role("button", name="Save and go on").click()
    expect(heading).to_have_text("Statements")
    assert_accessible(page)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Save and go on").click()
    expect(heading).to_have_text("Check and send")
    expect(page.locator("main")).to_contain_text("Pat Guardian")
    assert_accessible(page)
    page.get_by_role("button", name="Send the registration").click()
    expect(heading).to_contain_text("Registration FA-")
    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Save a copy").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")

    # The audit team asks, the applicant answers, the team approves.
    team = browser.new_context(base_url=live.address).new_page()
    account = read_json(live.layout.demo)["audit_team"]
    live.enter(team, account["email"], account["password"])
    team.goto("/review")
    team.get_by_role("link", name=name).click()
    assert_accessible(team)
    team.get_by_label("Question").fill("Which ward do you work from?")
    team.get_by_role("button", name="Ask the applicant").click()
    expect(team.get_by_text("Asked. The applicant")).to_be_visible()
    page.goto(f"/register/{registration_link(live, email, 'question about')}")
    expect(page.locator("main")).to_contain_text("Which ward do you work from?")
    assert_accessible(page)
    page.get_by_label("Your answer").fill("Ward 7.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_text("Your answer is with the audit team.")).to_be_visible()
    team.goto("/review")
    team.get_by_role("link", name=name).click()
    expect(team.locator("main")).to_contain_text("Ward 7.")
    team.get_by_role("button", name="Approve the registration").click()
    page.goto(f"/set-password/{live.mailed_link(email)}")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("I accept these terms").check()
    page.get_by_role("button", name="Set password").click()
    live.enter(page, email, PASSWORD)
    live.until(lambda: (page.goto("/records") or _none()).status == 200)

    # Suspended, nobody gets in; reinstated, all is as before.
    team.goto("/sites")
    team.get_by_label("Name or code").fill(name)
    team.get_by_role("button", name="Search").click()
    team.get_by_role("link", name=name, exact=True).click()
    assert_accessible(team)
    team.get_by_label("Reason").fill("Data of two sites were mixed up.")
    team.get_by_role("button", name="Suspend the site").click()
    expect(team.get_by_text("The site is suspended.")).to_be_visible()
    assert_accessible(team)
    live.until(lambda: (page.goto("/records") or _none()).status == 403)
    team.get_by_role("button", name="Reinstate the site").click()
    live.until(lambda: (page.goto("/records") or _none()).status == 200)
    team.context.close()


def _ods_code() -> str:
    """A code that no other test's site has, but for a chance in a hundred thousand."""
    return f"T{secrets.choice('BCDFGHJK')}{secrets.randbelow(1000):03d}"


def _none() -> object:
    raise AssertionError("the page did not answer")
