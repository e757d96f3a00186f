"""Issues the receipt of an import, and the next one when something has changed since."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from dataset.versions import VERSIONS
from services.imports.domain.ledger import Outcome, counts_of
from services.imports.domain.receipts import FORMAT, Signer
from services.imports.queries.working import Progress, find_site, get_progress, own_counts
from services.imports.tables import Import, Receipt


def issue_receipt(session: Session, row: Import, signer: Signer) -> UUID:
    """Signs and keeps a receipt of what an import has come to; does not commit.

    Args:
        row: stored, or undone, and locked by this transaction.
    """
    before = session.scalars(
        select(Receipt).where(Receipt.import_id == row.import_id).order_by(Receipt.number.desc())
    ).first()
    receipt_id = uuid7()
    number = 1 if before is None else before.number + 1
    document = _document(session, row, receipt_id, number, before)
    session.add(
        Receipt(
            receipt_id=receipt_id,
            import_id=row.import_id,
            number=number,
            site_id=row.site_id,
            document=document,
            key_id=signer.current_id,
            signature=signer.sign(document),
        )
    )
    return receipt_id


def _document(
    session: Session, row: Import, receipt_id: UUID, number: int, before: Receipt | None
) -> dict[str, Any]:
    assert row.outcome is not None
    progress = get_progress(session, [row.import_id]).get(row.import_id, Progress())
    counts = counts_of(own_counts(row, progress), Outcome(**row.outcome))
    site = find_site(session, row.site_id)
    undone = None
    if row.state == "undone" and row.undone is not None:
        undone = {name: row.undone[name] for name in ("removed", "restored", "kept")}
    return {
        "format": FORMAT,
        "receipt_id": str(receipt_id),
        "number": number,
        "replaces": None if before is None else str(before.receipt_id),
        "issued_at": _moment(session.scalars(select(func.now())).one()),
        "import_id": str(row.import_id),
        "site_id": str(row.site_id),
        "site_code": site.code if site else None,
        "file_sha256": row.sha256.hex(),
        "file_bytes": row.size_bytes,
        "state": row.state,
        "ledger": {
            "received": counts.received,
            "new": counts.new,
            "changed": counts.changed,
            "same": counts.same,
            "rejected": counts.rejected,
            "held": counts.held,
        },
        "undone": undone,
        "uploaded_at": _moment(row.created_at),
        "uploaded_by": str(row.created_by),
        "confirmed_at": _moment(row.confirmed_at),
        "confirmed_by": None if row.confirmed_by is None else str(row.confirmed_by),
        "stored_at": _moment(row.ended_at),
        "dataset_versions": [version.name for version in VERSIONS],
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
