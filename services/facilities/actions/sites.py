"""Keeps our copy of what registration says about sites and what records counts at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.facilities.tables import Site, SiteCounts


def take_site(session: Session, *, site_id: UUID, version: int, facts: Mapping[str, Any]) -> None:
    """Take over what registration says about a site, unless we know newer; does not commit.

    Args:
        session: a transaction of the site.
        site_id: the site.
        version: registration's version of it. The same or an older one changes nothing.
        facts: the other columns of the table `site`.
    """
    row = {"site_id": site_id, "version": version, **facts}
    statement = insert(Site).values(row)
    newer = statement.on_conflict_do_update(
        index_elements=["site_id"],
        set_={column: statement.excluded[column] for column in row if column != "site_id"},
        where=Site.version < statement.excluded.version,
    )
    session.execute(newer)


def take_counts(
    session: Session, *, site_id: UUID, version: int, months: Sequence[Mapping[str, Any]]
) -> None:
    """Take over what records has counted at a site, unless we know newer; does not commit.

    Args:
        session: a transaction of the site.
        site_id: the site.
        version: records' version of the counts. The same or an older one changes nothing.
        months: one mapping for each month of diagnosis, as the event has them.
    """
    row = {"site_id": site_id, "version": version, "months": list(months), "heard_at": func.now()}
    statement = insert(SiteCounts).values(row)
    newer = statement.on_conflict_do_update(
        index_elements=["site_id"],
        set_={column: statement.excluded[column] for column in row if column != "site_id"},
        where=SiteCounts.version < statement.excluded.version,
    )
    session.execute(newer)
