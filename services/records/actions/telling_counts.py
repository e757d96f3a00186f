"""Tells other services how many records a site has, by month of diagnosis, without any patient.

Whoever changes records takes the site's lock, and the lock marks the site's counts as due in the
same transaction (`guarding.lock_site`): no door can forget it. The teller counts afterwards. It
passes over a site whose row somebody holds, because that one has not committed yet; and a change
that comes while it counts waits for its row and marks it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from services.records.events import SITE_COUNTS_CHANGED
from services.shared.outbox import record_event

PAUSE_SECONDS = 20
"""A site's counts are told at most this often, however much is going on."""

_DUE = text(
    "SELECT site_id FROM site_counts WHERE is_due "
    "AND (told_at IS NULL OR told_at < now() - make_interval(secs => :pause)) LIMIT 1000"
)
_TAKE = text(
    "SELECT version, told_sha256 FROM site_counts WHERE site_id = :site_id AND is_due "
    "FOR UPDATE SKIP LOCKED"
)
_COUNT = text("""
SELECT to_char(date_index_diagnosed, 'YYYY-MM') AS month, count(*) AS records,
    count(*) FILTER (WHERE site_1 = '1') AS hip,
    count(*) FILTER (WHERE site_1 = '2') AS spine,
    count(*) FILTER (WHERE dxa IN ('1', '2')) AS dxa_done,
    count(*) FILTER (WHERE falls_assessed IN ('1', '2')) AS falls_assessed,
    count(*) FILTER (WHERE fu16_done = '1') AS followed_up_16,
    count(*) FILTER (WHERE fu52_done = '1') AS followed_up_52
FROM fls_record
WHERE site_id = :site_id AND state NOT IN ('deleted', 'duplicate')
GROUP BY 1 ORDER BY 1
""")
_TOLD = text(
    "UPDATE site_counts SET is_due = false, version = :version, told_sha256 = :digest, "
    "told_at = now() WHERE site_id = :site_id"
)


def find_due(session: Session, *, pause_seconds: int = PAUSE_SECONDS) -> Sequence[UUID]:
    """Returns the sites whose records have changed since their counts were told. National read."""
    return session.scalars(_DUE, {"pause": pause_seconds}).all()


def tell_counts(session: Session, *, site_id: UUID) -> bool:
    """Counts a site's records and records the event, if they differ from what was told last.

    Args:
        session: a transaction of that site.
        site_id: the site.

    Returns:
        Whether there was something to tell. False also while somebody is changing records, who
        will be told of later.
    """
    found = session.execute(_TAKE, {"site_id": site_id}).one_or_none()
    if found is None:
        return False
    months = [dict(row) for row in session.execute(_COUNT, {"site_id": site_id}).mappings()]
    digest = hashlib.sha256(orjson.dumps(months)).digest()
    is_news = found.told_sha256 is None or bytes(found.told_sha256) != digest
    version = found.version + 1 if is_news else found.version
    session.execute(_TOLD, {"site_id": site_id, "version": version, "digest": digest})
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
