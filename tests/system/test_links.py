"""Every link of every page leads somewhere: of visitors, a site lead, the audit team, a visit."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urldefrag, urljoin

import httpx
import pytest

from deploy.local.private_files import read_json
from tests.system.conftest import Live

MOST_PAGES = 150
_LINK = re.compile(r'(?:href|src)="([^"]+)"')
_ANCHOR = re.compile(r'\bid="([^"]+)"')
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}")


EXPECTED = {
    "site_lead": {
        "/records/new?",
        "/records/export?",
        "/records/deleted?",
        "/records/<id>?",
        "/records/<id>/history?",
        "/records/<id>/versions/<number>?",
        "/records/<id>/reads?",
        "/records/<id>/delete?",
        "/records?sort",
        "/worklists/warnings?",
        "/worklists/assessment/next?total",
        "/periods?",
        "/opt-outs?",
    },
    "audit_team": {
        "/unlock-requests?",
        "/periods/manage?",
        "/periods/manage/year?",
        "/periods/manage/extension?",
    },
    "visit": {"/records/<id>/erase?", "/records/<id>/history?", "/periods?"},
}
"""Pages that have to be reached by links, by who looks."""


def _shape(target: str) -> str:
    """An address without what differs from record to record: the first of a shape stands for all.

    Lists have pages of pages, and each record has a page for each section and version.
    """
    path, _, query = target.partition("?")
    plain = re.sub(r"/\d+(?=/|$)", "/<number>", _ID.sub("<id>", path))
    return f"{plain}?{','.join(sorted(parse_qs(query)))}"


def _crawl(client: httpx.Client, address: str) -> tuple[dict[str, int], list[str]]:
    """Every address reachable from the start page with its status, and anchors that are missing."""
    statuses: dict[str, int] = {}
    anchors: dict[str, set[str]] = {}
    wanted: set[tuple[str, str]] = set()
    waiting, shapes = ["/"], set()
    while waiting and len(statuses) < MOST_PAGES:
        path = waiting.pop(0)
        if path in statuses:
            continue
        answer = Live.patiently(lambda path=path: client.get(path))  # type: ignore[misc]
        statuses[path] = answer.status_code
        if answer.status_code == 303 and "Cookie" in client.headers:
            statuses[path] = 200  # it leads on, such as into a work-list
            waiting.append(answer.headers["Location"])
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
            if _shape(target) not in shapes:
                shapes.add(_shape(target))
                waiting.append(target)
    missing = [f"{p}#{a}" for p, a in wanted if p in anchors and a not in anchors[p]]
    return statuses, sorted(missing)


def _visiting(live: Live) -> str:
    """The session of somebody of the audit team who visits the demo site."""
    site_id = live.site_lead().account["site"]["site_id"]
    answer = live.audit_team().client.post(
        "/api/registration/v1/sessions/current/visit",
        json={"site_id": site_id, "reason": "Every link is tried."},
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["session"])


@pytest.mark.parametrize("who", ["visitor", "site_lead", "audit_team", "visit"])
def test_no_link_is_broken(live: Live, who: str) -> None:
    headers = {}
    if who == "visit":
        headers["Cookie"] = f"fls_session={_visiting(live)}"
    elif who != "visitor":
        account = read_json(live.layout.demo)[who]
        person = live.sign_in(account["email"], account["password"])
        session = person.client.headers["Authorization"].removeprefix("Bearer ")
        headers["Cookie"] = f"fls_session={session}"
    with httpx.Client(base_url=live.address, headers=headers, timeout=60) as client:
        statuses, missing = _crawl(client, live.address)
    if who == "audit_team":
        # The guidance speaks to sites: it leads to a page that is theirs alone.
        assert statuses.pop("/imports/new?choices=open") == 403
    assert {p: s for p, s in statuses.items() if s != 200} == {}
    assert missing == []
    assert "/downloads" in statuses
    assert len(statuses) > 15
    shapes = {_shape(path) for path in statuses}
    assert EXPECTED.get(who, set()) <= shapes, EXPECTED[who] - shapes
