"""Reads of stored records: lists and single records, identifiers still sealed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.records.tables import (
    AppliedSlice,
    FlsRecord,
    Site,
    StagedImport,
)
from services.shared.errors import Forbidden, NotFound, Unavailable

_record = FlsRecord.__table__.c
HEAD_KEYS = (
    "site_id",
    "state",
    "own_state",
    "has_warnings",
    "dataset_version",
    "age_at_diagnosis",
    "acknowledged",
    "unreadable",
    "elsewhere",
    "opt_out_checked_on",
    "deleted_reason",
    "created_at",
    "updated_at",
)
"""What a record is apart from its answers; beside them its id and version."""


def require_patient_audit(session: Session, *, site_id: UUID) -> None:
    """Makes sure that a site takes part in the patient audit.

    Raises:
        Forbidden: it does not, or is not approved any more.
        Unavailable: registration has not told us of the site yet.
    """
    site = session.get(Site, site_id)
    refuse_outside_audit(None if site is None else (site.patient_audit, site.state))


def refuse_outside_audit(site: tuple[bool, str] | None) -> None:
    """Makes sure that a site takes part in the patient audit.

    Args:
        site: whether it is for the patient audit, and its state; None if we know of no such site.

    Raises:
        Forbidden: it does not, or is not approved any more.
        Unavailable: registration has not told us of the site yet.
    """
    if site is None:
        raise Unavailable("Your site is still being set up here. Try again in a few seconds.")
    patient_audit, state = site
    if not patient_audit:
        raise Forbidden(
            "Your site takes part in the facilities audit only. Patient records belong to sites "
            "with a fracture liaison service; tell the audit team if yours has one now."
        )
    if state != "approved":
        raise Forbidden("Your site does not take part in the audit at present.")


def get_nation(session: Session, *, site_id: UUID) -> str:
    """The nation of a site that takes part, such as `england`."""
    return session.get_one(Site, site_id).nation


def get_site_code(session: Session, *, site_id: UUID) -> str:
    """The audit's code of a site that takes part, such as `BNT`."""
    return session.get_one(Site, site_id).code


def find_record_head(session: Session, record_id: UUID) -> dict[str, Any] | None:
    """What a record of the transaction's site is apart from its answers, deleted ones too."""
    columns = (_record[key] for key in ("record_id", "version", *HEAD_KEYS))
    query = select(*columns).where(_record.record_id == record_id)
    found = session.execute(query).one_or_none()
    return None if found is None else dict(found._mapping)


def get_import_ledger(session: Session, import_id: UUID) -> dict[str, Any]:
    """What has become of an import of the transaction's site. Raises NotFound."""
    staged = session.get(StagedImport, import_id)
    if staged is None:
        raise NotFound("There is no such import at your site.")
    names = ("import_id", "state", "mode", "compared", "applied", "rows_total", "ended_at")
    # Slices of fresh rows that are applied stand apart until all of them are.
    aside = select(func.coalesce(func.sum(AppliedSlice.rows), 0))
    aside = aside.where(AppliedSlice.import_id == import_id)
    rows_done = staged.rows_done + session.execute(aside).scalar_one()
    return {**{name: getattr(staged, name) for name in names}, "rows_done": rows_done}
