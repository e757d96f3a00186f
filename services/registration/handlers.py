"""What registration hears: its own wish to send a mail."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.registration.actions.mails import deliver_mail, note_attempt
from services.registration.domain.mails import MailDelayed, OutgoingMail
from services.registration.metrics import MAILS
from services.registration.schemas.bodies import MailWantedFact
from services.shared.consumer import Event, Listener
from services.shared.db import transaction
from services.shared.errors import Unavailable

MAIL_WANTED = "registration.mail_wanted.v1"

LISTENS: tuple[str, ...] = (MAIL_WANTED,)


def listeners(mailer: Callable[[OutgoingMail], None], engine: Engine) -> list[Listener]:
    """Returns what the consumer runs.

    Args:
        mailer: Sends one mail; `mailer.make_mailer` makes it.
        engine: For noting attempts that fail, whose own transaction is rolled back.
    """

    def send_mail(session: Session, event: Event) -> None:
        send_wanted_mail(session, event, mailer=mailer, engine=engine)

    # One at a time: a mail that waits for the server keeps no other consumer from the next.
    return [Listener(MAIL_WANTED, send_mail, MailWantedFact, prefetch=1)]


def send_wanted_mail(
    session: Session, event: Event, *, mailer: Callable[[OutgoingMail], None], engine: Engine
) -> None:
    """Sends the mail; at least once, and with the same Message-ID each time.

    Raises:
        Unavailable: The server cannot be reached, or wants this mail later.
    """
    mail_id = event.data["mail_id"]
    try:
        outcome = deliver_mail(session, mail_id=mail_id, send=mailer)
    except (Unavailable, MailDelayed) as error:
        with transaction(engine) as own:
            note_attempt(own, mail_id=mail_id, error=str(error))
        MAILS.labels("waits").inc()
        raise Unavailable("The mail waits for its server.") from None
    if outcome is not None:
        MAILS.labels(outcome).inc()
