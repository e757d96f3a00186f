"""imports' consumer: follows sites and what records answers, and asks again for what got stuck."""

from __future__ import annotations

from services.imports.handlers import SWEEP_SECONDS, listeners, sweeper
from services.imports.settings import Settings
from services.shared.consumer import run_consumer
from services.shared.db import make_engine
from services.shared.settings import load


def main() -> None:
    """Runs until SIGTERM."""
    settings = load(Settings)
    run_consumer(
        service="imports",
        listeners=listeners(settings),
        settings=settings,
        engine=make_engine(settings.database_url, application_name="imports.consumer", pool_size=2),
        periodic=[(SWEEP_SECONDS, sweeper(settings))],
    )


if __name__ == "__main__":
    main()
