"""An import worker: reads files and checks chunks. Any number may run; each takes one at a time."""

from __future__ import annotations

import gc

from services.imports.handlers import worker_listeners
from services.imports.settings import Settings
from services.shared.consumer import run_consumer
from services.shared.db import make_engine
from services.shared.settings import load


def main() -> None:
    """Runs until SIGTERM."""
    collect_rarely()
    settings = load(Settings)
    run_consumer(
        service="imports",
        process="worker",
        listeners=worker_listeners(settings),
        settings=settings,
        engine=make_engine(settings.database_url, application_name="imports.worker", pool_size=2),
    )


def collect_rarely() -> None:
    """Has Python look for cyclic garbage less often.

    A chunk is some ten thousand lists and tuples without a cycle; looking through them while they
    are made took a fifth of the time. Memory stays bounded: they are freed by counting references.
    """
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


if __name__ == "__main__":
    main()
