"""Typing records in a real browser: with and without scripts, two people, lost sessions."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dataset.nhs_number import check_digit
from tests.system.conftest import Live, Person, assert_accessible, go_back

TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module")
def site(live: Live) -> Person:
    """The lead of a site of its own."""
    return live.new_site("Typing General Hospital")


@pytest.fixture(scope="module")
def colleague(live: Live, site: Person) -> Person:
    """A second person of the same site."""
    return live.new_person(site, "Kim Clerk", "clinician")


Window = Callable[..., Page]


@pytest.fixture
def window(browser: Browser, live: Live) -> Iterator[Window]:
    """Opens a browser of its own in which somebody is signed in."""
    contexts: list[BrowserContext] = []

    def open_for(person: Person, *, scripts: bool = True, width: int = 1100) -> Page:
        context = browser.new_context(
            base_url=live.address,
            java_script_enabled=scripts,
            viewport={"width": width, "height": 900},
        )
        contexts.append(context)
        session = person.client.headers["Authorization"].removeprefix("Bearer ")
        context.add_cookies([{"name": "fls_session", "value": session, "url": live.address}])
        return context.new_page()

    yield open_for
    for context in contexts:
        context.close()


def _number() -> str:
    """An NHS number that nobody has and no other test uses."""
    while True:
        nine = f"999{secrets.randbelow(10**6):06d}"
        digit = check_digit(nine)
        if digit is not None:
            return f"{nine}{digit}"


def _date(page: Page, key: str, day: date) -> None:
    for part, text in (("day", day.day), ("month", day.month), ("year", day.year)):
        page.locator(f"#{key}-{part}").fill(str(text))


def _choose(page: Page, key: str, code: str) -> None:
    page.locator(f'input[name="{key}"][value="{code}"]').check()


def _save(page: Page, button: str = "Save and continue") -> None:
    page.get_by_role("button", name=button, exact=True).click()


def _begin(page: Page, number: str) -> str:
    """Begins a record with its number; returns the address of the record."""
    page.goto("/records/new")
    page.get_by_label("NHS number", exact=True).fill(number)
    _date(page, "opt_out_checked_on", TODAY)
    if page.locator(".js-enabled").count():
        expect(page.locator("#lookup")).not_to_be_empty()
    page.get_by_role("button", name="Continue", exact=True).click()
    page.wait_for_url(re.compile(r"/records/[0-9a-f-]{36}/sections/1$"))
    return page.url.removesuffix("/sections/1")


def _key_fields(page: Page, diagnosed_on: date) -> None:
    _date(page, "date_of_birth", date(1950, 3, 1))
    _choose(page, "gender", "2")
    _date(page, "date_index_diagnosed", diagnosed_on)
    _choose(page, "site_1", "3")


def _stored(live: Live, person: Person, address: str) -> dict[str, Any]:
    record_id = UUID(address.rsplit("/", 1)[1])
    answer = person.client.get(f"/api/records/v1/records/{record_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _new_record(live: Live, person: Person, diagnosed_on: date, **values: Any) -> str:
    """A record sent by a program; returns its address."""
    body = {
        "values": {
            "nhs_number": _number(), "date_of_birth": "1950-03-01", "gender": "2",
            "date_index_diagnosed": diagnosed_on.isoformat(), "site_1": "3", **values,
        },
        "opt_out_checked_on": TODAY.isoformat(),
    }  # fmt: skip
    answer = person.client.post("/api/records/v1/records", json=body)
    assert answer.status_code == 201, answer.text
    return f"{live.address}/records/{answer.json()['record_id']}"


def test_a_year_of_a_record_from_its_number_to_complete(
    live: Live, site: Person, window: Window, screenshots: Path
) -> None:
    page = window(site)
    diagnosed = TODAY - timedelta(days=400)
    number = _number()

    # The number says at once whether it is right.
    page.goto("/records/new")
    assert_accessible(page)
    box = page.get_by_label("NHS number", exact=True)
    expect(box).to_be_focused()
    box.fill(number[:-1] + str((int(number[-1]) + 1) % 10))
    expect(page.locator("#lookup .fa-found--error")).to_be_visible()
    assert_accessible(page)
    box.fill(number)
    expect(page.locator("#lookup")).to_contain_text("Not recorded here yet")
    expect(page.locator("#lookup-voice")).to_have_text(
        "The check digit fits. Not recorded here yet."
    )
    page.get_by_label("Local identifier (optional)").fill("H-77")
    _date(page, "opt_out_checked_on", TODAY)
    page.get_by_role("button", name="Continue", exact=True).click()
    page.wait_for_url(re.compile("/sections/1$"))
    address = page.url.removesuffix("/sections/1")

    # Section 1 with a gap: it is said, and nothing is lost.
    _key_fields(page, diagnosed)
    page.locator("#date_of_birth-day").fill("")
    page.get_by_label("Home postcode").fill("EX1 1AA")
    _save(page)
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    expect(page.locator("#date_of_birth-year")).to_have_value("1950")
    assert_accessible(page)
    page.screenshot(path=screenshots / "typing-errors.png", full_page=True)
    page.locator(".nhsuk-error-summary a").first.click()
    expect(page.locator("#date_of_birth-day")).to_be_focused()
    page.keyboard.type("1")
    _choose(page, "care_home", "0")
    _date(page, "date_fls_contact", diagnosed + timedelta(days=3))
    _date(page, "date_fls_assessment", diagnosed + timedelta(days=20))
    _choose(page, "admitted", "0")
    _choose(page, "fracture_type", "1")
    _save(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Risk factors")

    # Sections 2 to 5.
    page.get_by_label("Height").fill("165")
    page.get_by_label("Weight").fill("61,5")
    for key in ("previous_fracture", "parental_hip_fracture", "smoker"):
        _choose(page, key, "0")
    _choose(page, "therapy_at_fracture", "0")
    _save(page)
    _choose(page, "dxa", "1")
    _date(page, "dxa_date", diagnosed + timedelta(days=25))
    page.get_by_label("Lowest T-score").fill("-2.7")
    _choose(page, "fracture_risk", "1")
    _save(page)
    _choose(page, "therapy_recommended", "1")
    _choose(page, "calcium_vit_d_recommended", "1")
    _save(page)
    _choose(page, "falls_assessed", "1")
    for key in ("two_falls", "fear_of_falling", "falls_risk_drugs", "vision", "toileting",
                "cardiac_abnormal", "cognition"):  # fmt: skip
        _choose(page, key, "0")
    _choose(page, "mobility_pre", "1")
    _choose(page, "falls_referrals", "0")
    _save(page)

    # Both follow-ups, which are due by now.
    expect(page.get_by_role("heading", level=1)).to_contain_text("Follow-up at 12 to 16 weeks")
    _choose(page, "fu16_done", "1")
    _date(page, "fu16_date", diagnosed + timedelta(days=100))
    _choose(page, "fu16_by", "1")
    _choose(page, "ca_vitd_started", "1")
    _choose(page, "therapy_16w", "1")
    _choose(page, "strength_balance_started", "1")
    _save(page)
    _choose(page, "fu52_done", "1")
    _date(page, "fu52_date", diagnosed + timedelta(days=360))
    _choose(page, "fu52_by", "1")
    _choose(page, "ca_vitd_adherent", "1")
    _choose(page, "therapy_52w", "1")
    page.get_by_label("New fractures since the index fracture").fill("1")
    _choose(page, "refracture_1_site", "1")
    _date(page, "refracture_1_on", diagnosed + timedelta(days=200))
    assert_accessible(page)
    _save(page)

    # The record is complete and says so.
    expect(page).to_have_url(re.compile(f"^{re.escape(address)}"))
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator(".nhsuk-task-list__status")).to_have_text(["Complete"] * 7)
    expect(page.locator('[data-field="weight_kg"]')).to_have_text("61.5 kg")
    assert_accessible(page)
    page.screenshot(path=screenshots / "typing-complete.png", full_page=True)
    stored = _stored(live, site, address)
    assert stored["state"] == "valid" and stored["values"]["t_score"] == "-2.7"
    assert stored["opt_out_checked_on"] == TODAY.isoformat()
    assert stored["progress"]["answered"] == stored["progress"]["needed"]

    # The same number is known from now on.
    page.goto("/records/new")
    page.get_by_label("NHS number", exact=True).fill(number)
    expect(page.locator("#lookup")).to_contain_text("Already recorded here")
    expect(page.locator("#lookup a")).to_have_attribute(
        "href", re.compile(address.rsplit("/", 1)[1])
    )
    assert_accessible(page)


def test_without_scripts_everything_is_there(live: Live, site: Person, window: Window) -> None:
    page = window(site, scripts=False)
    number = _number()
    address = _begin(page, number)
    _key_fields(page, TODAY - timedelta(days=30))
    _save(page)
    page.goto(f"{address}/sections/5")
    words = page.get_by_text("Only asked if 5.01 is Yes.")
    expect(words).to_be_visible()
    expect(page.locator("#two_falls")).to_be_visible()
    _choose(page, "falls_assessed", "0")
    _choose(page, "vision", "1")
    _save(page)
    expect(page.get_by_role("alert")).to_contain_text("5.01")
    expect(page.locator('input[name="vision"][value="1"]')).to_be_checked()
    _choose(page, "vision", "")
    _save(page, "Save and go to the record")
    stored = _stored(live, site, address)
    assert stored["values"]["falls_assessed"] == "0" and "vision" not in stored["values"]

    # Who is recorded already is shown when the form is sent.
    page.goto("/records/new")
    page.get_by_label("NHS number", exact=True).fill(number)
    _date(page, "opt_out_checked_on", TODAY)
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("recorded here already")
    expect(page.locator("#lookup a").first).to_be_visible()
    page.get_by_role("button", name="Continue", exact=True).click()
    page.wait_for_url(re.compile("/sections/1$"))


def test_questions_appear_when_their_condition_holds(
    live: Live, site: Person, window: Window
) -> None:
    page = window(site)
    address = _new_record(live, site, TODAY - timedelta(days=30))
    page.goto(f"{address}/sections/3")
    why, scan, score = (page.locator(f'[data-question="{key}"]') for key in
                        ("dxa_not_ordered", "dxa_date", "t_score"))  # fmt: skip
    expect(why).to_be_hidden()
    expect(scan).to_be_hidden()
    _choose(page, "dxa", "0")
    expect(why).to_be_visible()
    _choose(page, "dxa_not_ordered", "3")
    _choose(page, "dxa", "1")
    expect(why).to_be_visible()  # it has an answer, which would be saved unseen
    note = page.get_by_role("button", name="Clear these answers").first
    expect(note).to_be_visible()
    assert_accessible(page)
    note.click()
    expect(why).to_be_hidden()
    expect(scan).to_be_visible()
    expect(score).to_be_hidden()
    _date(page, "dxa_date", TODAY - timedelta(days=10))
    expect(score).to_be_visible()
    page.get_by_role("button", name=re.compile("Clear the answer to DXA scan")).click()
    expect(page.locator('input[name="dxa"][value="1"]')).not_to_be_checked()

    # One exclusive answer takes the others away, and the other way round.
    page.goto(f"{address}/sections/4")
    _choose(page, "therapy_recommended", "1")
    _choose(page, "therapy_recommended", "42")
    expect(page.locator('input[name="therapy_recommended"][value="1"]')).not_to_be_checked()
    _choose(page, "therapy_recommended", "6")
    expect(page.locator('input[name="therapy_recommended"][value="42"]')).not_to_be_checked()


def test_a_double_click_makes_one_record(live: Live, site: Person, window: Window) -> None:
    page = window(site, scripts=False)  # nothing but the server stands in its way
    number = _number()
    page.goto("/records/new")
    page.get_by_label("NHS number", exact=True).fill(number)
    _date(page, "opt_out_checked_on", TODAY)
    page.get_by_role("button", name="Continue", exact=True).dblclick()
    page.wait_for_url(re.compile("/sections/1$"))
    _key_fields(page, TODAY - timedelta(days=30))
    page.get_by_role("button", name="Save and continue", exact=True).dblclick()
    page.wait_for_url(re.compile("/sections/2"))
    found = site.client.post("/api/records/v1/records/lookup", json={"nhs_number": number}).json()
    assert len(found["records"]) == 1 and found["entries"] == []


def test_the_back_button_harms_nothing(live: Live, site: Person, window: Window) -> None:
    page = window(site)
    address = _begin(page, _number())
    _key_fields(page, TODAY - timedelta(days=30))
    _save(page)
    page.get_by_label("Height").fill("165")
    _save(page)
    go_back(page)
    expect(page.get_by_label("Height")).to_have_value(re.compile("165"))
    page.get_by_label("Height").fill("166")
    _save(page)
    go_back(page)
    go_back(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Patient")
    _save(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Risk factors")
    stored = _stored(live, site, address)
    assert stored["values"]["height_cm"] == "166.0"


def test_what_is_typed_is_kept_while_typing_and_when_the_window_is_closed(
    live: Live, site: Person, window: Window
) -> None:
    address = _new_record(live, site, TODAY - timedelta(days=30))
    page = window(site)
    page.goto(f"{address}/sections/2")
    page.get_by_label("Height").fill("165")
    expect(page.locator("[data-autosave-words]")).to_contain_text("What you typed is kept")
    expect(page.locator("[data-autosave-voice]")).to_contain_text("What you typed is kept")
    page.get_by_label("Weight").fill("6x")
    page.goto("about:blank")  # at once, before the next keeping

    def waits() -> bool:
        return _stored(live, site, address)["texts"] == {"height_cm": "165", "weight_kg": "6x"}

    live.until(waits)
    assert "height_cm" not in _stored(live, site, address)["values"], "nobody saved it"

    again = window(site)
    again.goto(address)
    expect(again.locator("#waiting")).to_contain_text("Height")
    assert_accessible(again)
    again.locator("#waiting a").first.click()
    expect(again.get_by_label("Height")).to_have_value("165")
    expect(again.get_by_label("Weight")).to_have_value("6x")
    _save(again)
    expect(again.get_by_role("alert")).to_be_visible()
    stored = _stored(live, site, address)
    assert stored["values"]["height_cm"] == "165.0" and stored["texts"] == {"weight_kg": "6x"}
    assert stored["state"] == "invalid"


def test_a_lost_session_loses_nothing(live: Live, site: Person, window: Window) -> None:
    for scripts in (True, False):
        address = _new_record(live, site, TODAY - timedelta(days=30))
        page = window(site, scripts=scripts)
        page.goto(f"{address}/sections/2")
        page.get_by_label("Height").fill("165")
        _choose(page, "smoker", "1")
        cookies = [c for c in page.context.cookies() if c["name"] != "fls_session"]
        page.context.clear_cookies()
        page.context.add_cookies(
            [{k: c[k] for k in ("name", "value", "domain", "path")} for c in cookies]
        )  # type: ignore[misc]
        _save(page)
        expect(page.locator("main")).to_contain_text("What you typed has been kept")
        if scripts:
            assert_accessible(page)
        page.get_by_label("E-mail address").fill(site.email)
        page.get_by_label("Password", exact=True).fill(site.password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        live.pass_second_factor(page, site.email)
        expect(page.get_by_role("heading", level=1)).to_have_text("What you typed has been kept")
        if scripts:
            assert_accessible(page)
        page.get_by_role("button", name="Save what you typed").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Bone assessment")
        values = _stored(live, site, address)["values"]
        assert values["height_cm"] == "165.0" and values["smoker"] == "1"


def test_two_people_at_once_see_both_answers(
    live: Live, site: Person, colleague: Person, window: Window, screenshots: Path
) -> None:
    address = _new_record(live, site, TODAY - timedelta(days=30), height_cm="160")
    mine, theirs = window(site), window(colleague)
    for page in (mine, theirs):
        page.goto(f"{address}/sections/2")
    theirs.get_by_label("Height").fill("170")
    _choose(theirs, "previous_fracture", "1")
    _save(theirs)
    expect(theirs.get_by_role("heading", level=1)).to_contain_text("Bone assessment")

    mine.get_by_label("Height").fill("165")
    _choose(mine, "smoker", "1")
    _save(mine)
    expect(mine.get_by_role("heading", level=1)).to_contain_text(
        "Somebody else changed this record"
    )
    main = mine.locator("main")
    for words in ("Yours: 165", "Theirs: 170.0 cm", "By Kim Clerk"):
        expect(main).to_contain_text(words)
    assert_accessible(mine)
    mine.screenshot(path=screenshots / "typing-conflict.png", full_page=True)
    mine.get_by_role("button", name="Save what you chose").click()
    expect(mine.get_by_role("alert")).to_contain_text("Choose which answer to keep")
    mine.get_by_label(re.compile("Yours: 165")).check()
    mine.get_by_role("button", name="Save what you chose").click()
    expect(mine.get_by_role("heading", level=1)).to_contain_text("Bone assessment")
    values = _stored(live, site, address)["values"]
    assert values["height_cm"] == "165.0", "what was chosen"
    assert values["smoker"] == "1", "what only one of them changed"
    assert values["previous_fracture"] == "1", "what only the other changed"


def test_a_warning_is_acknowledged_with_name_and_day(
    live: Live, site: Person, colleague: Person, window: Window
) -> None:
    address = _new_record(live, site, TODAY - timedelta(days=30), height_cm="125")
    page = window(colleague)
    page.goto(f"{address}/sections/2")
    expect(page.locator(".fa-doubt")).to_contain_text("Please check")
    assert_accessible(page)
    page.get_by_label("Weight").fill("60")
    page.get_by_role("button", name=re.compile("This is right: acknowledge")).click()
    expect(page.locator(".fa-doubt")).to_contain_text("Acknowledged by Kim Clerk (you)")
    expect(page.get_by_label("Weight")).to_have_value(re.compile("60"))
    other = window(site)
    other.goto(address)
    expect(other.locator("main")).to_contain_text("Acknowledged by Kim Clerk on")
    assert _stored(live, site, address)["state"] == "valid"


def test_follow_ups_are_typed_one_after_the_other_from_the_work_list(
    live: Live, window: Window, screenshots: Path
) -> None:
    person = live.new_site("Follow-up General Hospital")
    diagnosed = TODAY - timedelta(days=90)
    for day in range(3):
        _new_record(live, person, diagnosed + timedelta(days=day), therapy_recommended=["1"])
    page = window(person)
    page.goto("/worklists/followup_16_due")
    page.locator("main table a, main .nhsuk-table a").first.click()
    expect(page).to_have_url(re.compile("/follow-up/16"))
    for number in (1, 2, 3):
        expect(page.locator(".fa-step")).to_contain_text(f"{number} of 3")
        expect(page.locator(".fa-context")).to_contain_text("Alendronate")
        if number == 1:
            assert_accessible(page)
            page.screenshot(path=screenshots / "typing-quick-form.png", full_page=True)
        _choose(page, "fu16_done", "1")
        _date(page, "fu16_date", TODAY - timedelta(days=1))
        _choose(page, "fu16_by", "1")
        page.get_by_role("button", name=re.compile("^Save and (go to the next|finish)")).click()
    expect(page).not_to_have_url(re.compile("/follow-up/"))
    assert_accessible(page)
    answer = person.client.get("/api/records/v1/worklists/followup_16_due").json()
    assert answer["total"] == 0


def test_the_keyboard_alone_is_enough(live: Live, site: Person, window: Window) -> None:
    address = _new_record(live, site, TODAY - timedelta(days=30))
    page = window(site)
    page.goto(f"{address}/sections/2")
    page.get_by_label("Height").focus()
    page.keyboard.type("165")
    page.keyboard.press("Tab")
    page.keyboard.type("60")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # the first answer of 2.03
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")  # past its Clear
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator('input[name="previous_fracture"][value="1"]')).to_be_checked()
    expect(page.locator('input[name="parental_hip_fracture"][value="0"]')).to_be_checked()
    page.get_by_label("Height").focus()
    page.keyboard.press("Enter")  # sends the form by its first button
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bone assessment")
    assert _stored(live, site, address)["values"]["previous_fracture"] == "1"


def test_another_site_sees_nothing(live: Live, site: Person, window: Window) -> None:
    address = _new_record(live, site, TODAY - timedelta(days=30))
    stranger = window(live.new_site("Stranger General Hospital"))
    for path in ("", "/sections/2", "/follow-up/16"):
        stranger.goto(f"{address}{path}")
        expect(stranger.get_by_role("heading", level=1)).to_have_text("Page not found")


@pytest.mark.parametrize("width", [1100, 375])
def test_every_page_is_accessible(
    live: Live, site: Person, window: Window, screenshots: Path, width: int
) -> None:
    address = _new_record(
        live, site, TODAY - timedelta(days=200), height_cm="125", falls_assessed="1",
        dxa="1", fu16_done="1", fu16_date=(TODAY - timedelta(days=100)).isoformat(),
    )  # fmt: skip
    page = window(site, width=width)
    paths = ["/records/new", address, *(f"{address}/sections/{n}" for n in range(1, 8)),
             f"{address}/follow-up/16", f"{address}/follow-up/52"]  # fmt: skip
    for path in paths:
        page.goto(path)
        assert_accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} is {wide} wide"
        name = path.replace(address, "record").strip("/").replace("/", "-")
        page.screenshot(path=screenshots / f"typing-{name}-{width}.png", full_page=True)
