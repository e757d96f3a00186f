"""Speaks SMTP: hands one mail to the server that the settings name.

Knows nothing of tables or events. What the server answers becomes one of three: sent, refused for
good, or later.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from services.registration.domain.mail_html import html_of
from services.registration.domain.mails import MailDelayed, MailRefused, OutgoingMail
from services.shared.errors import Unavailable

TIMEOUT_SECONDS = 20.0
_MAX_ANSWER = 300
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}

Mailer = Callable[[OutgoingMail], None]


def make_mailer(smtp_url: str, mail_from: str, reply_to: str) -> Mailer:
    """Returns a function that sends one mail.

    It raises MailRefused when the server will never take the mail, MailDelayed when it wants it
    later, Unavailable when the server itself cannot be used (down, wrong password, no encryption).

    Args:
        smtp_url: `smtp://host:port`, `smtp+starttls://user:password@host:port` or `smtps://...`.
        mail_from: The sender, with or without a name.
        reply_to: The audit team's address, to which replies go.

    Raises:
        ValueError: The address is of no such form.
    """
    scheme = urlsplit(smtp_url).scheme
    if scheme not in _PORTS or not urlsplit(smtp_url).hostname:
        raise ValueError("FLS_SMTP_URL must begin with smtp://, smtp+starttls:// or smtps://")

    def send(mail: OutgoingMail) -> None:
        message = message_from(mail, mail_from, reply_to)
        with _faults_told_apart(), _connection(smtp_url) as server:
            server.send_message(message)

    return send


def message_from(mail: OutgoingMail, mail_from: str, reply_to: str) -> EmailMessage:
    """Returns the mail as a message; the same each time, so that a repeat can be recognised."""
    message = EmailMessage()
    message["From"] = mail_from
    message["Reply-To"] = reply_to
    message["To"] = mail.to_address
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = mail.message_id
    # Keeps out-of-office replies away (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    message.add_alternative(html_of(mail.body, subject=mail.subject), subtype="html")
    message.set_boundary(f"part-{mail.message_id.strip('<>').partition('@')[0]}")
    return message


@contextmanager
def _connection(smtp_url: str) -> Iterator[smtplib.SMTP]:
    parts = urlsplit(smtp_url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    with server:
        if parts.scheme == "smtp+starttls":
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server


@contextmanager
def _faults_told_apart() -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise _about_this_mail(code, answer) from None
    except smtplib.SMTPDataError as error:
        raise _about_this_mail(error.smtp_code, error.smtp_error) from None
    except (smtplib.SMTPException, OSError) as error:
        # The server is down, or our settings are wrong: no fault of this mail, so it waits.
        raise Unavailable(f"The mail server cannot be used ({type(error).__name__}).") from None


def _about_this_mail(code: int, answer: bytes | str) -> Exception:
    words = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    kind = MailRefused if code >= 500 else MailDelayed
    return kind(f"{code} {words}"[:_MAX_ANSWER])
