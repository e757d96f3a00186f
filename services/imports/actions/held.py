"""Follows what people decide about held rows of a stored import: ledger, findings, receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.imports.actions.checking import keep_findings
from services.imports.actions.following import adds_up_here
from services.imports.actions.history import note
from services.imports.actions.receipts import issue_receipt
from services.imports.domain.checking import CellFinding
from services.imports.domain.findings import HELD, LEFT_OUT
from services.imports.domain.ledger import Outcome
from services.imports.domain.receipts import Signer
from services.imports.domain.states import APPLIED, APPLYING
from services.imports.queries.working import lock_import, rows_with
from services.shared.errors import NotFound
from services.shared.sealing import Keyring

_NOT_HELD = text(f"""
DELETE FROM finding
WHERE import_id = :import_id AND code = '{HELD}' AND row_number = ANY(CAST(:rows AS integer[]))
""")
_LEFT_OUT = "Somebody at your site has compared this row and decided to leave it out."


def take_decided(
    session: Session,
    import_id: UUID,
    outcome: Outcome,
    rows: Sequence[Mapping[str, Any]],
    *,
    by: UUID,
    keyring: Keyring,
    signer: Signer,
) -> None:
    """Brings ledger and findings up to date and issues the receipt anew.

    Args:
        outcome: the ledger of records after the decision. Held rows only become fewer, so one that
            counts more than what is known is older and changes no count.
        rows: `row` and `outcome` of each row that was decided.

    Raises:
        NotFound: we have not heard yet that the import is stored; the event comes again.
    """
    row = lock_import(session, import_id)
    if row.state == APPLYING:
        raise NotFound("the import is not known to be stored yet")
    numbers = [each["row"] for each in rows]
    session.execute(_NOT_HELD, {"import_id": import_id, "rows": numbers})
    known = rows_with(session, import_id, LEFT_OUT)
    left = [
        CellFinding(
            row=each["row"],
            heading=None,
            field=None,
            code=LEFT_OUT,
            level="error",
            message=_LEFT_OUT,
            value=None,
        )
        for each in rows
        if each["outcome"] == "rejected" and each["row"] not in known
    ]
    keep_findings(session, row, left, source="records", keyring=keyring)
    if row.outcome is not None and outcome.held < row.outcome["held"]:
        row.outcome = asdict(outcome)
        adds_up_here(session, row, outcome)
        note(session, row, "rows_decided", by=by, counts=asdict(outcome))
        if row.state == APPLIED:
            issue_receipt(session, row, signer)
