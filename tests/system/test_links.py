"""Every link of every page leads somewhere, for a visitor, a site's lead and the audit team."""

from __future__ import annotations

import re
from urllib.parse import urldefrag, urljoin

import httpx
import pytest

from deploy.local.private_files import read_json
from tests.system.conftest import Live

MOST_PAGES = 150
_LINK = re.compile(r'(?:href|src)="([^"]+)"')
_ANCHOR = re.compile(r'\bid="([^"]+)"')


def _crawl(client: httpx.Client, address: str) -> tuple[dict[str, int], list[str]]:
    """Every address reachable from the start page with its status, and anchors that are missing."""
    statuses: dict[str, int] = {}
    anchors: dict[str, set[str]] = {}
    wanted: set[tuple[str, str]] = set()
    waiting = ["/"]
    while waiting and len(statuses) < MOST_PAGES:
        path = waiting.pop(0)
        if path in statuses:
            continue
        answer = Live.patiently(lambda path=path: client.get(path))  # type: ignore[misc]
        statuses[path] = answer.status_code
        if "Cookie" not in client.headers and "/sign-in?" in answer.headers.get("Location", ""):
            statuses[path] = 200  # a visitor is asked to sign in first, and then goes on
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        anchors[path] = set(_ANCHOR.findall(answer.text))
        for link in _LINK.findall(answer.text):
            target, anchor = urldefrag(urljoin(address + path, link.replace("&amp;", "&")))
            if not target.startswith(address):
                assert link.startswith(("mailto:", "data:")), f"{path} leads away: {link}"
                continue
            target = target.removeprefix(address)
            if anchor:
                wanted.add((target, anchor))
            # Long lists have pages of pages: the first records and findings stand for all.
            if "?" not in target and not re.match(r"/records/[0-9a-f]", target):
                waiting.append(target)
    missing = [f"{p}#{a}" for p, a in wanted if p in anchors and a not in anchors[p]]
    return statuses, sorted(missing)


@pytest.mark.parametrize("who", ["visitor", "site_lead", "audit_team"])
def test_no_link_is_broken(live: Live, who: str) -> None:
    headers = {}
    if who != "visitor":
        account = read_json(live.layout.demo)[who]
        person = live.sign_in(account["email"], account["password"])
        session = person.client.headers["Authorization"].removeprefix("Bearer ")
        headers["Cookie"] = f"fls_session={session}"
    with httpx.Client(base_url=live.address, headers=headers, timeout=60) as client:
        statuses, missing = _crawl(client, live.address)
    assert {p: s for p, s in statuses.items() if s != 200} == {}
    assert missing == []
    assert "/downloads" in statuses
    assert len(statuses) > 15
