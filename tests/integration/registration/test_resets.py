"""A lost password: the same for every address, one link that works once, and no flood of mails."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from services.registration.handlers import LISTENS, listeners
from services.shared.consumer import Event
from services.shared.db import transaction
from services.shared.envelope import new_envelope
from services.shared.inbox import first_time
from tests.integration.registration.conftest import DESK, PASSWORD

NEW = "five quiet lanterns glowing"


@pytest.fixture
def work(engine: Any, look: Any) -> Any:
    """Has the consumer deal with all wishes, each event delivered twice."""
    listener = next(
        each for each in listeners(lambda _: None, engine, DESK) if "reset" in each.event
    )

    def deal() -> None:
        rows = look.rows("DELETE FROM outbox_event WHERE name = %s RETURNING body", LISTENS[2])
        for row in rows:
            data = listener.schema().loads(bytes(row["body"]))
            subject = str(data["password_reset_id"])
            envelope = new_envelope(LISTENS[2], subject=subject, content_type="application/json")
            for event_id in (envelope.id, envelope.id, uuid4()):
                with transaction(engine) as session:
                    if first_time(session, "registration", event_id):
                        listener.handle(session, Event(envelope, data))

    return deal


def ask(visitor: Any, email: str) -> None:
    assert visitor("POST", "/password-resets", json={"email": email}).status_code == 204


def mailed(look: Any) -> list[dict[str, Any]]:
    return list(look.rows("SELECT * FROM mail WHERE kind = 'password_reset' ORDER BY created_at"))


def test_a_lost_password_is_replaced(visitor, site, look, work, sign_in) -> None:
    ask(visitor, site.email.upper())
    work()
    (mail,) = mailed(look)
    assert mail["to_address"] == site.email and "two hours" in mail["body"]
    link = look.link_for(site.email)
    assert visitor("POST", "/password-links/check", json={"link": link}).json["purpose"] == "reset"
    # Until the link is used, the old password goes on working.
    sign_in(site.email)
    body = {"link": link, "password": NEW}
    assert visitor("POST", "/passwords", json=body).status_code == 204
    assert visitor("POST", "/passwords", json=body).status_code == 404
    sign_in(site.email, NEW)
    assert site.lead("GET", "/me").status_code == 401, "sessions of the old password end"
    old = visitor("POST", "/sessions", json={"email": site.email, "password": PASSWORD})
    assert old.status_code == 401


def test_every_address_gets_the_same_answer_and_leaves_nothing(visitor, site, look, work) -> None:
    for email in ("nobody@example.org", site.email):
        ask(visitor, email)
    assert look.count("password_reset") == 2
    work()
    assert look.count("password_reset") == 0
    assert [mail["to_address"] for mail in mailed(look)] == [site.email]


def test_an_account_that_is_off_gets_nothing(visitor, site, look, work) -> None:
    look.rows("UPDATE account SET switched_off_at = now() WHERE email = %s", site.email)
    ask(visitor, site.email)
    work()
    assert mailed(look) == []


def test_somebody_invited_gets_the_invitation_again(visitor, site, look, work) -> None:
    email = site.address()
    body = {"name": "Sam", "email": email, "role": "site_reader", "grants": []}
    assert site.lead("POST", "/people", json=body).status_code == 201
    first = look.link_for(email)
    ask(visitor, email)
    work()
    second = look.link_for(email)
    assert first != second
    assert visitor("POST", "/password-links/check", json={"link": first}).status_code == 404
    found = visitor("POST", "/password-links/check", json={"link": second}).json
    assert found["purpose"] == "invitation"


def test_a_mailbox_cannot_be_filled_by_asking(visitor, site, look, work) -> None:
    look.rows("UPDATE password_link SET created_at = created_at - interval '2 hours'")
    for _ in range(5):
        ask(visitor, site.email)
        work()
    assert len(mailed(look)) == 3
    look.rows("UPDATE password_link SET created_at = created_at - interval '2 hours'")
    ask(visitor, site.email)
    work()
    assert len(mailed(look)) == 4


def test_a_link_that_was_asked_for_ends_after_two_hours(visitor, site, look, work) -> None:
    ask(visitor, site.email)
    work()
    link = look.link_for(site.email)
    look.rows("UPDATE password_link SET expires_at = expires_at - interval '2 hours'")
    assert visitor("POST", "/passwords", json={"link": link, "password": NEW}).status_code == 404


def test_the_log_says_that_it_was_asked_for(visitor, site, look, work) -> None:
    ask(visitor, site.email)
    work()
    (line,) = look.rows("SELECT * FROM audit_log WHERE what = 'password_reset_asked'")
    assert line["actor_kind"] == "visitor"
