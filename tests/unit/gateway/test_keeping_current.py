"""Pages about people who come and go: the list confirmed, the lead handed over, tokens replaced."""

from __future__ import annotations

from tests.fakes.joining import NOTICE_ID
from tests.fakes.people import PERSON, PERSON_ID
from tests.fakes.services import TOKEN_ID, FakeServices, problem
from tests.unit.gateway.conftest import Person
from tests.unit.gateway.test_pages import check

TRANSFER = "POST", "/registration/v1/people/transfer"


def test_a_list_that_is_due_is_shown_at_home_and_confirmed(
    lead: Person, services: FakeServices
) -> None:
    assert "1 waits" in lead.get("/").text
    assert "Is this list still right?" in lead.get("/people").text
    answer = lead.post("/people/confirmation")
    assert answer.headers["Location"] == "/people?notice=confirmed"
    services.replies["GET", "/registration/v1/people/confirmation"]["is_due"] = False
    text = lead.get("/people?notice=confirmed").text
    assert "You are asked again in half a year" in text and "still right?" not in text
    check(text)


def test_the_lead_is_handed_over_to_who_can_sign_in(lead: Person, services: FakeServices) -> None:
    assert "Nobody else at this site has chosen a password yet" in lead.get("/people/transfer").text
    services.replies["GET", "/registration/v1/people"]["items"][1] = PERSON | {"state": "active"}
    text = lead.get("/people/transfer").text
    assert "Kim Clerk" in text and "I leave this site" in text
    check(text)
    empty = lead.post("/people/transfer", {})
    assert empty.status_code == 422 and empty.text.count("Choose ") >= 2
    check(empty.text)
    answer = lead.post("/people/transfer", {"account_id": PERSON_ID, "own_role": "clinician"})
    assert answer.headers["Location"] == "/"
    assert services.body_of(*TRANSFER) == {"account_id": PERSON_ID, "own_role": "clinician"}
    lead.post("/people/transfer", {"account_id": PERSON_ID, "own_role": "none"})
    assert services.body_of(*TRANSFER)["own_role"] is None
    services.replies[TRANSFER] = problem(409, detail="They are switched off.")
    refused = lead.post("/people/transfer", {"account_id": PERSON_ID, "own_role": "none"})
    assert refused.status_code == 409 and "They are switched off." in refused.text


def test_leaving_a_site_is_asked_twice(lead: Person, services: FakeServices) -> None:
    unsure = lead.post("/account/leaving", {})
    assert unsure.status_code == 422 and services.calls[-1][0] == "GET"
    check(unsure.text)
    assert lead.post("/account/leaving", {"sure": "yes"}).headers["Location"] == "/"
    services.replies["DELETE", "/registration/v1/me/site"] = problem(409, detail="The last lead.")
    last = lead.post("/account/leaving", {"sure": "yes"})
    assert last.status_code == 409 and "The last lead." in last.text


def test_a_token_is_replaced_and_the_new_one_shown_once(
    lead: Person, services: FakeServices
) -> None:
    answer = lead.post(f"/tokens/{TOKEN_ID}/rotation")
    assert "fla_new" in answer.text and "7 days more" in answer.text
    check(answer.text)
    path = f"/registration/v1/tokens/{TOKEN_ID}/rotation"
    services.replies["POST", path] = problem(409, detail="It has ended.")
    refused = lead.post(f"/tokens/{TOKEN_ID}/rotation")
    assert refused.status_code == 409 and "It has ended." in refused.text
    check(refused.text)


def test_a_notice_is_written_shown_at_home_and_withdrawn(
    team: Person, lead: Person, services: FakeServices
) -> None:
    text = lead.get("/").text
    assert "Closed at Easter" in text and "Nobody answers on Friday." in text
    check(text)
    typed = {"title": "New", "words": "Words.", "from-day": "1", "from-month": "4"}
    typed |= {"from-year": "2026", "until-day": "9", "until-month": "4", "until-year": "2026"}
    answer = team.post("/notices", typed)
    assert answer.headers["Location"] == "/notices?notice=published"
    days = {"shown_from": "2026-04-01", "shown_until": "2026-04-09"}
    sent = services.body_of("POST", "/registration/v1/notices")
    assert sent == {"title": "New", "words": "Words."} | days
    empty = team.post("/notices", {"title": "New"})
    assert empty.status_code == 422 and 'href="#until-day"' in empty.text
    services.replies["POST", "/registration/v1/notices"] = problem(
        422, errors={"shown_until": ["Still to come."], "title": ["Enter a title."]}
    )
    wrong = team.post("/notices", typed)
    assert wrong.status_code == 422 and 'href="#until-day"' in wrong.text
    check(wrong.text)
    withdrawn = team.post(f"/notices/{NOTICE_ID}/withdrawal")
    assert withdrawn.headers["Location"] == "/notices?notice=withdrawn"


def test_the_home_page_is_there_when_notices_are_not(lead: Person, services: FakeServices) -> None:
    services.replies["GET", "/registration/v1/notices/current"] = problem(503)
    assert lead.get("/").status_code == 200


def test_anyone_writes_to_the_audit_team(visitor: Person, services: FakeServices) -> None:
    form = {"name": "Sam", "email": "sam@example.org", "words": "Which code?"}
    answer = visitor.post("/contact", form)
    assert answer.headers["Location"] == "/contact?notice=sent"
    assert services.body_of("POST", "/registration/v1/messages") == form
    assert "on its way" in visitor.get("/contact?notice=sent").text
    services.replies["POST", "/registration/v1/messages"] = problem(
        422, errors={"words": ["Take the long number out."]}
    )
    wrong = visitor.post("/contact", form)
    assert wrong.status_code == 422 and "Which code?" in wrong.text
    check(wrong.text)


def test_changed_terms_are_told_at_home_and_accepted(lead: Person, services: FakeServices) -> None:
    own = services.replies["GET", "/registration/v1/me/terms"]
    own["is_due"] = True
    assert 'href="/terms">Read and accept them' in lead.get("/").text
    text = lead.get("/terms").text
    assert "I accept these terms" in text
    check(text)
    assert lead.post("/terms", {"version": "2026-11"}).headers["Location"] == "/"
    services.replies["POST", "/registration/v1/me/terms"] = problem(409)
    assert lead.post("/terms", {"version": "old"}).headers["Location"] == "/terms"


def test_a_first_password_needs_the_terms(visitor: Person, services: FakeServices) -> None:
    assert "One." in visitor.get("/set-password/a-link").text
    unread = visitor.post("/set-password/a-link", {"password": "three green bicycles"})
    assert unread.status_code == 422 and 'href="#terms"' in unread.text
    check(unread.text)
    services.replies["POST", "/registration/v1/password-links/check"]["terms_due"] = False
    assert "One." not in visitor.get("/set-password/a-link").text
