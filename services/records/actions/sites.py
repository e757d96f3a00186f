"""Keeps our copy of the sites."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.records.tables import Site

_COUNTS_ARE_DUE = text(
    "INSERT INTO site_counts (site_id, is_due) VALUES (:site_id, true) ON CONFLICT DO NOTHING"
)


def take_site(session: Session, *, site_id: UUID, version: int, facts: Mapping[str, Any]) -> None:
    """Takes over a site's full state, unless a newer one is here already.

    Args:
        session: a transaction of that site.
        version: registration's; it grows with each change.
        facts: every other column of `site`.
    """
    values = {**facts, "version": version}
    statement = insert(Site).values(site_id=site_id, **values)
    session.execute(
        statement.on_conflict_do_update(
            constraint="pk_site", set_=values, where=Site.version < version
        )
    )
    # A site without a record has counts too: none.
    session.execute(_COUNTS_ARE_DUE, {"site_id": site_id})
