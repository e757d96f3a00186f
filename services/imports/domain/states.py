"""The states of an import and the ways between them.

    received ──> checking ──> checked ──> applying ──> applied
        │            │            │            │
        ├────────────┴────────────┴──> cancelled (a person)
        ├──> refused (the file as a whole cannot be taken)
        └───────── any live state ──> failed (a fault of ours, never hidden)

Live are the states in which the same bytes sent again are the same import.
"""

from __future__ import annotations

from services.shared.errors import Conflict

RECEIVED = "received"
CHECKING = "checking"
CHECKED = "checked"
APPLYING = "applying"
APPLIED = "applied"
CANCELLED = "cancelled"
REFUSED = "refused"
FAILED = "failed"

STATES = (RECEIVED, CHECKING, CHECKED, APPLYING, APPLIED, CANCELLED, REFUSED, FAILED)
LIVE = (RECEIVED, CHECKING, CHECKED, APPLYING)
ENDED = (APPLIED, CANCELLED, REFUSED, FAILED)

NEXT: dict[str, tuple[str, ...]] = {
    RECEIVED: (CHECKING, REFUSED, CANCELLED, FAILED),
    CHECKING: (CHECKED, CANCELLED, FAILED),
    CHECKED: (APPLYING, CANCELLED, FAILED),
    APPLYING: (APPLIED, FAILED),
    APPLIED: (),
    CANCELLED: (),
    REFUSED: (),
    FAILED: (),
}

_WORDS = {
    RECEIVED: "is waiting to be read",
    CHECKING: "is still being checked",
    CHECKED: "has been checked",
    APPLYING: "is being stored",
    APPLIED: "has been stored",
    CANCELLED: "was cancelled",
    REFUSED: "was refused",
    FAILED: "has failed",
}


def is_live(state: str) -> bool:
    """Whether an import in this state stands for its bytes."""
    return state in LIVE


def can_become(state: str, target: str) -> bool:
    """Whether there is a way from one state to the next."""
    return target in NEXT[state]


def decide_confirmation(state: str) -> bool:
    """Whether confirming starts the storing; False if that was done before.

    Raises:
        Conflict: there is nothing to confirm in this state.
    """
    if state in (APPLYING, APPLIED):
        return False
    if not can_become(state, APPLYING):
        raise _impossible("confirmed", state)
    return True


def decide_cancellation(state: str) -> bool:
    """Whether cancelling ends the import; False if it was cancelled before.

    Raises:
        Conflict: it can no longer be cancelled.
    """
    if state == CANCELLED:
        return False
    if not can_become(state, CANCELLED):
        raise _impossible("cancelled", state)
    return True


def stage_of(state: str, *, rows_total: int | None, rows_checked: int, rows_staged: int) -> str:
    """What is going on, in one word for programs.

    Args:
        rows_total: None until the file has been read once.
    """
    if state == RECEIVED:
        return "waiting_to_be_read"
    if state == CHECKING:
        if rows_total is not None and rows_staged >= rows_total:
            return "comparing"
        return "checking" if rows_checked < (rows_total or 0) else "staging"
    return {CHECKED: "waiting_for_confirmation", APPLYING: "storing"}.get(state, "ended")


def _impossible(what: str, state: str) -> Conflict:
    return Conflict(
        f"This import cannot be {what}: it {_WORDS[state]}.",
        code="wrong_state",
        extra={"state": state},
    )
