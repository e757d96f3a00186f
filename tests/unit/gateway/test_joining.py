"""The registration form page by page, what becomes of it, and the audit team's side of it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pypdf import PdfReader

from tests.fakes import joining
from tests.fakes.people import OTHER_SITE_ID
from tests.fakes.services import APPLICATION_ID, FakeServices, problem
from tests.unit.gateway.conftest import Person
from tests.unit.gateway.sent import fields_sent
from tests.unit.gateway.test_pages import check

V1 = "/registration/v1/registrations"
LINK = "/register/a-link"
SITE = f"/registration/v1/sites/{OTHER_SITE_ID}"


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_a_link_is_mailed_whatever_is_known_of_the_address(
    visitor: Person, services: FakeServices
) -> None:
    answer = visitor.post("/register", {"email": " sam@demo.example "})
    assert "Check your e-mail" in answer.text
    assert services.body_of("POST", V1) == {"email": "sam@demo.example"}
    check(answer.text)


def test_an_address_that_is_none_is_told(visitor: Person, services: FakeServices) -> None:
    empty = visitor.post("/register", {"email": ""})
    assert empty.status_code == 422 and services.calls == []
    services.replies["POST", V1] = problem(422, errors={"email": ["Enter an e-mail address."]})
    answer = visitor.post("/register", {"email": "sam"})
    assert answer.status_code == 422 and 'value="sam"' in answer.text
    check(answer.text)


@pytest.mark.parametrize(
    "path",
    [LINK, f"{LINK}/organisation", f"{LINK}/service", f"{LINK}/people", f"{LINK}/statements",
     f"{LINK}/check"],
)  # fmt: skip
def test_every_page_of_the_form(visitor: Person, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 200 and "no-referrer" in answer.text
    check(answer.text)


@pytest.mark.parametrize("state", ["submitted", "queried", "approved", "declined"])
def test_once_sent_its_page_tells_how_it_stands(
    visitor: Person, services: FakeServices, state: str
) -> None:
    services.replies["POST", f"{V1}/open"] = joining.SENT | {
        "state": state,
        "refusal_reason": "No such ward." if state == "declined" else None,
    }
    answer = visitor.get(LINK)
    assert "FA-7K3M-2Q" in answer.text and "Which ward?" in answer.text
    assert ("Your answer" in answer.text) == (state == "queried")
    assert ("No such ward." in answer.text) == (state == "declined")
    check(answer.text)
    for path in ("organisation", "check"):
        assert visitor.get(f"{LINK}/{path}").headers["Location"] == LINK


def test_a_link_that_is_too_old_says_how_to_get_another(
    visitor: Person, services: FakeServices
) -> None:
    services.replies["POST", f"{V1}/open"] = problem(404)
    for path in ("", "/organisation", "/check", "/copy.pdf"):
        answer = visitor.get(LINK + path)
        assert answer.status_code == 404 and "enter the lead" in answer.text
    check(answer.text)


def save(visitor: Person, section: str, **typed: str) -> Any:
    page = visitor.get(f"{LINK}/{section}").text
    return visitor.post(f"{LINK}/{section}", fields_sent(page).to_dict() | typed)


def test_a_section_is_saved_and_leads_to_the_next(visitor: Person, services: FakeServices) -> None:
    answer = save(visitor, "organisation", organisation_name=" Elm ", address="1 Road\r\nTown")
    assert answer.headers["Location"] == f"{LINK}/service"
    body = services.body_of("PUT", f"{V1}/sections/organisation")
    assert body["answers"]["organisation_name"] == "Elm" and body["link"] == "a-link"
    assert body["answers"]["address"] == "1 Road\nTown"
    assert save(visitor, "statements").headers["Location"] == f"{LINK}/check"
    assert save(visitor, "people", then="later").headers["Location"] == LINK


def test_what_is_wrong_is_saved_and_told(visitor: Person, services: FakeServices) -> None:
    services.replies["PUT", f"{V1}/sections/organisation"] = joining.DRAFT | {
        "sections": joining.COMPLETE | {"organisation": "unfinished"},
        "problems": {"ods_code": ["No such code."], "lead_name": ["Elsewhere."]},
    }
    answer = save(visitor, "organisation", ods_code="hello")
    assert answer.status_code == 422 and 'href="#ods_code"' in answer.text
    assert "Elsewhere." not in answer.text and "is saved" in answer.text
    check(answer.text)


def test_questions_that_an_answer_brings_are_asked_before_going_on(
    visitor: Person, services: FakeServices
) -> None:
    services.replies["POST", f"{V1}/open"] = joining.DRAFT | {
        "answers": joining.ANSWERS | {"has_fls": "no"}
    }
    page = visitor.get(f"{LINK}/service").text
    assert "How many?" not in page
    form = fields_sent(page).to_dict() | {"has_fls": "yes"}
    answer = visitor.post(f"{LINK}/service", form)
    assert answer.headers["Location"] == f"{LINK}/service?notice=more"
    services.replies["POST", f"{V1}/open"] = joining.DRAFT
    more = visitor.get(answer.headers["Location"]).text
    assert "How many?" in more and "a few more questions" in more


def test_there_is_no_other_section(visitor: Person) -> None:
    assert visitor.get(f"{LINK}/nonsense").status_code == 404
    assert visitor.post(f"{LINK}/nonsense").status_code == 404


def test_the_whole_is_sent(visitor: Person, services: FakeServices) -> None:
    assert "Send the registration" in visitor.get(f"{LINK}/check").text
    assert visitor.post(f"{LINK}/send").headers["Location"] == LINK


@pytest.mark.parametrize(
    ("reply", "status", "words"),
    [
        (problem(422, errors={"ods_code": ["No such code."]}), 422, "No such code."),
        (problem(409, detail="A site has this code."), 409, "A site has this code."),
    ],
)
def test_what_cannot_be_sent_says_why(
    visitor: Person, services: FakeServices, reply: Any, status: int, words: str
) -> None:
    services.replies["POST", f"{V1}/submission"] = reply
    answer = visitor.post(f"{LINK}/send")
    assert answer.status_code == status and words in answer.text
    check(answer.text)


def test_a_question_is_answered(visitor: Person, services: FakeServices) -> None:
    services.replies["POST", f"{V1}/open"] = joining.SENT
    answer = visitor.post(f"{LINK}/reply", {"words": "Ward 7."})
    assert answer.headers["Location"] == f"{LINK}?notice=answered"
    services.replies["POST", f"{V1}/reply"] = problem(422, errors={"words": ["Enter it."]})
    empty = visitor.post(f"{LINK}/reply", {"words": ""})
    assert empty.status_code == 422 and "Enter it." in empty.text
    check(empty.text)
    services.replies["POST", f"{V1}/reply"] = problem(409)
    assert visitor.post(f"{LINK}/reply", {"words": "x"}).headers["Location"] == LINK


def test_the_form_on_paper_blank_and_filled(visitor: Person, services: FakeServices) -> None:
    blank = visitor.get("/register/form.pdf")
    assert blank.headers["Content-Type"] == "application/pdf"
    told = text_of(blank.data)
    for part in joining.FORM["sections"]:
        for question in part["questions"]:  # type: ignore[index, union-attr]
            assert question["label"] in told
    services.replies["POST", f"{V1}/open"] = joining.SENT
    copy = visitor.get(f"{LINK}/copy.pdf")
    assert 'filename="registration-FA-7K3M-2Q.pdf"' in copy.headers["Content-Disposition"]
    assert copy.headers["Cache-Control"] == "no-store"
    told = text_of(copy.data)
    assert "Elm General Hospital" in told and "Confirmed" in told and "Sam ?ead" in told


def test_the_review_shows_answers_doubles_messages_and_history(team: Person) -> None:
    text = team.get(f"/review/{APPLICATION_ID}").text
    for words in ("Pat Guardian", "nearly the same name", "Which ward?", "The applicant"):
        assert words in text


def test_the_applicant_is_asked(team: Person, services: FakeServices) -> None:
    path = f"/registration/v1/applications/{APPLICATION_ID}/query"
    answer = team.post(f"/review/{APPLICATION_ID}/query", {"words": "Which ward?"})
    assert answer.headers["Location"] == "/review?notice=queried"
    assert services.body_of("POST", path) == {"words": "Which ward?"}
    services.replies["POST", path] = problem(422, errors={"words": ["Enter your question."]})
    empty = team.post(f"/review/{APPLICATION_ID}/query", {"words": ""})
    assert empty.status_code == 422 and 'href="#words"' in empty.text
    services.replies["POST", path] = problem(409, detail="It was approved.")
    assert team.post(f"/review/{APPLICATION_ID}/query", {"words": "x"}).status_code == 409


def test_a_site_is_shown_with_its_codes_and_days(team: Person) -> None:
    text = team.get(f"/sites/{OTHER_SITE_ID}").text
    for words in ("R1B, from 5 January 2026", "ODS code changed, R1B", "Alex Team"):
        assert words in text


@pytest.mark.parametrize(
    ("path", "form", "method", "service", "sent"),
    [
        ("suspension", {"reason": "Mixed up."}, "POST", "suspension", {"reason": "Mixed up."}),
        ("reinstatement", {}, "POST", "reinstatement", {}),
        (
            "participation",
            {"has_fls": "yes", "fls_name": "New", "fls-day": "1", "fls-month": "4",
             "fls-year": "2026"},
            "PUT",
            "participation",
            {"has_fls": True, "fls_name": "New", "valid_from": "2026-04-01"},
        ),
        (
            "ods-code",
            {"ods_code": "R1C", "code-day": "1", "code-month": "4", "code-year": "2026"},
            "PUT",
            "ods-code",
            {"ods_code": "R1C", "valid_from": "2026-04-01"},
        ),
    ],
)  # fmt: skip
def test_a_site_is_changed_and_what_is_wrong_is_told(
    team: Person,
    services: FakeServices,
    path: str,
    form: dict[str, str],
    method: str,
    service: str,
    sent: Any,
) -> None:
    address = f"/sites/{OTHER_SITE_ID}/{path}"
    answer = team.post(address, form)
    assert answer.headers["Location"].startswith(f"/sites/{OTHER_SITE_ID}?notice=")
    assert services.body_of(method, f"{SITE}/{service}") == sent
    check(team.get(answer.headers["Location"]).text)
    services.replies[method, f"{SITE}/{service}"] = problem(409, detail="It is closed.")
    refused = team.post(address, form)
    assert refused.status_code == 409 and "It is closed." in refused.text
    if sent:
        errors = {name: ["Not like this."] for name in sent}
        services.replies[method, f"{SITE}/{service}"] = problem(422, errors=errors)
        wrong = team.post(address, form)
        assert wrong.status_code == 422 and wrong.text.count("Not like this.") >= len(errors)
        assert all(value in wrong.text for value in form.values())
        check(wrong.text)


def test_a_day_is_needed(team: Person, services: FakeServices) -> None:
    for path, form in (("participation", {"has_fls": "no"}), ("ods-code", {"ods_code": "R1C"})):
        answer = team.post(f"/sites/{OTHER_SITE_ID}/{path}", form)
        assert answer.status_code == 422 and "Enter the day." in answer.text
    unsaid = team.post(f"/sites/{OTHER_SITE_ID}/participation", {})
    assert "Say whether there is a service." in unsaid.text


def test_the_log_is_narrowed_and_downloaded_as_it_is_shown(
    lead: Person, services: FakeServices
) -> None:
    asked: list[dict[str, str]] = []
    answer = services.replies["GET", "/registration/v1/log"]

    def reply(request: Any) -> Any:
        asked.append(dict(request.url.params))
        return answer

    services.replies["GET", "/registration/v1/log"] = reply
    path = "/log?what=signed_in&since-day=1&since-month=2&since-year=2026"
    text = lead.get(path).text
    assert asked == [{"page": "1", "what": "signed_in", "since": "2026-02-01"}]
    assert "/log/file?since=2026-02-01&amp;what=signed_in" in text
    assert "since-day=1" in text and "page=2" in text, "the pages that follow are narrowed alike"
    assert "Signed in" in text and "60 lines" in text
    check(text)


def test_a_day_that_is_none_is_told(lead: Person, services: FakeServices) -> None:
    answer = lead.get("/log?since-day=31&since-month=2&since-year=2026")
    assert answer.status_code == 422 and services.calls == []
    check(answer.text)


def test_participation_is_stated_on_the_page_and_on_paper(
    lead: Person, team: Person, services: FakeServices
) -> None:
    text = lead.get("/participation").text
    assert "Yes, 1 September 2025 to 31 March 2026" in text
    paper = lead.get("/participation.pdf?year=2020")
    assert 'filename="participation-AAA-2025.pdf"' in paper.headers["Content-Disposition"]
    assert "1 September 2025" in text_of(paper.data)
    assert team.get("/participation").status_code == 404, "of which site?"
    page = team.get(f"/participation?site={OTHER_SITE_ID}").text
    assert f"site={OTHER_SITE_ID}" in page
    check(page)
    for nonsense in ("year=1066", "year=9999", "site=nonsense"):
        assert lead.get(f"/participation?{nonsense}").status_code == 404
