"""Program: registration's consumer, which sends the mails."""

from __future__ import annotations

from services.registration.actions.mails import MailDesk
from services.registration.handlers import KEEP_SECONDS, SEAL_SECONDS, keeper, listeners, log_writer
from services.registration.mailer import make_mailer
from services.registration.settings import ConsumerSettings
from services.shared.consumer import run_consumer
from services.shared.db import make_engine
from services.shared.settings import load


def main() -> None:
    """Runs until SIGTERM."""
    settings = load(ConsumerSettings)
    engine = make_engine(
        settings.database_url, application_name="registration.consumer", pool_size=2
    )
    mailer = make_mailer(settings.smtp_url, settings.mail_from, settings.contact_email)
    run_consumer(
        service="registration",
        listeners=listeners(mailer, engine, MailDesk(settings.public_url, settings.mail_from)),
        settings=settings,
        engine=engine,
        periodic=[(SEAL_SECONDS, log_writer(settings)), (KEEP_SECONDS, keeper(settings))],
    )


if __name__ == "__main__":
    main()
