"""Mails: sent once in effect, put off, refused, and never kept longer than needed."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiosmtpd.controller import Controller

from services.registration.domain.mails import MAX_DELAYS, MailDelayed, MailRefused, OutgoingMail
from services.registration.handlers import LISTENS, listeners
from services.registration.mailer import make_mailer
from services.shared.consumer import Event
from services.shared.db import transaction
from services.shared.envelope import new_envelope
from services.shared.errors import NotFound, Unavailable
from services.shared.inbox import first_time
from tests.factories.registration import make_form
from tests.integration.registration.conftest import DESK, TEAM_EMAIL

REPLY_TO = "team@audit.example"


class Server:
    """A mail server that keeps what it takes and answers as told."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.rcpt = "250 OK"
        self.data = "250 OK"

    async def handle_RCPT(self, _: Any, __: Any, envelope: Any, address: str, *___: Any) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:
        if self.data.startswith("250"):
            self.taken.append(envelope.content)
        return self.data


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def smtp_url(server) -> Iterator[str]:
    from deploy.local.ports import free_port

    port = free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}"
    controller.stop()


@pytest.fixture
def mail_id(visitor, look) -> UUID:
    form = make_form(lead_name="Zo\u00eb Example")
    assert visitor("POST", "/applications", json=form).status_code == 201
    return look.value("SELECT mail_id FROM mail")


def hear(engine: Any, mailer: Any, mail_id: UUID, event_id: UUID | None = None) -> bool:
    """Handles the event as the consumer does; says whether it was new."""
    envelope = new_envelope(LISTENS[0], subject=str(mail_id), content_type="application/json")
    listener = listeners(mailer, engine, DESK)[0]
    data = listener.schema().load({"mail_id": str(mail_id)})
    with transaction(engine) as session:
        new = first_time(session, "registration", event_id or envelope.id)
        if new:
            listener.handle(session, Event(envelope, data))
    return new


def test_a_mail_is_sent_marked_and_its_words_wiped(engine, look, server, smtp_url, mail_id) -> None:
    hear(engine, make_mailer(smtp_url, DESK.mail_from, REPLY_TO), mail_id)
    message = message_from_bytes(server.taken[0], policy=policy.default)
    row = look.rows("SELECT * FROM mail")[0]
    assert (row["state"], row["attempts"], row["body"]) == ("sent", 1, None)
    assert message["Message-ID"] == row["message_id"] == f"<{mail_id}@example.org>"
    assert message["To"] == row["to_address"] and message["From"] == DESK.mail_from
    assert message["Reply-To"] == REPLY_TO
    assert message.get_content_type() == "multipart/alternative"
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None and "Dear Zo\u00eb Example," in part.get_content()


def test_the_same_event_twice_sends_one_mail(engine, server, smtp_url, mail_id) -> None:
    mailer, event_id = make_mailer(smtp_url, DESK.mail_from, REPLY_TO), uuid4()
    assert hear(engine, mailer, mail_id, event_id) is True
    assert hear(engine, mailer, mail_id, event_id) is False
    assert hear(engine, mailer, mail_id) is True
    assert len(server.taken) == 1


def test_a_repeat_after_a_crash_carries_the_same_message_id(
    engine, server, smtp_url, mail_id
) -> None:
    mailer = make_mailer(smtp_url, DESK.mail_from, REPLY_TO)

    def send_and_crash(mail: OutgoingMail) -> None:
        mailer(mail)
        raise SystemExit

    with pytest.raises(SystemExit):
        hear(engine, send_and_crash, mail_id)
    hear(engine, mailer, mail_id)
    first, second = (message_from_bytes(m, policy=policy.default) for m in server.taken)
    assert first["Message-ID"] == second["Message-ID"] and first["Date"] == second["Date"]


def test_a_server_that_is_down_is_waited_for(engine, look, mail_id) -> None:
    mailer = make_mailer("smtp://127.0.0.1:1", DESK.mail_from, REPLY_TO)
    for attempt in (1, 2):
        with pytest.raises(Unavailable):
            hear(engine, mailer, mail_id)
        row = look.rows("SELECT * FROM mail")[0]
        assert (row["state"], row["attempts"]) == ("queued", attempt)
        assert "ConnectionRefusedError" in row["last_error"] and row["body"]


@pytest.mark.parametrize("stage", ["rcpt", "data"])
def test_a_refused_mail_is_shown_to_the_audit_team(
    engine, look, team, server, smtp_url, mail_id, stage
) -> None:
    setattr(server, stage, "550 5.1.1 no such mailbox")
    hear(engine, make_mailer(smtp_url, DESK.mail_from, REPLY_TO), mail_id)
    shown = team("GET", "/mails?state=failed").json
    assert shown["total"] == 1 and "body" not in shown["items"][0]
    assert "550 5.1.1 no such mailbox" in shown["items"][0]["last_error"]
    query = "SELECT body FROM mail WHERE mail_id = %s"
    assert look.value(query, mail_id) is None


def test_a_mailbox_that_says_later_is_tried_again_but_not_for_ever(
    engine, look, server, smtp_url, mail_id
) -> None:
    server.rcpt = "450 4.2.0 come back later"
    mailer = make_mailer(smtp_url, DESK.mail_from, REPLY_TO)
    with pytest.raises(Unavailable):
        hear(engine, mailer, mail_id)
    assert look.value("SELECT last_error FROM mail").startswith("450")
    look.rows("UPDATE mail SET attempts = %s", MAX_DELAYS)
    hear(engine, mailer, mail_id)
    assert look.value("SELECT state FROM mail") == "failed"


def test_a_mail_that_is_not_there_is_said_so(engine) -> None:
    with pytest.raises(NotFound):
        hear(engine, lambda _: None, uuid4())


def test_a_password_for_the_server_is_used_after_encryption_only(mail_id, engine, smtp_url) -> None:
    # This server offers no STARTTLS, so the password must not be sent at all.
    url = smtp_url.replace("smtp://", "smtp+starttls://user:secret@")
    with pytest.raises(Unavailable):
        hear(engine, make_mailer(url, DESK.mail_from, REPLY_TO), mail_id)


@pytest.mark.parametrize("url", ["http://mail.example.org", "smtp://", "mail.example.org:25"])
def test_an_address_of_another_kind_is_refused_at_the_start(url) -> None:
    with pytest.raises(ValueError, match="FLS_SMTP_URL"):
        make_mailer(url, DESK.mail_from, REPLY_TO)


def test_errors_of_one_mail_have_their_own_words() -> None:
    from services.registration.mailer import _about_this_mail

    assert isinstance(_about_this_mail(550, b"no"), MailRefused)
    assert isinstance(_about_this_mail(450, b"later"), MailDelayed)
    assert TEAM_EMAIL not in str(_about_this_mail(550, b"no"))


IMPORT_ID = UUID("01890000-0000-7000-8000-000000000001")


def tell(engine: Any, account_id: UUID, site_id: UUID, *, state: str = "checked") -> None:
    """Imports says, twice, that a file waits for its person or has ended."""
    listener = listeners(lambda _: None, engine, DESK)[1]
    data = {
        "import_id": str(IMPORT_ID),
        "account_id": str(account_id),
        "state": state,
        "uploaded_at": "2026-07-03T14:05:00Z",
    }
    envelope = new_envelope(
        LISTENS[1], subject=str(IMPORT_ID), content_type="application/json", site_id=site_id
    )
    for _ in range(2):
        with transaction(engine) as session:
            if first_time(session, "registration", envelope.id):
                loaded = listener.schema(unknown="exclude").load(data)
                listener.handle(session, Event(envelope, loaded))


def lead_of(look: Any, site: Any) -> UUID:
    return UUID(str(look.value("SELECT account_id FROM account WHERE email = %s", site.email)))


@pytest.mark.parametrize(
    ("state", "subject", "words"),
    [
        ("checked", "your file is checked", "Nothing of it is stored yet"),
        ("refused", "your file needs mending", "says what to mend"),
        ("applied", "your file is stored", "and the receipt"),
        ("failed", "your file could not be worked on", "The fault is ours"),
    ],
)
def test_whoever_sent_a_file_is_written_to_once(
    engine, look, site, state: str, subject: str, words: str
) -> None:
    tell(engine, lead_of(look, site), site.site_id, state=state)
    (mail,) = look.rows("SELECT * FROM mail WHERE kind = %s", f"import_{state}")
    assert mail["subject"] == f"Fracture Audit: {subject}"
    text = " ".join(mail["body"].split())
    assert words in text and f"{DESK.public_url}/imports/{IMPORT_ID}" in text
    assert "on 3 July 2026 at 15:05" in text, "the time as their clock showed it"


def test_who_cannot_open_the_page_any_more_is_not_written_to(
    engine, look, site, other_site
) -> None:
    lead = lead_of(look, site)
    tell(engine, uuid4(), site.site_id)
    tell(engine, lead, other_site.site_id)
    look.rows("UPDATE account SET switched_off_at = now() WHERE account_id = %s", lead)
    tell(engine, lead, site.site_id)
    assert look.rows("SELECT * FROM mail WHERE starts_with(kind, 'import_')") == []
