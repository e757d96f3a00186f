"""axe finds nothing on the pages; and it does find what is wrong where something is."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from deploy.local.private_files import read_json
from tests.system.conftest import Live, assert_accessible

VISITOR = [
    *("/", "/about", "/register", "/sign-in", "/guidance", "/downloads", "/no-such-page"),
    *("/code-book", "/import-specification"),
]
SITE_LEAD = [
    *("/", "/records", "/imports", "/imports/new", "/facilities", "/tokens"),
    *("/people", "/people/new"),
]
AUDIT_TEAM = [
    "/",
    "/review",
    "/accounts",
    "/accounts?search=nobody",
    "/rounds",
    "/rounds/new",
    "/sites",
]


def test_axe_sees_what_is_wrong(page: Page) -> None:
    page.goto("/about")
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    with pytest.raises(AssertionError, match="image-alt"):
        assert_accessible(page)


def test_pages_of_visitors(page: Page) -> None:
    _look_at(page, VISITOR)


@pytest.mark.parametrize(
    ("who", "paths"), [("site_lead", SITE_LEAD), ("audit_team", AUDIT_TEAM)], ids=["site", "team"]
)
def test_pages_of_the_signed_in(live: Live, page: Page, who: str, paths: list[str]) -> None:
    person = read_json(live.layout.demo)[who]
    live.enter(page, person["email"], person["password"])
    _look_at(page, paths)


def _look_at(page: Page, paths: list[str]) -> None:
    for path in paths:
        page.goto(path)
        assert_accessible(page)
