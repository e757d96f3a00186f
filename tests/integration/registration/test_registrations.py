"""The registration form over days: begun by mail, filled in, sent, asked about, decided."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.registration.domain.questions import BY_KEY, SECTIONS
from tests.factories.registration import PASSWORD, long_form, make_form

EMAIL = "lead@elm.example"


@pytest.fixture
def link_for(look: Any) -> Callable[[str], str]:
    """The newest link to a form that was mailed to an address."""

    def find(email: str = EMAIL) -> str:
        query = "SELECT body FROM mail WHERE lower(to_address) = lower(%s) ORDER BY mail_id DESC"
        for row in look.rows(query, email):
            found = re.search(r"/register/(\S+)", row["body"] or "")
            if found:
                return found.group(1)
        raise AssertionError(f"no link for {email}")

    return find


@pytest.fixture
def begun(visitor: Any, link_for: Any) -> str:
    assert visitor("POST", "/registrations", json={"email": EMAIL}).status_code == 204
    return str(link_for())


def fill(visitor: Any, link: str, answers: dict[str, str]) -> Any:
    for section in SECTIONS:
        of_section = {k: v for k, v in answers.items() if BY_KEY[k].section == section}
        path = f"/registrations/sections/{section}"
        answer = visitor("PUT", path, json={"link": link, "answers": of_section})
        assert answer.status_code == 200, answer.text
    return answer


def send(visitor: Any, link: str) -> Any:
    return visitor("POST", "/registrations/submission", json={"link": link})


def opened(visitor: Any, link: str) -> dict[str, Any]:
    answer = visitor("POST", "/registrations/open", json={"link": link})
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def test_the_form_can_be_read_by_anyone(visitor: Any) -> None:
    sections = visitor("GET", "/registrations/form").json["sections"]
    assert [section["name"] for section in sections] == list(SECTIONS)
    assert sum(len(section["questions"]) for section in sections) == len(BY_KEY)


def test_from_the_address_to_the_approved_site(
    visitor: Any, team: Any, begun: str, look: Any, link_for: Any
) -> None:
    assert set(opened(visitor, begun)["sections"].values()) == {"empty"}
    answers = long_form()
    whole = fill(visitor, begun, answers).json
    assert set(whole["sections"].values()) == {"complete"} and whole["answers"] == answers
    sent = send(visitor, begun).json
    assert sent["state"] == "submitted" and sent["reference"].startswith("FA-")
    (listed,) = team("GET", "/applications?state=submitted").json["items"]
    shown = team("GET", f"/applications/{listed['application_id']}").json
    assert {
        "section": "People",
        "label": BY_KEY["guardian_name"].label,
        "text": "Pat Guardian",
    } in (shown["lines"])
    assert shown["lead_email"] == EMAIL
    path = f"/applications/{listed['application_id']}/approval"
    assert team("POST", path, json={}).status_code == 200
    assert opened(visitor, begun)["state"] == "approved"
    body = {"link": look.link_for(EMAIL), "password": PASSWORD}
    assert visitor("POST", "/passwords", json=body).status_code == 204


def test_what_is_wrong_is_kept_and_named_and_cannot_be_sent(visitor: Any, begun: str) -> None:
    saved = fill(visitor, begun, long_form(ods_code="hello", guardian_email="nobody")).json
    assert saved["sections"]["organisation"] == saved["sections"]["people"] == "unfinished"
    assert saved["answers"]["ods_code"] == "hello"
    refused = send(visitor, begun)
    assert refused.status_code == 422
    assert set(refused.json["errors"]) == {"ods_code", "guardian_email"}
    assert opened(visitor, begun)["reference"] is None


def test_sending_twice_is_one_registration(visitor: Any, begun: str, look: Any) -> None:
    fill(visitor, begun, long_form())
    first, second = send(visitor, begun).json, send(visitor, begun).json
    assert first["reference"] == second["reference"] and look.count("application") == 1
    path = "/registrations/sections/people"
    late = visitor("PUT", path, json={"link": begun, "answers": {"lead_name": "Other"}})
    assert late.status_code == 409


def test_a_lost_link_is_sent_again_and_the_old_one_goes_on(
    visitor: Any, begun: str, link_for: Any, look: Any
) -> None:
    fill(visitor, begun, long_form(lead_name="Ann Begun"))
    visitor("POST", "/registrations", json={"email": EMAIL.upper()})
    again = link_for()
    assert again != begun
    for link in (begun, again):
        assert opened(visitor, link)["answers"]["lead_name"] == "Ann Begun"
    assert look.count("registration") == 1


def test_three_links_an_hour_and_no_more(visitor: Any, begun: str, look: Any) -> None:
    for _ in range(5):
        assert visitor("POST", "/registrations", json={"email": EMAIL}).status_code == 204
    assert look.value("SELECT count(*) FROM mail WHERE to_address = %s", EMAIL) == 3


def test_who_has_an_account_is_told_so_by_mail_alone(visitor: Any, site: Any, look: Any) -> None:
    query = "SELECT count(*) FROM mail WHERE kind = 'registration_known'"
    for _ in range(3):
        answer = visitor("POST", "/registrations", json={"email": site.email})
        assert (answer.status_code, answer.data) == (204, b"")
    assert look.value(query) == 1, "no mailbox is filled by asking"


@pytest.mark.parametrize("days", [0, 31])
def test_a_wrong_or_old_link_opens_nothing(visitor: Any, begun: str, look: Any, days: int) -> None:
    look.rows(
        "UPDATE registration_link SET expires_at = expires_at - make_interval(days => %s)", days
    )
    link = begun if days else "made-up"
    for method, path, more in (
        ("POST", "/registrations/open", {}),
        ("PUT", "/registrations/sections/people", {"answers": {}}),
        ("POST", "/registrations/submission", {}),
        ("POST", "/registrations/reply", {"words": "x"}),
    ):
        assert visitor(method, path, json={"link": link, **more}).status_code == 404


def test_a_question_of_the_audit_team_is_answered_and_it_decides(
    visitor: Any, team: Any, begun: str, link_for: Any
) -> None:
    fill(visitor, begun, long_form())
    send(visitor, begun)
    (listed,) = team("GET", "/applications?state=submitted").json["items"]
    path = f"/applications/{listed['application_id']}"
    early = visitor("POST", "/registrations/reply", json={"link": begun, "words": "Hello?"})
    assert early.status_code == 409
    for _ in range(2):
        asked = team("POST", f"{path}/query", json={"words": "Which ward?"})
        assert asked.status_code == 200 and asked.json["state"] == "queried"
    assert team("GET", "/applications?state=submitted").json["total"] == 0
    link = link_for()
    assert opened(visitor, link)["messages"][-1]["words"] == "Which ward?"
    replied = visitor("POST", "/registrations/reply", json={"link": link, "words": "Ward 7."})
    assert replied.json["state"] == "submitted"
    shown = team("GET", path).json
    assert [m["is_from_team"] for m in shown["messages"]] == [True, True, False]
    assert [line["what"] for line in shown["history"]] == [
        "application_submitted",
        "application_queried",
        "application_queried",
        "application_answered",
    ]
    assert team("POST", f"{path}/query", json={"words": "More?"}).status_code == 200
    assert team("POST", f"{path}/approval", json={}).status_code == 200
    assert team("POST", f"{path}/query", json={"words": "More?"}).status_code == 409


def test_a_form_sent_at_once_can_be_followed_too(visitor: Any, team: Any, link_for: Any) -> None:
    form = make_form()
    made = visitor("POST", "/applications", json=form).json
    found = opened(visitor, link_for(form["lead_email"]))
    assert found["reference"] == made["reference"]
    assert found["answers"]["organisation_name"] == form["organisation_name"]
    path = f"/applications/{made['application_id']}/query"
    assert team("POST", path, json={"words": "Which ward?"}).status_code == 200


def test_a_form_begun_and_then_sent_at_once_is_one(visitor: Any, begun: str, look: Any) -> None:
    visitor("POST", "/applications", json=make_form(lead_email=EMAIL))
    assert opened(visitor, begun)["state"] == "submitted"
    assert look.count("registration") == 1


def test_what_may_be_the_same_site_is_shown(visitor: Any, team: Any, make_site: Any) -> None:
    make_site(organisation_name="Elm General Hospital", ods_code="RZ101")
    make_site(organisation_name="Quite Another Place", ods_code="RZ102")
    make_site(organisation_name="Far Away", ods_code="RY9")
    declined = visitor("POST", "/applications", json=make_form(ods_code="RZ103")).json
    path = f"/applications/{declined['application_id']}/refusal"
    team("POST", path, json={"reason": "No."})
    made = visitor(
        "POST",
        "/applications",
        json=make_form(organisation_name="Elm  general hospitals", ods_code="RZ103"),
    ).json
    similar = team("GET", f"/applications/{made['application_id']}").json["similar"]
    assert [(one["name"], one["why"]) for one in similar][:2] == [
        ("Elm General Hospital", "nearly the same name"),
        ("Quite Another Place", "the same trust or health board"),
    ]
    assert similar[2]["code"] == declined["reference"] and len(similar) == 3


def test_only_digests_of_links_are_stored(visitor: Any, begun: str, look: Any) -> None:
    fill(visitor, begun, long_form())
    for table in ("registration", "registration_link", "audit_log", "outbox_event"):
        for row in look.rows(f"SELECT t::text AS line FROM {table} t"):
            assert begun not in row["line"]


def test_a_form_begun_many_times_at_once_is_one(visitor: Any, look: Any) -> None:
    def begin(_: int) -> int:
        return int(visitor("POST", "/registrations", json={"email": EMAIL}).status_code)

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(begin, range(6))) == {204}
    assert look.count("registration") == 1


def test_no_patients_number_goes_out_by_mail_or_into_the_log(
    visitor: Any, team: Any, site: Any
) -> None:
    made = visitor("POST", "/applications", json=make_form()).json
    number = "About 999 000 0018"
    days = {"shown_from": "2099-01-01", "shown_until": "2099-01-02"}
    for path, body in (
        (f"/applications/{made['application_id']}/query", {"words": number}),
        (f"/sites/{site.site_id}/suspension", {"reason": number}),
        ("/notices", {"title": "x", "words": number, **days}),
    ):
        answer = team("POST", path, json=body)
        assert answer.status_code == 422 and "long number" in str(answer.json["errors"])
