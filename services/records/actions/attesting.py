"""The word that a patient's opt-out was looked up before anything about them is stored."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from services.records.queries.records import get_nation
from services.shared.errors import InvalidInput

OPT_OUT_NATIONS: Final = frozenset({"england"})
"""Nations with a national data opt-out. Source: domain notes 6.3."""


def require_attestation(
    session: Session, *, site_id: UUID, checked_on: date | None, today: date
) -> None:
    """Makes sure that a site in England says on which day it looked the opt-out up.

    Raises:
        InvalidInput: it does not, or the day is after today.
    """
    if checked_on is None:
        if get_nation(session, site_id=site_id) in OPT_OUT_NATIONS:
            raise InvalidInput(
                {
                    "opt_out_checked_on": [
                        "Check whether the patient has opted out (national data opt-out), and say "
                        "on which day you did."
                    ]
                }
            )
    elif checked_on > today:
        raise InvalidInput(
            {"opt_out_checked_on": ["The opt-out cannot have been checked after today."]}
        )
