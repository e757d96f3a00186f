"""Notes that records leave as a file, before any of them is read."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from services.records.tables import ExportLog

EXPORT = "export"
EXTRACT = "extract"


def log_export(
    session: Session,
    *,
    kind: str,
    site_id: UUID | None,
    chosen: Mapping[str, str],
    by: UUID,
    visit_id: UUID | None,
    request_id: str | None,
) -> None:
    """Notes an export of a site, or an extract of all sites (no site), in its own transaction.

    Args:
        chosen: form and filters, no identifier among them.
        by: the account.
        visit_id: of the audit team's visit at the site, if there is one.
    """
    row = insert(ExportLog).values(
        site_id=site_id,
        kind=kind,
        filters=dict(chosen),
        actor_id=by,
        visit_id=visit_id,
        request_id=request_id,
    )
    # Inline: nothing is read back. An extract's row belongs to no site, so that nobody sees it.
    session.execute(row.inline())
