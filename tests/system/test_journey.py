"""The whole journey of the product, once, in a browser, through all services and the gateway."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
from playwright.sync_api import Page, expect

from deploy.local.private_files import read_json
from tests.factories.facilities import COMPLETE
from tests.system.conftest import Live, fill_in_registration, go_back, sample_file

EMAIL = "nurse.lead@elm.example"
PASSWORD = "three calm herons waiting"


def test_from_the_registration_form_to_the_facilities_audit(
    live: Live, page: Page, tmp_path: Path, screenshots: Path
) -> None:
    def look(name: str) -> None:
        page.screenshot(path=screenshots / f"{name}.png", full_page=True)

    # A site registers.
    page.goto("/")
    look("01-start")
    page.get_by_role("link", name="Register a site").first.click()
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    look("02-register-errors")
    page.get_by_label("E-mail address of the lead").fill(EMAIL)
    page.get_by_role("button", name="Send me the link").click()
    site = {"name": "Elm General Hospital", "ods": "RZ9", "has_fls": True, "lead": "Noor Lead"}
    fill_in_registration(page, live, EMAIL, **site)
    look("03-registration-sent")

    # The audit team approves it.
    team = read_json(live.layout.demo)["audit_team"]
    live.enter(page, team["email"], team["password"])
    page.goto("/review")
    look("04-review-queue")
    page.get_by_role("link", name="Elm General Hospital").click()
    look("05-review")
    page.get_by_role("button", name="Approve the registration").click()
    expect(page.locator("main")).to_contain_text("Approved")
    page.get_by_role("button", name="Sign out").click()

    # The lead sets a password with the mailed link, and signs in.
    page.goto(f"/set-password/{live.mailed_link(EMAIL)}")
    page.get_by_label("I accept these terms").check()
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("alert")).to_contain_text("12")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("I accept these terms").check()
    page.get_by_role("button", name="Set password").click()
    live.enter(page, EMAIL, PASSWORD)
    look("06-home")

    # Uploads a file, watches its progress, reads the findings, confirms.
    file = tmp_path / "elm.csv"
    file.write_bytes(sample_file(3000, 9, _site_code(live, EMAIL)))
    page.goto("/imports/new")
    look("07-upload")
    page.locator('input[type="file"]').set_input_files(file)
    page.get_by_role("button", name="Upload and check").click()
    expect(page).to_have_url(re.compile(r"/imports/[0-9a-f-]{36}$"), timeout=60_000)
    look("08-checking")
    confirm = page.get_by_role("button", name="Confirm and store")
    expect(confirm).to_be_visible(timeout=60_000)
    expect(page.locator("main")).to_contain_text("3,000")
    look("09-checked")
    page.get_by_role("link", name="All findings by row").click()
    expect(page.locator("tbody tr").first).to_be_visible()
    look("10-findings")
    go_back(page)
    page.get_by_role("button", name="Confirm and store").click()
    expect(page.locator("main")).to_contain_text("See your records", timeout=60_000)
    look("11-applied")

    # Finds a record and opens it.
    page.get_by_role("link", name="See your records").click()
    look("12-records")
    page.locator("tbody a").first.click()
    expect(page.locator('[data-field="nhs_number"]')).to_contain_text("999")
    look("13-record")

    # Answers section A of the facilities audit, colleagues the rest; signs and submits.
    page.goto("/facilities")
    look("14-facilities")
    page.get_by_role("link", name="A. Your organisation and its service").click()
    _answer_section_a(page)
    lead = live.sign_in(EMAIL, PASSWORD)
    live.until(lambda: _has_counts(live, lead.site_code))
    page.get_by_role("button", name="Save and confirm this section").click()
    expect(page.locator("#section-A")).to_contain_text("Confirmed")
    section_a = {key: value for key, value in COMPLETE.items() if key.startswith("A")}
    others = {key: value for key, value in COMPLETE.items() if key not in section_a}
    live.answer_facilities(lead, others)
    page.reload()
    page.get_by_role("button", name="Check and submit").click()
    look("15-facilities-check")
    page.get_by_label("I have read these answers").check()
    page.get_by_role("button", name="Submit the answers").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Receipt 2026-")
    look("16-facilities-submitted")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/records")
    expect(page).to_have_url(re.compile("/sign-in"))


def _has_counts(live: Live, site_code: str) -> bool:
    """Whether facilities has heard of the site's records; till then it takes it for an idle one."""
    query = (
        "SELECT jsonb_array_length(months) > 0 FROM site_counts JOIN site USING (site_id) "
        "WHERE code = %s"
    )
    with psycopg.connect(live.database("facilities")) as database:
        found = database.execute(query, [site_code]).fetchone()
    return found is not None and bool(found[0])


def _site_code(live: Live, email: str) -> str:
    return live.sign_in(email, PASSWORD).site_code


def _answer_section_a(page: Page) -> None:
    page.locator("#A1").fill("RZ9")
    page.locator('input[name="A3"][value="1"]').check()
    page.locator("#A2").fill("Elm fracture liaison service")
    page.locator('input[name="A4"][value="1"]').check()
    page.locator("#A5").fill("Elm General Hospital")
    page.locator("#A6-month").fill("4")
    page.locator("#A6-year").fill("2019")
    page.locator('input[name="A7"][value="1"]').check()
    page.locator("#A8").fill("350000")
    page.locator("#A9_name").fill("Noor Lead")
    page.locator("#A9_email").fill(EMAIL)
