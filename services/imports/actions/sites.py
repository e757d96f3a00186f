"""Keeps the copy of what registration says about sites."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.imports.queries.working import find_site
from services.imports.tables import Site
from services.shared.errors import Forbidden


def copy_site(session: Session, *, version: int, data: dict[str, Any]) -> None:
    """Takes over a site's state, unless a newer one is known; does not commit."""
    values = {
        "site_id": data["site_id"],
        "version": version,
        "code": data["code"],
        "name": data["name"],
        "state": data["state"],
        "patient_audit": data["patient_audit"],
    }
    statement = insert(Site).values(values)
    newer = statement.excluded.version > Site.version
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[Site.site_id],
            set_={key: value for key, value in values.items() if key != "site_id"},
            where=newer,
        )
    )


def require_participation(session: Session, site_id: UUID) -> Site:
    """The site, if it takes part in the patient audit.

    Raises:
        Forbidden: it does not, or not at the moment; the text says which.
    """
    site = find_site(session, site_id)
    if site is None:
        raise Forbidden(
            "Your site is not known here yet. If it was approved a moment ago, try again in a "
            "minute."
        )
    if site.state != "approved":
        raise Forbidden(
            "Your site is suspended or closed, so it cannot upload. Ask the audit team."
        )
    if not site.patient_audit:
        raise Forbidden(
            "Your site takes part in the facilities audit only, because it has no fracture liaison "
            "service. Patient records cannot be uploaded."
        )
    return site
