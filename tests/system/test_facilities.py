"""The facilities audit in browsers: a site without a service, two people at once, rounds."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect
from psycopg.types.json import Jsonb

from deploy.local.mail_sink import read_mails
from deploy.local.private_files import read_json
from tests.factories.facilities import COMPLETE, IN_2019, SHORT
from tests.system.conftest import (
    Live,
    Person,
    assert_accessible,
    fill_in_registration,
)


@pytest.fixture
def window(browser: Browser, live: Live) -> Iterator[Callable[..., Page]]:
    """Opens more windows, each with its own cookies."""
    contexts = []

    def open_one(**more: Any) -> Page:
        size = {"width": 1100, "height": 900}
        context = browser.new_context(base_url=live.address, viewport=size, **more)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


def answers_of(live: Live, person: Person) -> dict[str, Any]:
    path = f"/api/facilities/v1/rounds/{live.current_round(person)}/answers"
    found: dict[str, Any] = person.client.get(path).json()
    return found


def test_a_site_without_a_service_from_registration_to_submitted_answers(
    live: Live, page: Page
) -> None:
    email, password = f"lead.{secrets.token_hex(3)}@oak.example", "nine patient otters resting"
    page.goto("/register")
    page.get_by_label("E-mail address of the lead").fill(email)
    page.get_by_role("button", name="Send me the link").click()
    ods = f"RY{secrets.randbelow(900) + 100}"
    site = {"name": f"Oak Hospital {ods}", "ods": ods, "has_fls": False, "lead": "Ola Lead"}
    fill_in_registration(page, live, email, **site)
    team = read_json(live.layout.demo)["audit_team"]
    live.enter(page, team["email"], team["password"])
    page.goto("/review")
    page.get_by_role("link", name=site["name"]).click()
    page.get_by_role("button", name="Approve the registration").click()
    expect(page.locator("main")).to_contain_text("Approved")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"/set-password/{live.mailed_link(email)}")
    page.get_by_label("I accept these terms").check()
    page.get_by_label("New password").fill(password)
    page.get_by_role("button", name="Set password").click()
    live.enter(page, email, password)
    live.current_round(live.sign_in(email, password))

    page.goto("/facilities")
    expect(page.locator("main")).to_contain_text("registered without a fracture liaison service")
    assert_accessible(page)
    page.get_by_role("link", name="A. Your organisation and its service").click()
    page.locator("#A1").fill(ods)
    page.locator('input[name="A3"][value="3"]').check()
    expect(page.locator('[data-question="A8"]').first).to_be_hidden()
    page.locator('input[name="A4"][value="1"]').check()
    page.locator("#A9_name").fill("Ola Lead")
    page.locator("#A9_email").fill(email)
    page.get_by_role("button", name="Save and confirm this section").click()
    expect(page.locator("#section-A")).to_contain_text("Confirmed")
    page.get_by_role("link", name="K. Without a fracture liaison service").click()
    page.get_by_label("GPs", exact=True).check()
    page.locator("#K3").fill("320")
    assert_accessible(page)
    page.get_by_role("button", name="Save and confirm this section").click()
    page.get_by_role("button", name="Check and submit").click()
    page.get_by_label("I have read these answers").check()
    assert_accessible(page)
    page.get_by_role("button", name="Submit the answers").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Receipt 2026-")
    assert_accessible(page)
    page.goto("/facilities")
    expect(page.locator("main")).to_contain_text("Submitted")
    expect(page.locator("main")).not_to_contain_text("B1 ")


def test_two_browsers_answer_one_questionnaire_at_once_and_no_edit_is_lost(
    live: Live, window: Callable[..., Page]
) -> None:
    lead = live.new_site("Twin Hospital")
    colleague = live.new_person(lead, "Robin Respondent", "facilities_respondent")
    address = f"/facilities/{live.current_round(lead)}/sections"
    hers, his = window(), window()
    for person, page in ((lead, hers), (colleague, his)):
        live.enter(page, person.email, person.password)
        page.goto(f"{address}/B")

    # Both type into the grid; each page saves by itself, and knows nothing of the other.
    hers.locator('[id="B2.nurse.6"]').fill("1")
    expect(hers.locator("[data-autosave-words]")).to_contain_text("Saved", timeout=15_000)
    his.locator('[id="B2.nurse.7"]').fill("0.6")
    expect(his.locator("[data-autosave-words]")).to_contain_text("Saved", timeout=15_000)
    hers.locator('[id="B2.nurse.6"]').fill("1.5")
    hers.locator("#B1").fill("2")
    hers.get_by_role("button", name="Save", exact=True).click()
    expect(hers.locator("main")).to_contain_text("Your answers are saved.")
    his.locator('[id="B2.administrator.3"]').fill("0.5")
    his.get_by_role("button", name="Save", exact=True).click()
    expect(his.locator("main")).to_contain_text("Your answers are saved.")
    expected = {"B1": 2.0, "B2.nurse.6": 1.5, "B2.nurse.7": 0.6, "B2.administrator.3": 0.5}
    assert answers_of(live, lead)["answers"] == expected

    # Both change one cell: the second is shown both values, and decides.
    hers.goto(f"{address}/B")
    hers.evaluate("document.querySelector('form[data-autosave]').removeAttribute('data-autosave')")
    his.locator('[id="B2.nurse.6"]').fill("3")
    his.locator('[id="B2.other.9"]').fill("0.2")
    his.get_by_role("button", name="Save", exact=True).click()
    expect(his.locator("main")).to_contain_text("Your answers are saved.")
    hers.locator('[id="B2.nurse.6"]').fill("4")
    hers.locator("#B1").fill("7")
    hers.get_by_role("button", name="Save", exact=True).click()
    summary = hers.get_by_role("alert")
    expect(summary).to_contain_text("B2 Nurse, Band 6: somebody else answered 3 meanwhile")
    assert_accessible(hers)
    expect(hers.locator('[id="B2.nurse.6"]')).to_have_value("4")
    expect(hers.locator('[id="B2.other.9"]')).to_have_value("0.2")
    hers.get_by_role("button", name="Save", exact=True).click()
    expect(hers.locator("main")).to_contain_text("Your answers are saved.")
    expected |= {"B1": 7.0, "B2.nurse.6": 4.0, "B2.other.9": 0.2}
    assert answers_of(live, lead)["answers"] == expected

    # A comment and an owner are seen by the other one.
    his.locator("#comments-B2 summary").click()
    his.get_by_label("Comment for your colleagues on B2").fill("One post is vacant")
    his.get_by_role("button", name="Add the comment on B2").click()
    hers.goto(f"{address}/B")
    hers.locator("#comments-B2 summary").click()
    expect(hers.locator("#comments-B2")).to_contain_text("Robin Respondent")
    hers.get_by_text("Who looks after this section").click()
    hers.get_by_label("Colleague", exact=True).select_option(label="Robin Respondent")
    hers.get_by_role("button", name="Save who looks after it").click()
    expect(hers.locator("#section-B")).to_contain_text("Looked after by Robin Respondent")


def test_conditions_without_scripts_and_the_grid_by_keyboard_and_on_a_telephone(
    live: Live, window: Callable[..., Page]
) -> None:
    lead = live.new_site("Plain Hospital")
    address = f"/facilities/{live.current_round(lead)}/sections"
    plain = window(java_script_enabled=False)
    live.enter(plain, lead.email, lead.password)
    plain.goto(f"{address}/A")
    expect(plain.locator("main")).to_contain_text("Only if you answered “Somewhere else” to A4.")
    plain.locator('input[name="A4"][value="1"]').check()
    plain.locator("#A4_other").fill("A tent")
    plain.locator('input[name="still_right"][value="A3"]').check()
    plain.get_by_role("button", name="Save", exact=True).click()
    expect(plain.locator("main")).to_contain_text("Your answers are saved.")
    found = answers_of(live, lead)
    assert found["answers"] == {"A3": "1", "A4": "1", "A4_other": "A tent"}
    assert "A4_other" not in found["asked"]

    small = window()
    small.set_viewport_size({"width": 375, "height": 800})
    live.enter(small, lead.email, lead.password)
    small.goto(f"{address}/B")
    small.locator("#B1").focus()
    small.keyboard.type("1")
    small.keyboard.press("Tab")
    small.keyboard.type("0.4")
    small.keyboard.press("Tab")
    small.keyboard.type("half")
    assert small.evaluate("document.documentElement.scrollWidth") <= 375
    small.get_by_role("button", name="Save", exact=True).click()
    expect(small.get_by_role("alert")).to_contain_text("Administrator, Band 3")
    assert_accessible(small)
    expect(small.locator('[id="B2.administrator.2"]')).to_have_value("0.4")
    expect(small.locator('[id="B2.administrator.3"]')).to_have_value("half")


def test_answers_are_held_against_the_records_and_explained(live: Live, page: Page) -> None:
    lead = live.new_site("Quiet Hospital")
    round_id = live.current_round(lead)
    path = f"/api/facilities/v1/rounds/{round_id}/answers"
    lead.client.put(path, json={"version": 0, "answers": COMPLETE})

    def contradicted() -> bool:
        found = lead.client.get(path).json()["findings"]
        return [f["code"] for f in found if f["level"] == "contradiction"] == ["P01"]

    live.until(contradicted)
    live.enter(page, lead.email, lead.password)
    page.goto(f"/facilities/{round_id}/sections/A")
    expect(page.locator("main")).to_contain_text("The patient audit says otherwise:")
    page.get_by_role("button", name="Save and confirm this section").click()
    expect(page.get_by_role("alert")).to_contain_text("no fracture diagnosed in the last twelve")
    assert_accessible(page)
    page.get_by_label("Explain, or change your answer").fill("We begin to send next month.")
    page.get_by_role("button", name="Save and confirm this section").click()
    expect(page.locator("#section-A")).to_contain_text("Confirmed")


def test_the_audit_team_opens_reminds_closes_and_reads_a_round(live: Live, page: Page) -> None:
    first, second = live.new_site("North Hospital"), live.new_site("South Hospital", has_fls=False)
    for person in (first, second):
        live.current_round(person)
    team = read_json(live.layout.demo)["audit_team"]
    live.enter(page, team["email"], team["password"])
    page.goto("/rounds/new")
    name = f"spine-{secrets.token_hex(3)}"
    page.get_by_label("Finding vertebral fractures").check()
    page.get_by_label("Short name").fill(name)
    page.get_by_label("What sites read").fill(f"Extra {name}")
    page.get_by_label("Only those that take part in the patient audit too").check()
    for part, value in (("day", "1"), ("month", "2"), ("year", "2099")):
        page.locator(f"#closes-{part}").fill(value)
    page.get_by_role("button", name="Open the round").click()
    expect(page.locator("main")).to_contain_text("The round is there.")
    assert_accessible(page)
    address = page.url.partition("?")[0]
    round_id = address.rsplit("/", 1)[1]

    page.get_by_role("button", name="Write to the sites that have not submitted").click()
    expect(page.locator("main")).to_contain_text("get a mail")

    def reminded() -> bool:
        mails = [mail.message for mail in read_mails(live.layout.mail)]
        to = {str(mail["To"]) for mail in mails if f"Extra {name}" in str(mail["Subject"])}
        assert not any(second.email in each for each in to)
        return any(first.email in each for each in to)

    live.until(reminded)
    base = f"/api/facilities/v1/rounds/{round_id}"
    answers = {"A3": "1", "D4": ["1"], "D5": ["3"], "S1": "2", "S2": 900, "S3": 45}
    first.client.put(f"{base}/answers", json={"version": 0, "answers": answers})
    for section in "VS":
        confirmed = first.client.put(f"{base}/sections/{section}/confirmation", json={"version": 1})
        assert confirmed.status_code == 200, confirmed.text
    assert first.client.post(f"{base}/submission", json={"version": 1}).status_code == 200
    refused = second.client.put(f"{base}/answers", json={"version": 0, "answers": answers})
    assert refused.status_code == 403

    page.goto(f"{address}?state=submitted")
    expect(page.locator("tbody")).to_contain_text("North Hospital")
    page.get_by_role("link", name="Results").click()
    expect(page.locator("main")).to_contain_text("1 site has submitted.")
    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Data (CSV)").click()
    assert first.site_code in download.value.path().read_text("utf-8-sig")
    page.goto(address)
    page.get_by_text("Close it now").click()
    page.get_by_label("Reason").last.fill("All are there")
    page.get_by_role("button", name="Close the round").click()
    expect(page.locator("main")).to_contain_text("The round is closed.")
    late = first.client.post(f"{base}/sections/V/confirmation", json={"version": 1})
    assert late.status_code in (405, 409)
    assert re.search("Closed", page.locator("main").inner_text())


def test_the_papers_and_the_results_of_a_site(live: Live, page: Page) -> None:
    lead = live.new_site("Paper Hospital", has_fls=False)
    live.answer_facilities(lead, SHORT)
    live.enter(page, lead.email, lead.password)
    page.goto("/facilities")
    for link in ("Your answers on paper (PDF)", "The blank questionnaire (PDF)"):
        with page.expect_download() as download:
            page.get_by_role("link", name=link).click()
        assert download.value.path().read_bytes().startswith(b"%PDF")
    page.get_by_role("button", name="Check and submit").click()
    page.get_by_label("I have read these answers").check()
    page.get_by_role("button", name="Submit the answers").click()
    page.goto("/facilities")
    page.get_by_role("link", name="Your answers beside all sites").click()
    expect(page.locator("main")).to_contain_text("yours")
    assert_accessible(page)


def test_last_rounds_answers_are_filled_in_confirmed_and_compared(live: Live, page: Page) -> None:
    lead = live.new_site("Elder Hospital")
    round_id = live.current_round(lead)
    _answered_in_2019(live, lead)
    live.enter(page, lead.email, lead.password)
    page.goto(f"/facilities/{round_id}/sections/D")
    expect(page.locator("main")).to_contain_text("Filled in from Facilities audit 2019")
    assert_accessible(page)
    page.locator('input[name="still_right"][value="D1"]').check()
    page.get_by_label("Ward round").last.check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("main")).to_contain_text("Your answers are saved.")
    found = answers_of(live, lead)
    assert found["answers"] == {"D1": ["2"], "D2": ["1", "6"]}
    assert {"D3", "D4"} <= set(found["proposals"])
    page.goto(f"/facilities/{round_id}/last-time")
    expect(page.locator("main")).to_contain_text("Ward round, Referral by the team")
    expect(page.locator("main")).to_contain_text("New options: A tool with artificial")
    assert_accessible(page)
    page.goto(f"/facilities/{round_id}/history")
    expect(page.locator("tbody tr")).to_have_count(2)
    assert_accessible(page)


def _answered_in_2019(live: Live, lead: Person) -> None:
    """An earlier round, as an operator would have brought it in, with what the site submitted."""
    earlier = "01890000-0000-7000-8000-0000000000f9"
    with psycopg.connect(live.database("facilities"), autocommit=True) as database:
        database.execute(
            "INSERT INTO round (round_id, name, year, title, questionnaire_id, opens_on, closes_on)"
            " VALUES (%s, '2019', 2019, 'Facilities audit 2019', 'facilities-2019', '2019-09-01',"
            " '2019-12-31') ON CONFLICT DO NOTHING",
            (earlier,),
        )
        database.execute(
            "INSERT INTO submission (submission_id, round_id, site_id, version, answers,"
            " submitted_by) VALUES (gen_random_uuid(), %s, %s, 1, %s, %s)",
            (earlier, lead.account["site"]["site_id"], Jsonb(IN_2019), lead.account_id),
        )
