"""Asks again for steps whose message died, and gives up, openly, when asking has not helped.

All steps are idempotent: asking twice does nothing twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.imports import metrics
from services.imports.actions.following import fail_import
from services.imports.actions.preparing import ask_for_chunk, ask_for_chunks
from services.imports.actions.uploads import ask_for_reading
from services.imports.domain.states import CHECKING, LIVE, RECEIVED
from services.imports.queries.working import lock_chunk, lock_import

PAUSE = timedelta(seconds=25)
"""With a sweep each half minute, what is stuck goes on within a minute."""
MOST_ASKS = 14
"""After this many, about four hours, an import has failed: pauses double up to 27 minutes."""

NOT_READ = (
    "The file could not be read, although we tried for hours. The fault is ours and has been "
    "recorded. Nothing was stored; you can upload the file again."
)

_DUE = """(now() - asked_at) > make_interval(secs => :seconds * power(2, least(asks - 1, 6)))"""
_STUCK = text(
    f"""
    SELECT import_id, site_id, NULL AS number FROM import WHERE state = 'received' AND {_DUE}
    UNION ALL
    SELECT c.import_id, c.site_id, c.number FROM (
        SELECT * FROM chunk WHERE state = 'wanted' AND {_DUE}) AS c
    JOIN import AS i ON i.import_id = c.import_id AND i.state = 'checking'
    UNION ALL
    SELECT i.import_id, i.site_id, 0 FROM import AS i WHERE i.state = 'checking'
        AND EXISTS (SELECT FROM chunk AS c WHERE c.import_id = i.import_id AND c.state = 'waiting')
        AND NOT EXISTS (SELECT FROM chunk AS c
                        WHERE c.import_id = i.import_id AND c.state IN ('wanted', 'checked'))
    LIMIT 1000
    """
)
_LIVE_BY_STATE = text("SELECT state, count(*) FROM import GROUP BY state")


@dataclass(frozen=True, slots=True)
class Stuck:
    """A step that nobody has finished.

    Attributes:
        number: of the chunk; None for the reading of the file, 0 for a window that stands empty.
    """

    import_id: UUID
    site_id: UUID
    number: int | None


def find_stuck(session: Session, *, pause: timedelta = PAUSE) -> list[Stuck]:
    """Steps of all sites that have waited too long; needs the national reader's role."""
    rows = session.execute(_STUCK, {"seconds": pause.total_seconds()})
    return [Stuck(row.import_id, row.site_id, row.number) for row in rows]


def count_live(session: Session) -> None:
    """Sets the gauge of imports under way; needs the national reader's role."""
    counts = {state: count for state, count in session.execute(_LIVE_BY_STATE)}
    for state in LIVE:
        metrics.LIVE.labels(state).set(counts.get(state, 0))


def ask_again(session: Session, stuck: Stuck, *, window: int) -> None:
    """Asks again for a stuck step, or fails its import when that was done often enough."""
    row = lock_import(session, stuck.import_id)
    if stuck.number is None:
        if row.state != RECEIVED:
            return
        if row.asks >= MOST_ASKS:
            fail_import(session, row, NOT_READ)
            return
        row.asks += 1
        row.asked_at = datetime.now(UTC)
        ask_for_reading(session, row)
        metrics.ASKED_AGAIN.labels("file").inc()
        return
    if row.state != CHECKING:
        return
    if stuck.number == 0:
        ask_for_chunks(session, row, window=window)
        return
    chunk = lock_chunk(session, stuck.import_id, stuck.number, wait=False)
    if chunk is None or chunk.state != "wanted":
        return
    if chunk.asks >= MOST_ASKS:
        fail_import(session, row, NOT_READ)
        return
    ask_for_chunk(session, row, chunk)
    metrics.ASKED_AGAIN.labels("chunk").inc()
