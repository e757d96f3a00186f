"""Queues mails and records what became of them. Sending itself is the mailer's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.registration import queries
from services.registration.domain.mails import (
    MAX_DELAYS,
    MailDelayed,
    MailRefused,
    MailText,
    OutgoingMail,
)
from services.registration.events import MAIL_WANTED
from services.registration.tables import Mail
from services.shared.errors import NotFound
from services.shared.outbox import record_event


@dataclass(frozen=True)
class MailDesk:
    """What the words of a mail need from the settings: our address, and our sender."""

    public_url: str
    mail_from: str

    def password_page(self, link: str) -> str:
        """Returns the address of the page on which a one-time link is used."""
        return f"{self.public_url.rstrip('/')}/set-password/{link}"

    def registration_page(self, link: str) -> str:
        """Returns the address of the page of a registration form."""
        return f"{self.public_url.rstrip('/')}/register/{link}"

    def sign_in_page(self) -> str:
        """Returns the address of the page on which one signs in."""
        return f"{self.public_url.rstrip('/')}/sign-in"

    def people_page(self) -> str:
        """Returns the address of the page of the people of one's site."""
        return f"{self.public_url.rstrip('/')}/people"

    def account_page(self) -> str:
        """Returns the address of the page of one's own account."""
        return f"{self.public_url.rstrip('/')}/account"

    def forgotten_page(self) -> str:
        """Returns the address of the page on which a new password is asked for."""
        return f"{self.public_url.rstrip('/')}/forgotten-password"

    def import_page(self, import_id: UUID) -> str:
        """Returns the address of the page of an import."""
        return f"{self.public_url.rstrip('/')}/imports/{import_id}"

    def round_page(self, round_id: UUID) -> str:
        """Returns the address of the page of a round of the facilities audit."""
        return f"{self.public_url.rstrip('/')}/facilities/{round_id}"

    def message_id(self, mail_id: UUID) -> str:
        """Returns the Message-ID of a mail: the same however often it is sent."""
        domain = parseaddr(self.mail_from)[1].rpartition("@")[2] or "localhost"
        return f"<{mail_id}@{domain}>"


def queue_mail(session: Session, *, to_address: str, words: MailText, desk: MailDesk) -> Mail:
    """Records a mail and the event that has it sent; does not commit."""
    mail_id = uuid7()
    mail = Mail(
        mail_id=mail_id,
        kind=words.kind,
        to_address=to_address,
        subject=words.subject,
        body=words.body,
        message_id=desk.message_id(mail_id),
        state="queued",
        attempts=0,
        created_at=datetime.now(UTC),
    )
    session.add(mail)
    session.flush()
    record_event(session, MAIL_WANTED, subject=mail_id, data={"mail_id": mail_id})
    return mail


def deliver_mail(
    session: Session, *, mail_id: UUID, send: Callable[[OutgoingMail], None]
) -> str | None:
    """Sends a queued mail and records the outcome; does not commit.

    The row is not locked while the server is spoken to: an attempt that fails is noted by another
    transaction (`note_attempt`).

    Returns:
        `sent` or `failed`; None when there was nothing to do.

    Raises:
        MailDelayed: The server wants it later.
        Unavailable: The server cannot be reached.
        NotFound: There is no such mail.
    """
    mail = queries.find_mail(session, mail_id)
    if mail is None:
        raise NotFound("There is no such mail.")
    if mail.state != "queued" or mail.body is None:
        return None
    outgoing = OutgoingMail(
        mail.to_address, mail.subject, mail.body, mail.message_id, mail.created_at
    )
    try:
        send(outgoing)
    except MailRefused as error:
        mail.state, mail.last_error = "failed", str(error)
    except MailDelayed as error:
        if mail.attempts < MAX_DELAYS:
            raise
        mail.state, mail.last_error = "failed", str(error)
    else:
        mail.state, mail.last_error, mail.sent_at = "sent", None, datetime.now(UTC)
    mail.attempts += 1
    # The body may carry a one-time link, which nobody but the addressee needs from now on.
    mail.body = None
    return mail.state


def note_attempt(session: Session, *, mail_id: UUID, error: str) -> None:
    """Counts an attempt that came to nothing, so that the audit team sees why a mail waits."""
    mail = queries.find_mail(session, mail_id)
    if mail is not None and mail.state == "queued":
        mail.attempts += 1
        mail.last_error = error
