"""Tells other services how many records a site has, by month of diagnosis, without any patient.

Whoever changes records takes the site's lock, and the lock marks the site's counts as due in the
same transaction (`guarding.lock_site`): no door can forget it. The teller counts afterwards. It
passes over a site whose row somebody holds, because that one has not committed yet. It holds
nothing while it counts: a million records take seconds, for which nobody could save or apply. A
change that comes meanwhile leaves the site due.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from services.records.events import SITE_COUNTS_CHANGED
from services.shared.outbox import record_event

PAUSE_SECONDS = 20
"""A site's counts are told at most this often, however much is going on."""
PAUSE_RATIO = 50
"""And counting a site takes at most this part (1/50) of the time."""

_DUE = text("""
SELECT site_id FROM site_counts
WHERE is_due AND (told_at IS NULL
    OR told_at < now() - make_interval(secs => greatest(:pause, count_seconds * :ratio)))
LIMIT 1000
""")
_LOOK = text(
    "SELECT version, told_sha256, changes FROM site_counts WHERE site_id = :site_id AND is_due "
    "FOR UPDATE SKIP LOCKED"
)
_COUNTED = {
    "records": "true",
    "hip": "site_1 = '1'",
    "spine": "site_1 = '2'",
    "dxa_done": "dxa IN ('1', '2')",
    "falls_assessed": "falls_assessed IN ('1', '2')",
    "followed_up_16": "fu16_done = '1'",
    "followed_up_52": "fu52_done = '1'",
}
# By day first: writing the month of each record took a third of the time.
_COUNT = text(f"""
SELECT to_char(day, 'YYYY-MM') AS month,
    {", ".join(f"sum({name})::bigint AS {name}" for name in _COUNTED)}
FROM (
    SELECT date_index_diagnosed AS day,
        {", ".join(f"count(*) FILTER (WHERE {has}) AS {name}" for name, has in _COUNTED.items())}
    FROM fls_record
    WHERE site_id = :site_id AND state NOT IN ('deleted', 'duplicate')
    GROUP BY day
) AS of_day
GROUP BY month ORDER BY month
""")
# Another teller that was quicker has made it another version.
_TOLD = text("""
UPDATE site_counts SET is_due = changes <> :changes, version = :version, told_sha256 = :digest,
    told_at = now(), count_seconds = :seconds
WHERE site_id = :site_id AND version = :version_before
RETURNING version
""")


def find_due(
    session: Session, *, pause_seconds: int = PAUSE_SECONDS, pause_ratio: int = PAUSE_RATIO
) -> Sequence[UUID]:
    """Returns the sites whose records have changed since their counts were told. National read."""
    return session.scalars(_DUE, {"pause": pause_seconds, "ratio": pause_ratio}).all()


def count_months(session: Session, *, site_id: UUID) -> list[dict[str, Any]]:
    """The site's records by month of diagnosis: `month` (YYYY-MM), `records`, and what they have.

    Deleted ones and second records of one fracture are left out.
    """
    return [dict(row) for row in session.execute(_COUNT, {"site_id": site_id}).mappings()]


def tell_counts(session: Session, *, site_id: UUID) -> bool:
    """Counts a site's records and records the event, if they differ from what was told last.

    Args:
        session: a transaction of that site.
        site_id: the site.

    Returns:
        Whether there was something to tell. False also while somebody is changing records, who
        will be told of later.
    """
    probe = session.begin_nested()
    found = session.execute(_LOOK, {"site_id": site_id}).one_or_none()
    probe.rollback()  # gives the row back: it was locked to see whether it can be
    if found is None:
        return False
    began = time.monotonic()
    months = count_months(session, site_id=site_id)
    digest = hashlib.sha256(orjson.dumps(months)).digest()
    is_news = found.told_sha256 is None or bytes(found.told_sha256) != digest
    version = found.version + 1 if is_news else found.version
    told = {
        "site_id": site_id,
        "changes": found.changes,
        "version_before": found.version,
        "version": version,
        "digest": digest,
        "seconds": time.monotonic() - began,
    }
    if session.execute(_TOLD, told).one_or_none() is None:
        return False
    if is_news:
        record_event(
            session,
            SITE_COUNTS_CHANGED,
            subject=site_id,
            subject_version=version,
            site_id=site_id,
            data={"site_id": site_id, "months": months},
        )
    return is_news
