"""Notes who has accepted the terms of use."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.registration.actions.log import write_log
from services.registration.domain.terms import VERSION
from services.registration.tables import TermsAcceptance
from services.shared.errors import Conflict
from services.shared.identity import Actor


def accept_terms(session: Session, *, version: str, account_id: UUID, by: Actor) -> None:
    """Notes that somebody accepts the terms; does not commit. Harmless when they have.

    Raises:
        Conflict: It is not the present version that was shown to them.
    """
    if version != VERSION:
        raise Conflict(
            "The terms have changed meanwhile. Load the page again and read them.",
            code="other_terms",
        )
    row = insert(TermsAcceptance).values(
        account_id=account_id, version=version, accepted_at=datetime.now(UTC)
    )
    done = session.execute(row.on_conflict_do_nothing().returning(TermsAcceptance.version)).first()
    if done is not None:
        write_log(
            session,
            by=by,
            what="terms_accepted",
            subject_kind="account",
            subject_id=account_id,
            details={"version": version},
        )
