"""The second factor in a browser: an app set up, a telephone lost, another app."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from deploy.local.signing_in import first_code
from tests.system.conftest import Live, assert_accessible

SECRET = ".fa-qr + details code"


def test_an_app_is_set_up_lost_and_replaced(live: Live, page: Page) -> None:
    lead = live.new_site("Birch Infirmary")
    team = live.audit_team()
    path = f"/api/registration/v1/accounts/{lead.account_id}/second-factor"
    assert team.client.delete(path).status_code == 204

    # The first sign-in sets an app up; a wrong code changes nothing of what was scanned.
    _password(page, lead.email, lead.password)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Set up an authenticator app")
    assert_accessible(page)
    box = page.locator(".fa-qr svg").bounding_box()
    assert box is not None and 200 < box["width"] == box["height"]
    secret = page.locator(SECRET).text_content() or ""
    page.get_by_label("Code", exact=True).fill("12345")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("link", name="This code is not right.")).to_be_visible()
    assert page.locator(SECRET).text_content() == secret
    assert_accessible(page)
    page.get_by_label("Code", exact=True).fill(first_code(secret))
    page.get_by_role("button", name="Finish").click()
    expect(heading).to_have_text("Your recovery codes")
    assert_accessible(page)
    codes = page.locator(".fa-codes code").all_text_contents()
    assert len(codes) == 10
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_role("link", name="Records", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Sign out").click()

    # Without the telephone: a recovery code.
    _password(page, lead.email, lead.password)
    expect(heading).to_have_text("Enter your code")
    page.get_by_text("I do not have the app any more").click()
    assert_accessible(page)
    page.get_by_label("Code", exact=True).fill(codes[3].lower())
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Sign out").wait_for()

    # Another telephone takes its place, by oneself.
    page.goto("/account")
    expect(page.locator("main")).to_contain_text("9 of 10 recovery codes are left")
    assert_accessible(page)
    page.get_by_role("link", name="Use another app").click()
    page.get_by_label("Your password").fill(lead.password)
    page.get_by_role("button", name="Show the QR code").click()
    assert_accessible(page)
    page.get_by_label("Code", exact=True).fill(
        first_code(page.locator(SECRET).text_content() or "")
    )
    page.get_by_role("button", name="Use this app").click()
    expect(heading).to_have_text("Your recovery codes")
    assert not set(codes) & set(page.locator(".fa-codes code").all_text_contents())
    page.goto("/account")
    expect(page.locator("main")).to_contain_text("10 of 10 recovery codes are left")


def _password(page: Page, email: str, password: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
