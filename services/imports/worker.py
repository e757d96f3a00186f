"""An import worker: reads files and checks chunks. Any number may run.

Each takes one file and one chunk at a time: a small file's chunk need not wait until a file of a
million rows has been read.
"""

from __future__ import annotations

import gc

from services.imports.handlers import worker_listeners
from services.imports.settings import Settings
from services.shared.consumer import run_consumer
from services.shared.db import make_engine
from services.shared.settings import load

THREADS = 2
"""One for each queue."""


def main() -> None:
    """Runs until SIGTERM."""
    # A batch is thousands of lists without a cycle: looking through them took a fifth of the time.
    # Memory stays bounded, because they are freed by counting references.
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    settings = load(Settings)
    run_consumer(
        service="imports",
        process="worker",
        listeners=worker_listeners(settings),
        settings=settings,
        engine=make_engine(settings.database_url, application_name="imports.worker", pool_size=3),
        threads=THREADS,
    )


if __name__ == "__main__":
    main()
