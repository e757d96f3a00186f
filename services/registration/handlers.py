"""What registration hears: wishes to send a mail, its own and those of other services."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.registration.actions.import_news import write_import_news
from services.registration.actions.keeping_current import remind_leads, treat_unused
from services.registration.actions.mails import MailDesk, deliver_mail, note_attempt
from services.registration.actions.resets import answer_reset
from services.registration.actions.round_news import write_round_reminder
from services.registration.actions.sealing_log import LINES_AT_ONCE, seal_log, sign_head
from services.registration.domain.log_chain import HeadSigner
from services.registration.domain.mails import MailDelayed, OutgoingMail
from services.registration.metrics import MAILS
from services.registration.schemas.bodies import (
    MailWantedFact,
    PersonWantedFact,
    ReminderWantedFact,
    ResetWantedFact,
)
from services.registration.settings import ConsumerSettings
from services.registration.today import today_in_london
from services.shared import logs
from services.shared.consumer import Event, Listener
from services.shared.db import transaction
from services.shared.errors import InvalidInput, Unavailable

MAIL_WANTED = "registration.mail_wanted.v1"

PERSON_WANTED = "imports.person_wanted.v1"

RESET_WANTED = "registration.reset_wanted.v1"

REMINDER_WANTED = "facilities.reminder_wanted.v1"

KEEP_SECONDS = 600.0
"""How often accounts are looked for that nobody uses."""
SEAL_SECONDS = 5.0
"""How often new lines of the log are taken into its chain."""

LISTENS: tuple[str, ...] = (MAIL_WANTED, PERSON_WANTED, RESET_WANTED, REMINDER_WANTED)


def listeners(
    mailer: Callable[[OutgoingMail], None], engine: Engine, desk: MailDesk
) -> list[Listener]:
    """Returns what the consumer runs.

    Args:
        mailer: Sends one mail; `mailer.make_mailer` makes it.
        engine: For noting attempts that fail, whose own transaction is rolled back.
        desk: What the words of mails need.
    """

    def send_mail(session: Session, event: Event) -> None:
        send_wanted_mail(session, event, mailer=mailer, engine=engine)

    def person_wanted(session: Session, event: Event) -> None:
        if event.envelope.site_id is None:
            raise InvalidInput(detail="person_wanted names no site")
        write_import_news(session, site_id=event.envelope.site_id, desk=desk, **event.data)

    def reminder_wanted(session: Session, event: Event) -> None:
        if event.envelope.site_id is None:
            raise InvalidInput(detail="reminder_wanted names no site")
        write_round_reminder(session, site_id=event.envelope.site_id, desk=desk, **event.data)

    def reset_wanted(session: Session, event: Event) -> None:
        answer_reset(session, desk=desk, **event.data)

    return [
        # One at a time: a mail that waits for the server keeps no other consumer from the next.
        Listener(MAIL_WANTED, send_mail, MailWantedFact, prefetch=1),
        Listener(PERSON_WANTED, person_wanted, PersonWantedFact),
        Listener(RESET_WANTED, reset_wanted, ResetWantedFact),
        Listener(REMINDER_WANTED, reminder_wanted, ReminderWantedFact),
    ]


def log_writer(settings: ConsumerSettings) -> Callable[[Engine], None]:
    """Returns what takes new lines of the log into its chain, and mails its head once a day."""
    signer = HeadSigner(settings.log_keys, settings.log_key_id)
    desk = MailDesk(settings.public_url, settings.mail_from)

    def write(engine: Engine) -> None:
        sealed = LINES_AT_ONCE
        while sealed == LINES_AT_ONCE:
            with transaction(engine) as session:
                sealed = seal_log(session)
        with transaction(engine) as session:
            sign_head(
                session,
                signer,
                today=today_in_london(),
                address=settings.contact_email,
                desk=desk,
            )

    return write


def keeper(settings: ConsumerSettings) -> Callable[[Engine], None]:
    """Returns what warns and switches off unused accounts, and reminds leads of their lists."""
    desk = MailDesk(settings.public_url, settings.mail_from)

    def keep(engine: Engine) -> None:
        with transaction(engine) as session:
            treated = treat_unused(session, desk=desk)
            reminded = remind_leads(session, desk=desk)
        if treated or reminded:
            logs.get_logger().info("kept_current", accounts=len(treated), reminders=reminded)

    return keep


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
