"""Hears what the other services say: `python -m services.facilities.consumer`."""

from services.facilities.handlers import REMIND_SECONDS, listeners, send_reminders
from services.facilities.settings import Settings
from services.shared.consumer import run_consumer
from services.shared.db import make_engine
from services.shared.settings import load


def main() -> None:
    """Run until told to stop."""
    settings = load(Settings)
    run_consumer(
        service="facilities",
        listeners=listeners(settings),
        settings=settings,
        engine=make_engine(
            settings.database_url, application_name="facilities.consumer", pool_size=2
        ),
        periodic=[(REMIND_SECONDS, send_reminders)],
    )


if __name__ == "__main__":
    main()
