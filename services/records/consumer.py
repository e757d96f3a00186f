"""Hears what the other services say: `python -m services.records.consumer`. Any number may run."""

import gc

from services.records.handlers import TELL_SECONDS, THREADS, listeners, tell_counts
from services.records.settings import Settings
from services.shared.consumer import run_consumer
from services.shared.db import make_engine
from services.shared.settings import load


def main() -> None:
    """Run until told to stop."""
    # A batch is thousands of lists without a cycle: looking through them took a fifth of the time.
    # Memory stays bounded, because they are freed by counting references.
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    settings = load(Settings)
    run_consumer(
        service="records",
        listeners=listeners(settings),
        settings=settings,
        engine=make_engine(settings.database_url, application_name="records.consumer", pool_size=4),
        threads=THREADS,
        periodic=[(TELL_SECONDS, tell_counts)],
    )


if __name__ == "__main__":
    main()
