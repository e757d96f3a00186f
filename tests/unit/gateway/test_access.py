"""Who may open what: a census of all routes, form tokens, sessions that have ended."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from services.registration.domain.roles import RIGHTS
from services.shared.identity import HEADER, access_of
from tests.fakes.facilities import ROUND_ID
from tests.fakes.services import (
    APPLICATION_ID,
    IMPORT_ID,
    OTHER_ACCOUNT_ID,
    RECORD_ID,
    SITE_ID,
    TOKEN_ID,
    FakeServices,
)
from tests.fakes.working import PAIR_ID, REQUEST_ID
from tests.unit.gateway.conftest import Person

OF_ALL_SITES = "facilities.manage, facilities.read_national"
OF_ROUNDS = f"facilities.read, {OF_ALL_SITES}"
CENSUS = {
    "GET /": "public",
    "GET /about": "public",
    "GET /accessibility": "public",
    "GET /account": "signed in",
    "GET /account/app": "signed in",
    "GET /account/recovery-codes": "signed in",
    "GET /accounts": "accounts.manage",
    "GET /accounts/<uuid:account_id>": "accounts.manage",
    "GET /code-book": "public",
    "GET /contact": "public",
    "GET /downloads": "public",
    "GET /downloads/<name>": "public",
    "GET /duplicates": "records.read",
    "GET /duplicates/<uuid:pair_id>": "records.read",
    "GET /extract": "records.extract",
    "GET /facilities": "facilities.read",
    "GET /facilities/<uuid:round_id>": "facilities.read",
    "GET /facilities/<uuid:round_id>/answers.pdf": "facilities.read",
    "GET /facilities/<uuid:round_id>/definitions.csv": OF_ROUNDS,
    "GET /facilities/<uuid:round_id>/history": "facilities.read",
    "GET /facilities/<uuid:round_id>/last-time": "facilities.read",
    "GET /facilities/<uuid:round_id>/questionnaire.pdf": OF_ROUNDS,
    "GET /facilities/<uuid:round_id>/receipt": "facilities.read",
    "GET /facilities/<uuid:round_id>/results": "facilities.read",
    "GET /facilities/<uuid:round_id>/sections/<string:section_id>": "facilities.read",
    "GET /facilities/<uuid:round_id>/submission": "facilities.submit",
    "GET /favicon.ico": "public",
    "GET /forgotten-password": "public",
    "GET /guidance": "public",
    "GET /health/live": "public",
    "GET /health/ready": "public",
    "GET /how-to-take-part": "public",
    "GET /import-specification": "public",
    "GET /imports": "records.read",
    "GET /imports/<uuid:import_id>": "records.read",
    "GET /imports/<uuid:import_id>/changes": "records.read",
    "GET /imports/<uuid:import_id>/corrections": "records.read",
    "GET /imports/<uuid:import_id>/findings": "records.read",
    "GET /imports/<uuid:import_id>/held": "records.import",
    "GET /imports/<uuid:import_id>/held/<int:row_number>": "records.import",
    "GET /imports/<uuid:import_id>/mend": "records.import",
    "GET /imports/<uuid:import_id>/progress": "records.read",
    "GET /imports/<uuid:import_id>/receipt": "records.read",
    "GET /imports/<uuid:import_id>/receipt.json": "records.read",
    "GET /imports/<uuid:import_id>/setup": "records.import",
    "GET /imports/<uuid:import_id>/undo": "records.import",
    "GET /imports/new": "records.import",
    "GET /imports/setups": "records.import",
    "GET /log": "site.manage, registrations.review",
    "GET /notices": "registrations.review",
    "GET /opt-outs": "records.delete",
    "GET /participation": "site.manage, registrations.review",
    "GET /participation.pdf": "site.manage, registrations.review",
    "GET /people": "site.manage, accounts.manage",
    "GET /people/<uuid:account_id>": "site.manage, accounts.manage",
    "GET /people/new": "site.manage, accounts.manage",
    "GET /people/transfer": "site.manage",
    "GET /periods": "records.read",
    "GET /periods/<int:year>/unlock": "records.write",
    "GET /periods/manage": "periods.manage",
    "GET /periods/manage/extension": "periods.manage",
    "GET /periods/manage/year": "periods.manage",
    "GET /privacy": "public",
    "GET /questions": "public",
    "GET /records": "records.read",
    "GET /records/<uuid:record_id>": "records.read",
    "GET /records/<uuid:record_id>/delete": "records.delete",
    "GET /records/<uuid:record_id>/erase": "records.erase",
    "GET /records/<uuid:record_id>/follow-up/<int:weeks>": "records.write",
    "GET /records/<uuid:record_id>/history": "records.read",
    "GET /records/<uuid:record_id>/reads": "records.reads",
    "GET /records/<uuid:record_id>/sections/<int:number>": "records.write",
    "GET /records/<uuid:record_id>/unlock": "records.write",
    "GET /records/<uuid:record_id>/versions/<int:version>": "records.read",
    "GET /records/deleted": "records.delete",
    "GET /records/export": "records.export",
    "GET /records/new": "records.write",
    "GET /records/search": "records.read",
    "GET /register": "public",
    "GET /register/<link>": "public",
    "GET /register/<link>/<section>": "public",
    "GET /register/<link>/check": "public",
    "GET /register/<link>/copy.pdf": "public",
    "GET /register/form.pdf": "public",
    "GET /review": "registrations.review",
    "GET /review/<uuid:application_id>": "registrations.review",
    "GET /robots.txt": "public",
    "GET /rounds": OF_ALL_SITES,
    "GET /rounds/<uuid:round_id>": OF_ALL_SITES,
    "GET /rounds/<uuid:round_id>/data.csv": OF_ALL_SITES,
    "GET /rounds/<uuid:round_id>/results": OF_ALL_SITES,
    "GET /rounds/<uuid:round_id>/sites/<uuid:site_id>": OF_ALL_SITES,
    "GET /rounds/new": "facilities.manage",
    "GET /set-password/<link>": "public",
    "GET /sign-in": "public",
    "GET /sign-in/code": "public",
    "GET /sites": "sites.read",
    "GET /sites/<uuid:site_id>": "registrations.review",
    "GET /sites/<uuid:site_id>/visit": "sites.visit",
    "GET /still-here": "signed in",
    "GET /terms": "public",
    "GET /tokens": "tokens.manage",
    "GET /unlock-requests": "periods.manage",
    "GET /unlock-requests/<uuid:request_id>": "periods.manage",
    "GET /who-should-take-part": "public",
    "GET /who-should-take-part/questions": "public",
    "GET /worklists/<name>": "records.read",
    "GET /worklists/<name>/next": "records.read",
    "POST /account/app": "signed in",
    "POST /account/app/code": "signed in",
    "POST /account/leaving": "signed in",
    "POST /account/password": "signed in",
    "POST /account/recovery-codes": "signed in",
    "POST /account/sessions/<uuid:session_id>/end": "signed in",
    "POST /account/sessions/end-others": "signed in",
    "POST /accounts/<uuid:account_id>/<any('switch-off', 'switch-on'):switch>": "accounts.manage",
    "POST /accounts/<uuid:account_id>/second-factor/removal": "accounts.manage",
    "POST /change-site": "signed in",
    "POST /contact": "public",
    "POST /duplicates/<uuid:pair_id>": "records.delete, records.acknowledge",
    "POST /extract": "records.extract",
    "POST /facilities/<uuid:round_id>/comments": "facilities.answer",
    "POST /facilities/<uuid:round_id>/sections/<string:section_id>": "facilities.answer",
    "POST /facilities/<uuid:round_id>/sections/<string:section_id>/autosave": "facilities.answer",
    "POST /facilities/<uuid:round_id>/sections/<string:section_id>/owner": "facilities.answer",
    "POST /facilities/<uuid:round_id>/sections/<string:section_id>/withdrawal": "facilities.answer",
    "POST /facilities/<uuid:round_id>/submission": "facilities.submit",
    "POST /forgotten-password": "public",
    "POST /imports/<uuid:import_id>/cancellation": "records.import",
    "POST /imports/<uuid:import_id>/confirmation": "records.import",
    "POST /imports/<uuid:import_id>/held": "records.import",
    "POST /imports/<uuid:import_id>/held/<int:row_number>": "records.import",
    "POST /imports/<uuid:import_id>/mend": "records.import",
    "POST /imports/<uuid:import_id>/setup": "records.import",
    "POST /imports/<uuid:import_id>/undo": "records.import",
    "POST /notices": "registrations.review",
    "POST /notices/<uuid:notice_id>/withdrawal": "registrations.review",
    "POST /opt-outs": "records.delete",
    "POST /people/<uuid:account_id>": "site.manage, accounts.manage",
    "POST /people/<uuid:account_id>/invitation": "site.manage, accounts.manage",
    "POST /people/<uuid:account_id>/removal": "site.manage, accounts.manage",
    "POST /people/<uuid:account_id>/second-factor/removal": "site.manage, accounts.manage",
    "POST /people/confirmation": "site.manage",
    "POST /people/new": "site.manage, accounts.manage",
    "POST /people/transfer": "site.manage",
    "POST /periods/<int:year>/unlock": "records.write",
    "POST /periods/manage/extension": "periods.manage",
    "POST /periods/manage/year": "periods.manage",
    "POST /records/<uuid:record_id>/acknowledgements": "records.acknowledge",
    "POST /records/<uuid:record_id>/autosave": "records.write",
    "POST /records/<uuid:record_id>/delete": "records.delete",
    "POST /records/<uuid:record_id>/erase": "records.erase",
    "POST /records/<uuid:record_id>/follow-up/<int:weeks>": "records.write",
    "POST /records/<uuid:record_id>/restoration": "records.delete",
    "POST /records/<uuid:record_id>/sections/<int:number>": "records.write",
    "POST /records/<uuid:record_id>/typed": "records.write",
    "POST /records/<uuid:record_id>/unlock": "records.write",
    "POST /records/check": "records.write",
    "POST /records/export": "records.export",
    "POST /records/kept": "public",
    "POST /records/new": "records.write",
    "POST /records/search": "records.read",
    "POST /register": "public",
    "POST /register/<link>/<section>": "public",
    "POST /register/<link>/reply": "public",
    "POST /register/<link>/send": "public",
    "POST /review/<uuid:application_id>/approval": "registrations.review",
    "POST /review/<uuid:application_id>/query": "registrations.review",
    "POST /review/<uuid:application_id>/refusal": "registrations.review",
    "POST /rounds/<uuid:round_id>/closing": "facilities.manage",
    "POST /rounds/<uuid:round_id>/last-day": "facilities.manage",
    "POST /rounds/<uuid:round_id>/reminders": "facilities.manage",
    "POST /rounds/<uuid:round_id>/sites/<uuid:site_id>/extension": "facilities.manage",
    "POST /rounds/<uuid:round_id>/sites/<uuid:site_id>/reopening": "facilities.manage",
    "POST /rounds/new": "facilities.manage",
    "POST /set-password/<link>": "public",
    "POST /sign-in": "public",
    "POST /sign-in/code": "public",
    "POST /sign-out": "signed in",
    "POST /sites/<uuid:site_id>/ods-code": "registrations.review",
    "POST /sites/<uuid:site_id>/participation": "registrations.review",
    "POST /sites/<uuid:site_id>/reinstatement": "registrations.review",
    "POST /sites/<uuid:site_id>/suspension": "registrations.review",
    "POST /sites/<uuid:site_id>/visit": "sites.visit",
    "POST /terms": "signed in",
    "POST /tokens": "tokens.manage",
    "POST /tokens/<uuid:token_id>/revocation": "tokens.manage",
    "POST /tokens/<uuid:token_id>/rotation": "tokens.manage",
    "POST /unlock-requests/<uuid:request_id>": "periods.manage",
    "POST /visit/end": "sites.visit",
}


def example(rule: str) -> str:
    """An address for a rule of the census."""
    ids = {
        "import_id": IMPORT_ID,
        "record_id": RECORD_ID,
        "application_id": APPLICATION_ID,
        "account_id": OTHER_ACCOUNT_ID,
        "token_id": TOKEN_ID,
        "site_id": SITE_ID,
        "round_id": str(ROUND_ID),
        "section_id": "A",
        "switch": "switch-off",
        "link": "a-link",
        "notice_id": "018f0000-0000-7000-8000-000000000099",
        "section": "people",
        "name": "template.csv",
        "pair_id": PAIR_ID,
        "request_id": REQUEST_ID,
        "version": "1",
        "session_id": OTHER_ACCOUNT_ID,
        "row_number": "7",
        "number": "2",
        "weeks": "16",
        "year": "2023",
    }
    return re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda found: ids[found[1]], rule)


def test_every_page_demands_rights_of_the_vocabulary() -> None:
    demanded = {right for access in CENSUS.values() for right in access.split(", ")}
    assert demanded - set(RIGHTS) == {"public", "signed in"}


def test_every_route_is_in_the_census(app: Flask) -> None:
    found = {
        f"{method} {rule.rule}": ", ".join(access_of(app.view_functions[rule.endpoint]) or ())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert found == CENSUS


@pytest.mark.parametrize("route", [r for r, access in CENSUS.items() if access != "public"])
def test_a_visitor_is_led_to_sign_in(visitor: Person, services: FakeServices, route: str) -> None:
    method, _, rule = route.partition(" ")
    path = example(rule)
    answer = visitor.get(path) if method == "GET" else visitor.post(path)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in?next=/")
    assert services.calls == []


@pytest.mark.parametrize(
    "route", [r for r, access in CENSUS.items() if access not in ("public", "signed in")]
)
def test_a_page_needs_its_right(
    person_with: Callable[..., Person], services: FakeServices, route: str
) -> None:
    method, _, rule = route.partition(" ")
    nobody = person_with("some.other.right")
    answer = nobody.get(example(rule)) if method == "GET" else nobody.post(example(rule))
    assert answer.status_code == 403
    assert "You cannot open this page" in answer.text
    assert services.calls == []


@pytest.mark.parametrize("route", [r for r in CENSUS if r.startswith("POST")])
@pytest.mark.parametrize("token", ["", "wrong"])
def test_no_form_is_taken_without_its_token(
    lead: Person, services: FakeServices, route: str, token: str
) -> None:
    path = example(route.partition(" ")[2])
    answer = lead.client.post(
        path,
        data={"csrf_token": token} if token else {},
        headers=lead._headers(),
    )
    assert answer.status_code == 400
    assert "This form has expired" in answer.text
    assert services.calls == []


@pytest.mark.parametrize("path", ["/sign-in", "/register", "/set-password/x"])
def test_a_visitors_form_needs_cookie_and_token(
    visitor: Person, app: Flask, services: FakeServices, path: str
) -> None:
    token = visitor.visitor_token()
    other = Person(app, None, None)
    assert other.post(path, token=token).status_code == 400, "a token of another browser"
    assert visitor.client.post(path).status_code == 400, "no token"
    assert services.calls == []
    assert visitor.post(path, token=token).status_code in (401, 422, 303)


def test_a_visitors_token_opens_no_page_of_the_signed_in(visitor: Person, lead: Person) -> None:
    token = visitor.visitor_token()
    assert lead.post("/tokens", {"name": "x"}, token=token).status_code == 400


def test_an_identity_that_cannot_be_verified_is_a_visitor(
    visitor: Person, services: FakeServices
) -> None:
    forged = {HEADER: "forged", "Accept": "text/html"}
    assert visitor.client.get("/about", headers=forged).status_code == 200
    assert visitor.client.get("/records", headers=forged).status_code == 303
    visitor.client.get("/set-password/x", headers=forged)
    assert HEADER.lower() not in services.headers, "it is not passed on"


def test_an_identity_travels_on_with_the_request_id(lead: Person, services: FakeServices) -> None:
    lead.get("/records")
    assert services.headers[HEADER.lower()]
    assert services.headers["x-request-id"] == "0" * 31 + "1"


def test_a_session_that_ended_meanwhile_leads_to_sign_in_and_back(
    lead: Person, services: FakeServices
) -> None:
    from tests.fakes.services import problem

    services.replies["GET", "/records/v1/records"] = problem(401)
    answer = lead.get("/records?page=2")
    assert answer.headers["Location"] == "/sign-in?next=/records%3Fpage%3D2"


def test_a_script_is_told_instead_of_led_away(visitor: Person) -> None:
    answer = visitor.get(f"/imports/{IMPORT_ID}/progress", Accept="application/json")
    assert answer.status_code == 401
    assert answer.json == {"detail": "Sign in again.", "status": 401, "title": "Signed out"}


def test_cookies_are_closed_to_scripts_and_other_sites(visitor: Person) -> None:
    cookies = visitor.get("/sign-in").headers.getlist("Set-Cookie")
    cookies += visitor.post(
        "/sign-in", {"email": "sam@demo.example", "password": "x"}
    ).headers.getlist("Set-Cookie")
    names = [cookie.partition("=")[0] for cookie in cookies]
    assert names == ["fls_visitor", "fls_session"]
    for cookie in cookies:
        for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Secure"):
            assert part in cookie


def test_pages_of_the_signed_in_are_kept_by_nobody(lead: Person, visitor: Person) -> None:
    assert lead.get("/records").headers["Cache-Control"] == "no-store"
    assert visitor.get("/about").headers["Cache-Control"] == "private, no-cache"
