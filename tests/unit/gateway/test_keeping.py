"""What was typed is kept over the end of a session, for who typed it alone."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from gateway import keeping
from tests.fakes.services import OTHER_ACCOUNT_ID, RECORD_ID, FakeServices, problem
from tests.unit.gateway.conftest import CSRF, LEAD, Person
from tests.unit.gateway.sent import fields_sent
from tests.unit.gateway.test_pages import check

FORM = f"/records/v1/forms/{RECORD_ID}"
PATH = f"/records/{RECORD_ID}/sections/2"
OTHER_SITE = "018f0000-0000-7000-8000-0000000000aa"


def _typed(person: Person, **changes: str) -> dict[str, Any]:
    sent = fields_sent(person.get(PATH).text, "typing")
    for name, value in {"height_cm": "17o", "smoker": "1", **changes}.items():
        sent[name] = value
    return sent.to_dict(flat=False)


def _after_the_session(visitor: Person, sent: dict[str, Any], path: str = PATH) -> Any:
    return visitor.client.post(path, data=sent, headers=visitor._headers())


def _kept(text: str) -> str:
    found = re.search(r'name="kept" value="([^"]+)"', text)
    assert found, "something is kept"
    return found[1]


def _sign_in(visitor: Person, page: str) -> Any:
    form = fields_sent(page).to_dict(flat=False)
    form |= {"email": ["sam@demo.example"], "password": ["right"]}
    return visitor.client.post("/sign-in", data=form, headers=visitor._headers())


def test_from_the_lost_session_to_the_save(
    lead: Person, visitor: Person, services: FakeServices
) -> None:
    lost = _after_the_session(visitor, _typed(lead))
    assert lost.status_code == 401
    assert "What you typed has been kept" in lost.text
    assert "17o" not in lost.text, "sealed"
    check(lost.text)

    signed_in = _sign_in(visitor, lost.text)
    assert signed_in.status_code == 200
    assert "fls_session=opaque" in signed_in.headers["Set-Cookie"]
    assert "What you typed has been kept" in signed_in.text and "17o" not in signed_in.text
    check(signed_in.text)
    assert not [call for call in services.calls if call[0] == "PUT"], "nothing goes by itself"

    # The browser now has a session; the form's token is still the visitor's.
    form = fields_sent(signed_in.text).to_dict()
    visitor_cookie = visitor.client.get_cookie("fls_visitor")
    assert visitor_cookie is not None
    lead.client.set_cookie("fls_visitor", visitor_cookie.value)
    answer = lead.post("/records/kept", {"kept": form["kept"]}, token=form["csrf_token"])
    assert answer.headers["Location"] == f"/records/{RECORD_ID}/sections/3?saved=2"
    body = services.body_of("PUT", FORM)
    assert body["version"] == 2 and body["texts"]["height_cm"] == "17o"


def test_a_wrong_password_does_not_lose_it(
    lead: Person, visitor: Person, services: FakeServices
) -> None:
    lost = _after_the_session(visitor, _typed(lead))
    services.replies["POST", "/registration/v1/sessions"] = problem(401)
    again = _sign_in(visitor, lost.text)
    assert again.status_code == 401
    assert _kept(again.text) == _kept(lost.text)


def test_another_account_never_sees_it(
    lead: Person, visitor: Person, services: FakeServices
) -> None:
    lost = _after_the_session(visitor, _typed(lead))
    opened = services.replies["POST", "/registration/v1/sessions"]
    services.replies["POST", "/registration/v1/sessions"] = {
        **opened, "account": {**opened["account"], "account_id": OTHER_ACCOUNT_ID}
    }  # fmt: skip
    answer = _sign_in(visitor, lost.text)
    assert answer.status_code == 303 and answer.headers["Location"] == PATH


def test_another_account_cannot_send_it_on(
    app: Flask, lead: Person, visitor: Person, services: FakeServices
) -> None:
    kept = _kept(_after_the_session(visitor, _typed(lead)).text)
    other = Person(app, LEAD, lead._site, account=OTHER_ACCOUNT_ID)
    answer = other.post("/records/kept", {"kept": kept})
    assert answer.status_code == 403 and "17o" not in answer.text
    assert not [call for call in services.calls if call[0] == "PUT"]


def test_at_another_site_it_waits_until_one_is_back(
    app: Flask, lead: Person, visitor: Person, services: FakeServices
) -> None:
    kept = _kept(_after_the_session(visitor, _typed(lead)).text)
    elsewhere = Person(app, LEAD, OTHER_SITE)
    answer = elsewhere.post("/records/kept", {"kept": kept})
    assert answer.status_code == 409 and "at another site" in answer.text
    assert not [call for call in services.calls if call[0] == "PUT"]
    assert lead.post("/records/kept", {"kept": _kept(answer.text)}).status_code == 303


def test_somebody_without_the_right_any_more_cannot_send_it_on(
    app: Flask, lead: Person, visitor: Person, services: FakeServices
) -> None:
    kept = _kept(_after_the_session(visitor, _typed(lead)).text)
    reader = Person(app, frozenset({"records.read"}), lead._site)
    assert reader.post("/records/kept", {"kept": kept}).status_code == 403
    assert not [call for call in services.calls if call[0] == "PUT"]


def test_it_is_kept_for_half_an_hour(
    app: Flask, lead: Person, visitor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = _kept(_after_the_session(visitor, _typed(lead)).text)
    now, clock = time.time(), app.extensions["fls_kept"]
    monkeypatch.setattr(clock, "clock", lambda: now + keeping.KEPT_SECONDS - 5)
    assert lead.post("/records/kept", {"kept": kept}).status_code == 303
    monkeypatch.setattr(clock, "clock", lambda: now + keeping.KEPT_SECONDS + 5)
    late = lead.post("/records/kept", {"kept": kept})
    assert late.status_code == 400 and "half an hour" in late.text


@pytest.mark.parametrize("kept", ["", "x", "AAAA", "é", "A" * 400])
def test_what_we_did_not_seal_is_refused(lead: Person, kept: str) -> None:
    assert lead.post("/records/kept", {"kept": kept}).status_code == 400


def test_a_form_that_does_not_say_who_typed_it_is_not_kept(lead: Person, visitor: Person) -> None:
    sent = _typed(lead)
    for author in ("", "forged", sent["author"][0][:-4] + "AAAA"):
        lost = _after_the_session(visitor, sent | {"author": [author]})
        assert lost.status_code == 303
        assert lost.headers["Location"] == f"/sign-in?next={PATH}"


def test_signed_in_anew_in_another_window_it_is_sent_on_at_once(
    lead: Person, services: FakeServices
) -> None:
    answer = lead.post(PATH, _typed(lead), token="of-the-last-session")
    assert answer.status_code == 409 and "What you typed has been kept" in answer.text
    assert fields_sent(answer.text)["csrf_token"] == CSRF
    check(answer.text)
    assert lead.post("/records/kept", {"kept": _kept(answer.text)}).status_code == 303
    assert services.body_of("PUT", FORM)["texts"]["height_cm"] == "17o"


def test_somebody_else_signed_in_meanwhile_and_is_asked_to_let_the_first_sign_in(
    app: Flask, lead: Person
) -> None:
    other = Person(app, LEAD, lead._site, account=OTHER_ACCOUNT_ID)
    answer = other.post(PATH, _typed(lead), token="of-the-last-session")
    assert answer.status_code == 401
    assert 'name="password"' in answer.text and _kept(answer.text)


def test_the_service_ending_the_session_keeps_it_too(lead: Person, services: FakeServices) -> None:
    services.replies["PUT", FORM] = problem(401)
    answer = lead.post(PATH, _typed(lead))
    assert answer.status_code == 401 and _kept(answer.text)
    assert fields_sent(answer.text)["csrf_token"] != CSRF, "a visitor's, whoever signs in"


def test_the_place_in_a_work_list_is_kept_too(lead: Person, visitor: Person) -> None:
    path = f"/records/{RECORD_ID}/follow-up/16?step=followup_16_due~3~57~abc"
    sent = fields_sent(lead.get(path).text, "typing").to_dict(flat=False) | {"then": ["list"]}
    kept = _kept(_after_the_session(visitor, sent, path).text)
    answer = lead.post("/records/kept", {"kept": kept})
    assert answer.headers["Location"].startswith("/worklists/followup_16_due/next?after=abc")


def test_only_what_is_typed_of_records_is_sent_on(lead: Person, app: Flask) -> None:
    sent = _typed(lead)
    with app.test_request_context("/tokens", method="POST", data=sent):
        kept = keeping.kept_forms().seal_posted()
    assert lead.post("/records/kept", {"kept": kept or ""}).status_code == 400


def test_a_script_is_only_told(lead: Person, visitor: Person) -> None:
    path = f"/records/{RECORD_ID}/autosave"
    answer = visitor.client.post(path, data=_typed(lead), headers={"Accept": "application/json"})
    assert answer.status_code == 401 and answer.json is not None
    assert answer.json["title"] == "Signed out"


def test_a_new_record_is_kept_too(lead: Person, visitor: Person, services: FakeServices) -> None:
    sent = fields_sent(lead.get("/records/new").text)
    sent["nhs_number"] = "9990000018"
    kept = _kept(_after_the_session(visitor, sent.to_dict(flat=False), "/records/new").text)
    assert lead.post("/records/kept", {"kept": kept}).status_code == 303
    body = services.body_of("POST", "/records/v1/forms")
    assert body["record_id"] == sent["record_id"]


def test_a_form_comes_back_whole(app: Flask, lead: Person) -> None:
    author = _typed(lead)["author"]
    sent = MultiDict([("author", author[0]), ("a", "1"), ("a", "2 é"), ("csrf_token", "x")])
    with app.test_request_context(f"{PATH}?step=x", method="POST", data=sent):
        sealed = keeping.kept_forms().seal_posted()
        kept = keeping.kept_forms().open(sealed or "")
    assert kept is not None
    assert (kept.path, kept.query) == (PATH, "step=x")
    assert list(kept.form.items(multi=True)) == [("a", "1"), ("a", "2 é")]
