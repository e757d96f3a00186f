"""Reads of stored records: lists and single records, identifiers still sealed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.records.tables import (
    FlsRecord,
    RecordChange,
    Site,
    StagedImport,
)
from services.shared.errors import Forbidden, NotFound, Unavailable

_record = FlsRecord.__table__.c


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


def get_record_head(session: Session, record_id: UUID) -> dict[str, Any]:
    """State, version and times of a record of the transaction's site. Raises NotFound."""
    query = select(
        _record.record_id,
        _record.version,
        _record.state,
        _record.dataset_version,
        _record.age_at_diagnosis,
        _record.created_at,
        _record.updated_at,
    ).where(_record.record_id == record_id, _record.state != "deleted")
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound("There is no such record at your site.")
    return dict(found._mapping)


def list_changes(session: Session, record_id: UUID) -> list[dict[str, Any]]:
    """The history of a record, newest first: who, when, by which door, which fields."""
    query = (
        select(RecordChange)
        .where(RecordChange.record_id == record_id)
        .order_by(RecordChange.version.desc())
    )
    return [
        {
            "version": change.version,
            "at": change.at,
            "by": change.actor_id,
            "door": change.door,
            "import_id": change.import_id,
            "kind": change.kind,
            "changed": sorted(change.changes or {}),
        }
        for change in session.scalars(query)
    ]


def get_import_ledger(session: Session, import_id: UUID) -> dict[str, Any]:
    """What has become of an import of the transaction's site. Raises NotFound."""
    staged = session.get(StagedImport, import_id)
    if staged is None:
        raise NotFound("There is no such import at your site.")
    names = ("import_id", "state", "mode", "compared", "applied", "rows_total", "rows_done")
    return {**{name: getattr(staged, name) for name in names}, "ended_at": staged.ended_at}
