"""The role matrix against the running system: each role, with and without grants and visits, tries
an endpoint for each row, and is let in or turned away as the matrix says.

Who is let in is told that something is missing in what they sent, where an endpoint changes things:
so nothing is changed, and 403 still means no.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from services.registration.domain.roles import RIGHTS, Grant, Role
from tests.factories import matrix
from tests.factories.probes import PROBES, RECORDS, REGISTRATION, Probe
from tests.system.conftest import Live, Person, flsdb, sample_file

UNTRIED = {
    "national.read": "national figures are not published yet",
}
"""Rights that no probe tries, each with its reason."""

BOTH = frozenset(Grant)
PEOPLE: dict[str, tuple[Role, frozenset[Grant]]] = {
    "site reader": (Role.SITE_READER, frozenset()),
    "data entry": (Role.DATA_ENTRY, frozenset()),
    "data entry with import": (Role.DATA_ENTRY, frozenset({Grant.IMPORT})),
    "clinician": (Role.CLINICIAN, frozenset()),
    "clinician with import": (Role.CLINICIAN, frozenset({Grant.IMPORT})),
    "clinician with export": (Role.CLINICIAN, frozenset({Grant.EXPORT})),
    "clinician with both": (Role.CLINICIAN, BOTH),
    "site lead": (Role.SITE_LEAD, frozenset()),
    "facilities respondent": (Role.FACILITIES_RESPONDENT, frozenset()),
    "audit team": (Role.AUDIT_TEAM, frozenset()),
    "audit team, visiting": (Role.AUDIT_TEAM, frozenset()),
    "auditor": (Role.AUDITOR, frozenset()),
    "system administrator": (Role.SYSTEM_ADMIN, frozenset()),
}


@dataclass
class Cast:
    """Everybody who tries, and what they try it on."""

    clients: dict[str, httpx.Client]
    places: dict[str, str]


@pytest.fixture(scope="module")
def cast(live: Live) -> Cast:
    """A site with a record, and one person for each role."""
    lead = live.new_site("Matrix Hospital")
    assert live.import_whole(lead, sample_file(40, 5, lead.site_code))["state"] == "applied"
    site_id = lead.account["site"]["site_id"]
    team = live.audit_team()
    records = lead.client.get(f"/api/{RECORDS}/records").json()["items"]
    round_ = live.until(lambda: _current_round(lead))
    clients = {
        "site lead": lead.client,
        "audit team": team.client,
        "audit team, visiting": _visitor(live, site_id),
        "auditor": _national(live, "auditor").client,
        "system administrator": _national(live, "system_admin").client,
    }
    for name, (role, grants) in PEOPLE.items():
        if name not in clients:
            clients[name] = _colleague(live, lead, role, grants).client
    return Cast(
        clients,
        {
            "record": records[0]["record_id"],
            "site": site_id,
            "round": round_["round_id"],
            "nothing": "018f0000-0000-7000-8000-00000000dead",
        },
    )


def _current_round(lead: Person) -> dict[str, Any] | None:
    """The round, once facilities has heard of the site."""
    answer = lead.client.get("/api/facilities/v1/rounds/current")
    return dict(answer.json()) if answer.status_code == 200 else None


def _colleague(live: Live, lead: Person, role: Role, grants: frozenset[Grant]) -> Person:
    email = f"{role}.{secrets.token_hex(3)}@sites.example"
    body = {"name": f"A {role}", "email": email, "role": role, "grants": sorted(grants)}
    added = lead.client.post(f"/api/{REGISTRATION}/people", json=body)
    assert added.status_code == 201, added.text
    return _chooses_password(live, email)


def _national(live: Live, role: str) -> Person:
    email = f"{role}.{secrets.token_hex(3)}@audit.example"
    made = flsdb(live.layout.home, "admin", "create", email, "--role", role)
    assert made.returncode == 0, made.stderr
    return _chooses_password(live, email)


def _chooses_password(live: Live, email: str) -> Person:
    password = f"a pass phrase {secrets.token_hex(4)}"
    with live.client() as visitor:
        body = {"link": live.mailed_link(email), "password": password}
        answer = live.patiently(lambda: visitor.post(f"/api/{REGISTRATION}/passwords", json=body))
        assert answer.status_code == 204, answer.text
    return live.sign_in(email, password)


def _visitor(live: Live, site_id: str) -> httpx.Client:
    """Someone of the audit team on a visit, with a session of their own."""
    person = live.audit_team()
    body = {"site_id": site_id, "reason": "Trying each row of the role matrix"}
    begun = person.client.post(f"/api/{REGISTRATION}/sessions/current/visit", json=body)
    assert begun.status_code == 201, begun.text
    person.client.headers["Authorization"] = f"Bearer {begun.json()['session']}"
    return person.client


def _expected(name: str) -> frozenset[str]:
    role, grants = PEOPLE[name]
    return matrix.rights_of(role, grants, visiting=name.endswith("visiting"))


@pytest.mark.parametrize("name", list(PEOPLE))
@pytest.mark.parametrize(
    "probe", PROBES, ids=lambda probe: f"{probe.row}, {probe.method} {probe.path}"
)
def test_each_cell_of_the_matrix(live: Live, cast: Cast, probe: Probe, name: str) -> None:
    path = "/api/" + re.sub(r"{(\w+)}", lambda found: cast.places[found[1]], probe.path)
    more = {} if probe.body is None else {"json": probe.body}
    answer = live.patiently(lambda: cast.clients[name].request(probe.method, path, **more))
    allowed = not _expected(name).isdisjoint(probe.rights)
    assert answer.status_code == (probe.answer if allowed else 403), answer.text


@pytest.mark.parametrize("name", list(PEOPLE))
def test_everybody_is_told_the_rights_of_the_matrix(cast: Cast, name: str) -> None:
    me = cast.clients[name].get(f"/api/{REGISTRATION}/me").json()
    assert set(me["rights"]) == _expected(name)


def test_every_role_and_every_right_is_tried() -> None:
    assert {role for role, _ in PEOPLE.values()} == set(Role)
    tried = {right for probe in PROBES for right in probe.rights}
    assert tried | set(UNTRIED) == set(RIGHTS)
    assert not tried & set(UNTRIED), "tried now: take the reason out"


def test_a_visit_ends_and_takes_its_session_with_it(live: Live, cast: Cast) -> None:
    visitor = _visitor(live, cast.places["site"])
    path = f"/api/{RECORDS}/records/{cast.places['record']}"
    assert visitor.get(path).status_code == 200
    ended = visitor.delete(f"/api/{REGISTRATION}/sessions/current/visit")
    assert ended.status_code == 200
    old = str(visitor.headers["Authorization"])
    visitor.headers["Authorization"] = f"Bearer {ended.json()['session']}"
    assert visitor.get(path).status_code == 403
    # The edge remembers an answer for five seconds at most.
    live.until(lambda: visitor.get(path, headers={"Authorization": old}).status_code == 401)
