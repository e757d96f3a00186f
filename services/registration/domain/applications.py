"""The life of a registration form: its states, its reference number, what may happen when.

Source: our own reconstruction; the national audit publishes no states of a registration.
"""

from __future__ import annotations

import secrets
from enum import StrEnum

from services.shared.errors import Conflict


class ApplicationState(StrEnum):
    """Where a form stands: it waits for the audit team, for the applicant, or is decided."""

    SUBMITTED = "submitted"
    QUERIED = "queried"
    APPROVED = "approved"
    DECLINED = "declined"


OPEN_STATES = frozenset({ApplicationState.SUBMITTED, ApplicationState.QUERIED})
"""States in which a form is not decided; a second one for its site is refused."""

_WORDS = {ApplicationState.APPROVED: "approved", ApplicationState.DECLINED: "declined"}

REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Read out on the telephone, so without 0 and O, 1, I and L, and U (heard as V)."""


def new_reference() -> str:
    """Returns a fresh reference number such as `FA-7K3M-2Q` (729 million of them)."""
    drawn = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(6))
    return f"FA-{drawn[:4]}-{drawn[4:]}"


def require_open(state: ApplicationState) -> None:
    """Returns when a form in this state can still be approved or declined.

    Raises:
        Conflict: It has been decided already.
    """
    if state not in OPEN_STATES:
        raise Conflict(
            f"This registration has already been {_WORDS[state]}. Nothing was changed.",
            code="application_decided",
        )
