"""A lost password and an idle session, in a browser."""

from __future__ import annotations

import re
import time

import psycopg
from playwright.sync_api import Page, expect

from deploy.local.system import load_system
from deploy.postgres.bootstrap import with_database
from tests.system.conftest import Live, assert_accessible

NEW = "seven patient ferns growing"


def test_a_lost_password_is_replaced_by_mail(live: Live, page: Page) -> None:
    lead = live.new_site("Forgetful Infirmary")
    before = live.mailed_link(lead.email)
    page.goto("/sign-in")
    page.get_by_role("link", name="Choose a new password").click()
    assert_accessible(page)
    page.get_by_role("button", name="Send the mail").click()
    expect(page.get_by_role("link", name="Enter your e-mail address.")).to_be_visible()
    page.get_by_label("E-mail address").fill(lead.email)
    page.get_by_role("button", name="Send the mail").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    assert_accessible(page)
    link = live.until(lambda: (new := live.mailed_link(lead.email)) != before and new)
    page.goto(f"/set-password/{link}")
    page.get_by_label("New password").fill(NEW)
    page.get_by_label("I accept these terms").check()
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_text("Your password is set.")).to_be_visible()
    live.enter(page, lead.email, NEW)


def test_who_does_nothing_is_warned_and_then_signed_out(live: Live, page: Page) -> None:
    lead = live.new_site("Sleepy Infirmary")
    page.clock.install()
    live.enter(page, lead.email, lead.password)
    page.goto("/records")
    notice = page.locator("[data-idle]")
    expect(notice).to_be_hidden()
    page.clock.fast_forward("18:10")
    expect(notice).to_contain_text("You will be signed out in two minutes")
    assert_accessible(page)
    notice.get_by_role("button", name="Stay signed in").click()
    expect(notice).to_be_hidden()
    page.clock.fast_forward("18:10")
    expect(notice).to_be_visible()
    _lie_idle(live, lead.account_id)
    time.sleep(5)  # for as long the edge remembers who it was
    page.clock.fast_forward("02:00")
    expect(page).to_have_url(re.compile(r"/sign-in\?next=%2Frecords"), timeout=15_000)
    expect(page.get_by_text("your session has ended")).to_be_visible()


def test_what_is_typed_stays_when_the_session_has_ended(live: Live, page: Page) -> None:
    lead = live.new_site("Drowsy Infirmary")
    page.clock.install()
    live.enter(page, lead.email, lead.password)
    page.goto("/people/new")
    page.get_by_label("Full name").fill("Kim Clerk")
    page.clock.fast_forward("20:10")
    expect(page.locator("[data-idle]")).to_contain_text("What you have typed is still here")
    expect(page.get_by_label("Full name")).to_have_value("Kim Clerk")


def _lie_idle(live: Live, account_id: str) -> None:
    """What 21 minutes without a request do to the sessions of an account."""
    url = load_system(live.layout, in_use=True).postgres_url
    with psycopg.connect(with_database(url, "registration"), autocommit=True) as database:
        database.execute(
            "UPDATE session SET last_used_at = now() - interval '21 minutes' WHERE account_id = %s",
            [account_id],
        )


def test_sessions_are_seen_and_ended_and_a_password_is_changed(live: Live, page: Page) -> None:
    lead = live.new_site("Two Browsers Infirmary")
    live.enter(page, lead.email, lead.password)
    page.get_by_role("link", name="Your account").click()
    expect(page.get_by_text("This session")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name=re.compile("^End the session")).first.click()
    expect(page.get_by_text("The session has ended.")).to_be_visible()
    live.until(lambda: lead.client.get("/api/registration/v1/me").status_code == 401)
    page.get_by_label("Present password").fill("something else entirely")
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("link", name="This is not your present password.")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Present password").fill(lead.password)
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    live.enter(page, lead.email, NEW)
