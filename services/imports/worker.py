"""An import worker: reads files and checks chunks. Any number may run; each takes one at a time."""

from __future__ import annotations

from services.imports.handlers import worker_listeners
from services.imports.settings import Settings
from services.shared.consumer import run_consumer
from services.shared.db import make_engine
from services.shared.settings import load


def main() -> None:
    """Runs until SIGTERM."""
    settings = load(Settings)
    run_consumer(
        service="imports",
        process="worker",
        listeners=worker_listeners(settings),
        settings=settings,
        engine=make_engine(settings.database_url, application_name="imports.worker", pool_size=2),
    )


if __name__ == "__main__":
    main()
