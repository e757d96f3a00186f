"""Every page: sound HTML, nothing from other hosts, all escaped, errors led to their fields."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import httpx
import pytest

from tests.fakes import services as fakes
from tests.fakes.facilities import ROUND_ID
from tests.fakes.people import OTHER_SITE_ID, PERSON_ID
from tests.fakes.services import (
    ACCOUNT_ID,
    APPLICATION_ID,
    IMPORT_ID,
    OTHER_ACCOUNT_ID,
    RECORD_ID,
    SITE_ID,
    FakeServices,
    page,
    problem,
)
from tests.fakes.working import PAIR_ID, REQUEST_ID
from tests.unit.gateway.conftest import Person

ROUND = f"/facilities/{ROUND_ID}"
TEAM_ROUND = f"/rounds/{ROUND_ID}"
VISITOR_PAGES = [
    "/", "/about", "/who-should-take-part", "/how-to-take-part", "/downloads", "/guidance",
    "/questions", "/contact", "/accessibility", "/privacy", "/register", "/code-book",
    "/import-specification",
    "/sign-in", "/sign-in?notice=password-set",
    "/set-password/a-link", "/forgotten-password", "/no-such-page",
]  # fmt: skip
LEAD_PAGES = [
    "/", "/records", f"/records/{RECORD_ID}", "/imports", "/imports/new", "/imports/setups",
    "/log", "/terms", "/participation", "/people/transfer", "/account", "/account/app",
    "/account/recovery-codes",
    "/records/export",
    "/records/export?problem=busy",
    "/imports/new?problem=no_file", f"/imports/{IMPORT_ID}", f"/imports/{IMPORT_ID}/findings",
    f"/imports/{IMPORT_ID}?problem=busy", f"/imports/{IMPORT_ID}/receipt",
    f"/imports/{IMPORT_ID}/setup", f"/imports/{IMPORT_ID}/mend",
    f"/imports/{IMPORT_ID}/corrections", f"/imports/{IMPORT_ID}/held",
    f"/imports/{IMPORT_ID}/changes?field=smoker", f"/imports/{IMPORT_ID}/changes?field=postcode",
    f"/imports/{IMPORT_ID}/held/7",
    f"/imports/{IMPORT_ID}/findings?code=T01&level=error", "/tokens", "/guidance",
    f"{ROUND}", f"{ROUND}?notice=confirmed", f"{ROUND}?notice=not-owner", f"{ROUND}/submission",
    *(f"{ROUND}/sections/{name}" for name in "ABCDEFGHIJK"),
    f"{ROUND}/sections/B?notice=commented", f"{ROUND}/receipt?notice=submitted",
    f"{ROUND}/history", f"{ROUND}/last-time", f"{ROUND}/results",
    "/people", "/people/new", f"/people/{PERSON_ID}", f"/people/{ACCOUNT_ID}",
    "/people?notice=added", "/people?notice=removed",
    "/records?state=valid&section=6&section_state=incomplete&from-day=1&from-month=1&from-year=2024",
    "/records?from-day=31&from-month=2&from-year=2024", "/worklists/errors",
    "/worklists/unfinished", "/worklists/duplicates", "/worklists/followup_16_overdue",
    "/worklists/followup_16_overdue/next",
    f"/records/{RECORD_ID}/history?step=errors~3~57~c", f"/records/{RECORD_ID}/versions/1",
    f"/records/{RECORD_ID}/reads",
    "/worklists/followup_16_overdue/next", "/records/new", f"/records/{RECORD_ID}/sections/1",
    f"/records/{RECORD_ID}/sections/4", f"/records/{RECORD_ID}/follow-up/52",
    f"/records/{RECORD_ID}/reads", f"/records/{RECORD_ID}/delete", f"/records/{RECORD_ID}/unlock",
    "/records/deleted", "/records/deleted?notice=restored", "/opt-outs", "/duplicates",
    "/duplicates?decided=yes", f"/duplicates/{PAIR_ID}", "/periods", "/periods?notice=asked",
    "/periods/2023/unlock",
]  # fmt: skip
TEAM_PAGES = [
    "/", "/extract", "/review", "/review?state=all", f"/review/{APPLICATION_ID}", "/accounts",
    "/log", "/notices", "/accounts?search=sam", f"/accounts/{OTHER_ACCOUNT_ID}",
    f"/sites/{OTHER_SITE_ID}",
    "/rounds", "/rounds/new", f"{TEAM_ROUND}", f"{TEAM_ROUND}?state=submitted",
    f"{TEAM_ROUND}?notice=reminded", f"{TEAM_ROUND}/results", f"{TEAM_ROUND}/sites/{SITE_ID}",
    f"{TEAM_ROUND}/sites/{SITE_ID}?notice=reopened",
    "/sites", "/sites?search=other&page=2", "/sites?notice=ended",
    f"/sites/{OTHER_SITE_ID}/visit", f"/people?site={OTHER_SITE_ID}",
    f"/people/new?site={OTHER_SITE_ID}", f"/people/{PERSON_ID}?site={OTHER_SITE_ID}",
    "/periods/manage", "/periods/manage?notice=set", "/periods/manage/year",
    "/periods/manage/year?year=2024", "/periods/manage/extension", "/unlock-requests",
    "/unlock-requests?state=all", f"/unlock-requests/{REQUEST_ID}",
]  # fmt: skip
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Page(HTMLParser):
    """Reads a page and notes what is wrong with it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.labelled: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.links: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID and self.open[-1:] != ["svg"]:
            self.open.append(tag)
        if "id" in given and given["id"]:
            self.ids.append(given["id"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "label":
            self.labelled.add(given.get("for") or "")
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden":
            self.fields.append(given)
        self._refuse(tag, given)

    def _refuse(self, tag: str, given: dict[str, str | None]) -> None:
        """What the content security policy would stop."""
        if tag == "script" and not given.get("src"):
            self.faults.append("a script in the page")
        if tag == "style" or "style" in given:
            self.faults.append(f"style in the page: <{tag}>")
        self.faults += [f"handler in the page: {name}" for name in given if name.startswith("on")]
        for name in ("href", "src", "action", "data-progress", "formaction"):
            value = given.get(name) or ""
            self.links.append(value)
            if re.match(r"(?i)\s*(\w+:|//)", value) and not value.startswith("mailto:"):
                self.faults.append(f"leads away: {value}")

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag in ("rect", "path"):
            return
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()

    def check(self) -> None:
        """Asserts what every page promises."""
        assert self.faults == []
        assert self.open == []
        assert len(self.ids) == len(set(self.ids)), "ids are there once"
        assert self.headings.count(1) == 1, "one h1"
        below = zip(self.headings, self.headings[1:], strict=False)
        assert all(b - a <= 1 for a, b in below), self.headings
        for field in self.fields:
            assert field.get("id") in self.labelled or field.get("aria-label"), field
        for link in self.links:
            if link.startswith("#"):
                assert link[1:] in self.ids, f"{link} leads nowhere"


def check(text: str) -> None:
    assert text.lstrip().startswith("<!DOCTYPE html>")
    found = [a for a in re.findall(r"https?://[^\s\"'<]+", text) if "www.w3.org" not in a]
    assert found == []
    Page(text).check()


@pytest.mark.parametrize("path", VISITOR_PAGES)
def test_pages_of_visitors(visitor: Person, path: str) -> None:
    check(visitor.get(path).text)


@pytest.mark.parametrize("path", LEAD_PAGES)
def test_pages_of_a_site(lead: Person, path: str) -> None:
    answer = lead.get(path)
    assert answer.status_code == 200
    check(answer.text)


@pytest.mark.parametrize("path", TEAM_PAGES)
def test_pages_of_the_audit_team(team: Person, path: str) -> None:
    answer = team.get(path)
    assert answer.status_code == 200
    check(answer.text)


@pytest.mark.parametrize("path", LEAD_PAGES)
def test_pages_of_a_site_during_a_visit(visiting: Person, path: str) -> None:
    answer = visiting.get(path)
    if path in ("/tokens", f"{ROUND}/submission"):
        assert answer.status_code == 403
    else:
        assert answer.status_code == 200
        assert "You are looking at <strong>Demo General Hospital</strong>" in answer.text
    check(answer.text)


@pytest.mark.parametrize(
    "state",
    ["received", "checking", "checked", "applying", "applied", "cancelled", "refused", "failed"],
)
def test_an_import_in_every_state(lead: Person, services: FakeServices, state: str) -> None:
    services.replies["GET", f"/imports/v1/imports/{IMPORT_ID}"] = fakes.IMPORT | {
        "state": state, "rows_total": None if state == "received" else 5000, "counts": {},
    }  # fmt: skip
    check(lead.get(f"/imports/{IMPORT_ID}").text)


def test_everything_from_outside_is_escaped(
    lead: Person, team: Person, services: FakeServices
) -> None:
    bad = "\"><script>alert(1)</script>{{7*7}}'<img src=x onerror=alert(1)>"

    def spoilt(value: object) -> object:
        if isinstance(value, dict):
            return {k: v if k in KEPT else spoilt(v) for k, v in value.items()}
        if isinstance(value, list):
            return [spoilt(item) for item in value]
        return bad if isinstance(value, str) else value

    for key, reply in list(services.replies.items()):
        if isinstance(reply, dict):
            services.replies[key] = spoilt(reply)
    seen = 0
    for person, paths in ((lead, LEAD_PAGES), (team, TEAM_PAGES)):
        for path in paths:
            text = person.get(path).text
            assert "<script>alert" not in text and "<img" not in text, path
            Page(text).check()
            seen += "&lt;script&gt;alert" in text
    assert seen >= 12, "the bad text was there"


KEPT = {
    "created_at", "updated_at", "submitted_at", "at", "diagnosed_on", "date_of_birth", "expires_at",
    "date_index_diagnosed", "closes_on", "opens_on", "last_signed_in_at", "decided_at", "kind",
    "record_id", "import_id", "application_id", "token_id", "account_id", "round_id", "id", "level",
    "revoked_at", "last_used_at", "found_at", "deleted_at", "asked_at", "granted_at", "until_on",
    "entry_deadline", "locks_on", "unlocked_until", "request_id", "pair_id", "key",
    "started_at", "due_on", "until", "opt_out_checked_on",
}  # fmt: skip


def test_what_was_typed_is_escaped_too(visitor: Person) -> None:
    answer = visitor.post("/register", {"organisation_name": '"><script>x</script>'})
    assert "<script>x" not in answer.text
    check(answer.text)


@pytest.mark.parametrize(
    "next_path",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example",
     "javascript:x",
     "/\t/evil.example", "http:evil.example", " //evil.example", "/%0d%0aX: y\r\nX: y"],
)  # fmt: skip
def test_signing_in_leads_to_our_own_pages_only(visitor: Person, next_path: str) -> None:
    form = {"email": "sam@demo.example", "password": "x", "next": next_path}
    assert visitor.post("/sign-in", form).headers["Location"] == "/"


def test_signing_in_leads_back_to_where_one_was(visitor: Person) -> None:
    assert 'value="/records?page=2"' in visitor.get("/sign-in?next=/records%3Fpage%3D2").text
    form = {"email": "sam@demo.example", "password": "x", "next": "/records?page=2"}
    assert visitor.post("/sign-in", form).headers["Location"] == "/records?page=2"


def test_a_wrong_password_says_nothing_about_which_was_wrong(
    visitor: Person, services: FakeServices
) -> None:
    services.replies["POST", "/registration/v1/sessions"] = problem(401, "No.")
    answer = visitor.post("/sign-in", {"email": "sam@demo.example", "password": "secret words"})
    assert answer.status_code == 401
    assert "E-mail address or password is not right" in answer.text
    assert 'value="sam@demo.example"' in answer.text
    assert "secret words" not in answer.text
    assert answer.text.count("E-mail address or password is not right") == 1
    check(answer.text)


def test_signing_out_ends_the_session_and_takes_the_cookie(
    lead: Person, services: FakeServices
) -> None:
    answer = lead.post("/sign-out")
    assert ("DELETE", "/registration/v1/sessions/current", None) in services.calls
    assert "fls_session=;" in answer.headers["Set-Cookie"]
    assert answer.headers["Location"] == "/sign-in?notice=signed-out"


WORDS = {"password": "three green bicycles"}


def test_a_password_is_set_with_a_link(visitor: Person, services: FakeServices) -> None:
    answer = visitor.post("/set-password/a-link", WORDS | {"terms": "2026-11"})
    assert answer.headers["Location"] == "/sign-in?notice=password-set"
    sent = services.body_of("POST", "/registration/v1/passwords")
    assert sent == WORDS | {"link": "a-link", "terms_version": "2026-11"}


def test_a_bad_password_keeps_the_form(visitor: Person, services: FakeServices) -> None:
    services.replies["POST", "/registration/v1/passwords"] = problem(
        422, errors={"password": ["Too short."]}
    )
    answer = visitor.post("/set-password/a-link", {"password": "short", "terms": "2026-11"})
    assert answer.status_code == 422
    assert 'href="#password"' in answer.text and "Too short." in answer.text
    check(answer.text)


def test_a_lost_password_is_asked_for_by_address(visitor: Person, services: FakeServices) -> None:
    answer = visitor.post("/forgotten-password", {"email": " sam@demo.example "})
    assert answer.status_code == 200 and "Look into your mailbox" in answer.text
    sent = services.body_of("POST", "/registration/v1/password-resets")
    assert sent == {"email": "sam@demo.example"}
    check(answer.text)
    for email in ("", "sam"):
        again = visitor.post("/forgotten-password", {"email": email})
        assert again.status_code == 422 and 'href="#email"' in again.text
        check(again.text)


@pytest.mark.parametrize("status", [404, 409, 422])
def test_a_used_link_says_what_to_do(visitor: Person, services: FakeServices, status: int) -> None:
    services.replies["POST", "/registration/v1/password-links/check"] = problem(status)
    answer = visitor.get("/set-password/a-link")
    assert answer.status_code == 404
    assert "This link does not work any more" in answer.text
    check(answer.text)


def test_a_record_is_shown_in_words(lead: Person) -> None:
    text = lead.get(f"/records/{RECORD_ID}").text
    for words in ("Wrist", "1 March 1950", "999 000 0018", "172.5 cm", "Alendronate, Alfacalcidol"):
        assert words in text, words
    assert "Not recorded" in text


def test_the_upload_form_begins_with_its_token(lead: Person) -> None:
    text = lead.get("/imports/new").text
    form = text[text.index('action="/imports/upload"') :]
    names = re.findall(r'name="(\w+)"', form)
    assert (
        names[0] == "csrf_token"
        and names.index("file")
        == len(set(names)) - 1 + names.count("date_order") - 1 + names.count("mode") - 1
    )
    assert 'enctype="multipart/form-data"' in text


def test_every_problem_of_an_upload_has_words() -> None:
    from gateway.pages.imports.problems import PROBLEMS
    from services.imports.domain.uploads import PROBLEMS as sent_by_imports

    assert set(sent_by_imports) <= set(PROBLEMS)


def test_a_problem_of_an_upload_leads_to_the_field(lead: Person) -> None:
    text = lead.get("/imports/new?problem=empty_file").text
    assert re.search(r'<a href="#file">\s*The file is empty', text)
    assert "The upload did not work" in lead.get("/imports/new?problem=<b>").text


def test_progress_sends_the_section_only_when_the_state_has_moved(
    lead: Person, services: FakeServices
) -> None:
    services.replies["GET", f"/imports/v1/imports/{IMPORT_ID}"] = fakes.IMPORT | {
        "state": "checking", "stage": "checking", "rows_checked": 4000, "rows_staged": 2000,
        "queue": {"ahead": 0, "beside": 2},
    }  # fmt: skip
    same = lead.get(f"/imports/{IMPORT_ID}/progress?state=checking").json
    assert same == {
        "state": "checking",
        "stage": "Checking rows",
        "percent": 60,
        "words": "4,000 of 5,000 rows checked, 2,000 compared",
        "queue": "2 other files are worked on at the same time; the sites take turns.",
        "spoken": "Checking rows, 60%",
        "settled": False,
        "html": None,
    }
    moved = lead.get(f"/imports/{IMPORT_ID}/progress?state=received").json
    assert moved and "<progress" in moved["html"]


def test_an_import_that_waits_for_nobody_goes_on_being_asked_about(
    lead: Person, services: FakeServices
) -> None:
    key = "GET", f"/imports/v1/imports/{IMPORT_ID}"
    services.replies[key] = fakes.IMPORT | {"confirm": "automatic"}
    text = lead.get(f"/imports/{IMPORT_ID}").text
    assert 'data-settled="no"' in text and "Confirm and store" not in text


def test_without_scripts_a_running_import_reloads_itself(
    lead: Person, services: FakeServices
) -> None:
    refresh = '<noscript><meta http-equiv="refresh" content="5"></noscript>'
    assert refresh not in lead.get(f"/imports/{IMPORT_ID}").text
    services.replies["GET", f"/imports/v1/imports/{IMPORT_ID}"] = fakes.IMPORT | {
        "state": "applying"
    }
    text = lead.get(f"/imports/{IMPORT_ID}").text
    assert refresh in text and "Refresh</a>" in text


@pytest.mark.parametrize("what", ["confirmation", "cancellation"])
def test_an_import_is_confirmed_or_cancelled(
    lead: Person, services: FakeServices, what: str
) -> None:
    answer = lead.post(f"/imports/{IMPORT_ID}/{what}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/imports/{IMPORT_ID}")
    assert services.calls[-1][:2] == ("POST", f"/imports/v1/imports/{IMPORT_ID}/{what}")
    services.replies["POST", f"/imports/v1/imports/{IMPORT_ID}/{what}"] = problem(
        409, "It was cancelled.", code="wrong_state", state="cancelled"
    )
    late = lead.post(f"/imports/{IMPORT_ID}/{what}")
    assert late.status_code == 409
    assert "It was cancelled." in late.text
    check(late.text)


def _import(services: FakeServices, **changed: object) -> None:
    services.replies["GET", f"/imports/v1/imports/{IMPORT_ID}"] = fakes.IMPORT | changed


def test_doubtful_dates_lead_to_the_choice_of_their_order(
    lead: Person, services: FakeServices
) -> None:
    doubt = {"code": "T01", "level": "error", "message": "Say how dates are written."}
    _import(services, state="refused", file_findings=[doubt])
    text = lead.get(f"/imports/{IMPORT_ID}").text
    assert 'href="/imports/new?choices=open"' in text
    assert "Write day, month" not in text.partition("Findings</h2>")[0]
    assert '<details class="nhsuk-details" open>' in lead.get("/imports/new?choices=open").text
    assert '<details class="nhsuk-details">' in lead.get("/imports/new").text


def test_a_refusal_for_another_reason_says_nothing_of_dates(
    lead: Person, services: FakeServices
) -> None:
    missing = {"code": "H02", "level": "error", "message": 'The column "1.03" is missing.'}
    odd = {"code": "F01", "level": "error", "message": "This is a picture."}
    _import(services, state="refused", file_findings=[odd, missing, missing])
    text = lead.get(f"/imports/{IMPORT_ID}").text
    assert "choices=open" not in text
    assert "could not be read" not in text
    assert text.count("Add the column, with the heading of the template.") == 1
    assert "Save the sheet as CSV" not in text


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("applied", "Stored"),
        ("refused", "Refused"),
        ("cancelled", "Cancelled"),
        ("failed", "Failed"),
    ],
)
def test_a_state_is_said_once(lead: Person, services: FakeServices, state: str, word: str) -> None:
    _import(services, state=state)
    text = lead.get(f"/imports/{IMPORT_ID}").text
    stage = re.search(r'id="stage">([^<]*)<', text)
    assert stage and not stage[1].startswith(word)
    spoken = lead.get(f"/imports/{IMPORT_ID}/progress?state=applying").json
    assert spoken and spoken["spoken"].startswith(f"{word}. ")


def test_where_every_row_is_rejected_there_is_nothing_to_confirm(
    lead: Person, services: FakeServices
) -> None:
    counts = {"received": 5, "new": 0, "changed": 0, "same": 0, "held": 0, "rejected": 5}
    _import(services, counts=counts, passed_over={})
    text = lead.get(f"/imports/{IMPORT_ID}").text
    assert "Nothing can be stored: mend the rows and upload again." in text
    assert "Confirm and store" not in text and "Cancel the import" in text
    _import(services, counts=counts, passed_over={"M01": 5})
    assert "passes over every row" in lead.get(f"/imports/{IMPORT_ID}").text
    _import(services, counts=counts | {"same": 1, "rejected": 4})
    assert "Confirm and store" in lead.get(f"/imports/{IMPORT_ID}").text


@pytest.mark.parametrize(
    "path",
    ["/imports", f"/imports/{IMPORT_ID}", f"/imports/{IMPORT_ID}/findings", "/records",
     f"/records/{RECORD_ID}/history", f"/records/{RECORD_ID}/reads", "/records/deleted",
     "/duplicates", "/duplicates?decided=yes", f"/duplicates/{PAIR_ID}", "/periods",
     "/worklists/errors"],
)  # fmt: skip
def test_on_a_narrow_screen_each_cell_has_its_heading(lead: Person, path: str) -> None:
    tables = re.findall(r"<table[^>]*nhsuk-table--responsive.*?</table>", lead.get(path).text, re.S)
    assert tables
    for table in tables:
        heads = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', table, re.S)
        plain = [re.sub(r"<[^>]*>|[▲▼]", "", head).strip() for head in heads]
        row = table[table.index("<tbody") :].split("</tr>")[0]
        assert re.findall(r'nhsuk-table__heading" aria-hidden="true">([^<]*)<', row) == plain
        assert row.count('role="cell"') + row.count('role="rowheader"') == len(plain)


def test_browsers_and_search_engines_find_what_they_ask_for(visitor: Person) -> None:
    icon = visitor.get("/favicon.ico")
    assert (icon.status_code, icon.headers["Location"]) == (302, "/static/icon.0.svg")
    robots = visitor.get("/robots.txt")
    assert robots.content_type.startswith("text/plain")
    lines = robots.text.splitlines()
    assert "Disallow: /" in lines and "Allow: /guidance$" in lines
    assert not any("/records" in line or "/imports" in line for line in lines)


def test_the_guidance_shows_programs_the_way_and_only_codes_that_exist(visitor: Person) -> None:
    text = visitor.get("/guidance").text
    for service in ("imports", "records", "facilities"):
        assert f'href="/api/{service}/v1/openapi.json"' in text
    assert 'href="/tokens"' in text and "curl" in text
    assert 'id="T01"' in text and 'id="F02"' not in text


def test_a_person_who_only_reads_sees_no_buttons(person_with: object) -> None:
    reader = person_with("records.read")  # type: ignore[operator]
    text = reader.get(f"/imports/{IMPORT_ID}").text
    assert "Confirm and store" not in text and "Cancel the import" not in text


def test_a_registration_is_approved(team: Person, services: FakeServices) -> None:
    answer = team.post(f"/review/{APPLICATION_ID}/approval")
    assert answer.headers["Location"] == "/review?notice=approved"
    assert services.calls[-1][1].endswith(f"/{APPLICATION_ID}/approval")


def test_declining_needs_a_reason(team: Person, services: FakeServices) -> None:
    path = f"/registration/v1/applications/{APPLICATION_ID}/refusal"
    good = services.replies["POST", path]
    services.replies["POST", path] = problem(422, errors={"reason": ["Enter the reason."]})
    answer = team.post(f"/review/{APPLICATION_ID}/refusal", {"reason": " "})
    assert answer.status_code == 422 and 'href="#reason"' in answer.text
    check(answer.text)
    services.replies["POST", path] = good
    answer = team.post(f"/review/{APPLICATION_ID}/refusal", {"reason": "Registered already."})
    assert answer.headers["Location"] == "/review?notice=declined"
    assert services.body_of("POST", path) == {"reason": "Registered already."}


def test_an_account_is_switched_off_and_on(team: Person, services: FakeServices) -> None:
    for switch in ("switch-off", "switch-on"):
        answer = team.post(f"/accounts/{OTHER_ACCOUNT_ID}/{switch}")
        assert answer.headers["Location"] == f"/accounts/{OTHER_ACCOUNT_ID}?notice={switch}"
        assert services.calls[-1][1].endswith(f"/{OTHER_ACCOUNT_ID}/{switch}")
    assert "(you)" in team.get("/accounts?search=sam").text


@pytest.mark.parametrize("name", ["template.csv", "code-book.csv", "sample.csv", "versions.csv"])
def test_tables_to_download_open_in_a_spreadsheet_program(visitor: Person, name: str) -> None:
    answer = visitor.get(f"/downloads/{name}")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "Set-Cookie" not in answer.headers


def test_the_schema_is_json_and_the_sample_has_its_rows(visitor: Person) -> None:
    assert json.loads(visitor.get("/downloads/record.schema.json").data)["$schema"]
    lines = visitor.get("/downloads/sample.csv").text.splitlines()
    assert len(lines) == 201
    assert visitor.get("/downloads/../app.py").status_code == 404


@pytest.mark.parametrize(
    ("reply", "status", "words"),
    [
        (problem(404), 404, "Page not found"),
        (problem(403), 403, "You cannot open this page"),
        (problem(500, "psycopg says secret"), 503, "Not available at the moment"),
        (problem(503), 503, "Not available at the moment"),
        (httpx.Response(502, text="<html>bad gateway"), 503, "Not available at the moment"),
        (httpx.ConnectError("refused"), 503, "Not available at the moment"),
        (httpx.ReadTimeout("slow"), 503, "Not available at the moment"),
        (problem(429), 429, "Too many tries"),
        ({"not": "a list"}, 500, "Something went wrong"),
    ],
)
def test_what_a_service_refuses_becomes_a_page(
    lead: Person, services: FakeServices, reply: object, status: int, words: str
) -> None:
    services.replies["GET", "/records/v1/records"] = reply
    answer = lead.get("/records")
    assert answer.status_code == status
    assert f"<h1>{words}</h1>" in answer.text
    assert "secret" not in answer.text
    check(answer.text)


def test_public_pages_are_there_when_every_service_is_down(
    visitor: Person, services: FakeServices
) -> None:
    services.replies.clear()
    for path in VISITOR_PAGES[:13]:
        assert visitor.get(path).status_code == 200, path
    assert services.calls == []


def test_the_menu_shows_what_one_may_open(lead: Person, team: Person, visitor: Person) -> None:
    assert 'href="/records"' in lead.get("/guidance").text
    assert 'href="/review"' not in lead.get("/guidance").text
    assert 'href="/review"' in team.get("/guidance").text
    assert 'href="/records"' not in visitor.get("/guidance").text


def test_the_audit_team_sees_how_much_waits(team: Person, services: FakeServices) -> None:
    services.replies["GET", "/registration/v1/applications"] = page(fakes.APPLICATION, total=3)
    services.replies["GET", "/records/v1/unlock-requests"] = {"items": [{}]}
    text = re.sub(r"\s+", " ", team.get("/").text)
    assert "<strong>3 wait.</strong>" in text and "<strong>1 waits.</strong>" in text
    services.replies["GET", "/registration/v1/applications"] = problem(503)
    services.replies["GET", "/records/v1/unlock-requests"] = problem(503)
    text = team.get("/").text
    assert "Registrations" in text and "wait.</strong>" not in text


def test_the_contact_page_has_an_address(visitor: Person) -> None:
    assert 'href="mailto:team@audit.example"' in visitor.get("/contact").text


def test_a_browser_is_known_again_when_it_signs_in(visitor: Person, services: FakeServices) -> None:
    opened = services.replies["POST", "/registration/v1/sessions"]
    services.replies["POST", "/registration/v1/sessions"] = {**opened, "device": "fls_d_abc"}
    form = {"email": "sam@demo.example", "password": "secret words"}
    answer = visitor.post("/sign-in", form)
    assert "device" not in services.body_of("POST", "/registration/v1/sessions")
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("fls_device=")]
    for part in ("fls_device=fls_d_abc", "Path=/sign-in", "HttpOnly", "SameSite=Lax"):
        assert part in cookie
    visitor.client.set_cookie("fls_device", "fls_d_abc", path="/sign-in")
    visitor.post("/sign-in", form)
    sent = services.body_of("POST", "/registration/v1/sessions")
    assert sent["device"] == "fls_d_abc"


def test_what_happened_to_an_import_is_told_the_newest_first(
    lead: Person, services: FakeServices
) -> None:
    key = "GET", f"/imports/v1/imports/{IMPORT_ID}"
    services.replies[key] = fakes.IMPORT | {
        "history": [
            {"at": "2026-02-03T14:05:00Z", "by": ACCOUNT_ID, "kind": "received", "counts": None},
            {"at": "2026-02-03T14:06:00Z", "by": None, "kind": "checked", "counts": None},
        ]
    }
    text = lead.get(f"/imports/{IMPORT_ID}").text
    told = re.findall(r"<li>(Sent|Checked)([^<]*)</li>", text)
    assert [what for what, _ in told] == ["Checked", "Sent"]
    assert "(you)" in told[1][1] and "by" not in told[0][1]
