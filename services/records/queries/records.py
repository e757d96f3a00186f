"""Reads of stored records: lists and single records, identifiers still sealed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.records.tables import (
    FlsRecord,
    Site,
    StagedImport,
)
from services.shared.errors import Forbidden, NotFound, Unavailable

_record = FlsRecord.__table__.c
_HEAD = (
    _record.record_id,
    _record.site_id,
    _record.version,
    _record.state,
    _record.own_state,
    _record.has_warnings,
    _record.dataset_version,
    _record.age_at_diagnosis,
    _record.acknowledged,
    _record.unreadable,
    _record.elsewhere,
    _record.opt_out_checked_on,
    _record.deleted_reason,
    _record.created_at,
    _record.updated_at,
)


def require_patient_audit(session: Session, *, site_id: UUID) -> None:
    """Makes sure that a site takes part in the patient audit.

    Raises:
        Forbidden: it does not, or is not approved any more.
        Unavailable: registration has not told us of the site yet.
    """
    site = session.get(Site, site_id)
    if site is None:
        raise Unavailable("Your site is still being set up here. Try again in a few seconds.")
    if not site.patient_audit:
        raise Forbidden(
            "Your site takes part in the facilities audit only. Patient records belong to sites "
            "with a fracture liaison service; tell the audit team if yours has one now."
        )
    if site.state != "approved":
        raise Forbidden("Your site does not take part in the audit at present.")


def get_nation(session: Session, *, site_id: UUID) -> str:
    """The nation of a site that takes part, such as `england`."""
    return session.get_one(Site, site_id).nation


def get_site_code(session: Session, *, site_id: UUID) -> str:
    """The audit's code of a site that takes part, such as `BNT`."""
    return session.get_one(Site, site_id).code


def find_record_head(session: Session, record_id: UUID) -> dict[str, Any] | None:
    """What a record of the transaction's site is apart from its answers, deleted ones too."""
    query = select(*_HEAD).where(_record.record_id == record_id)
    found = session.execute(query).one_or_none()
    return None if found is None else dict(found._mapping)


def get_import_ledger(session: Session, import_id: UUID) -> dict[str, Any]:
    """What has become of an import of the transaction's site. Raises NotFound."""
    staged = session.get(StagedImport, import_id)
    if staged is None:
        raise NotFound("There is no such import at your site.")
    names = ("import_id", "state", "mode", "compared", "applied", "rows_total", "rows_done")
    return {**{name: getattr(staged, name) for name in names}, "ended_at": staged.ended_at}
