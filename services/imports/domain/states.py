"""The states of an import and the ways between them.

    received ──> checking ──> checked ──> applying ──> applied
        │            │            │            │
        ├────────────┴────────────┴──> cancelled (a person)
        ├──> refused (the file as a whole cannot be taken)
        └───────── any live state ──> failed (a fault of ours, never hidden)

    applied ──> undoing ──> undone
       ^           │
       └───────────┘ (a year of its records is locked)

    applying ──> checked (to be stored whole, and a row has become held since the check)

Live are the states in which the same bytes sent again are the same import.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from services.shared.errors import Conflict

RECEIVED = "received"
CHECKING = "checking"
CHECKED = "checked"
APPLYING = "applying"
APPLIED = "applied"
CANCELLED = "cancelled"
REFUSED = "refused"
FAILED = "failed"
UNDOING = "undoing"
UNDONE = "undone"

STATES = (
    RECEIVED,
    CHECKING,
    CHECKED,
    APPLYING,
    APPLIED,
    CANCELLED,
    REFUSED,
    FAILED,
    UNDOING,
    UNDONE,
)
LIVE = (RECEIVED, CHECKING, CHECKED, APPLYING)
ENDED = (APPLIED, CANCELLED, REFUSED, FAILED, UNDONE)

NEXT: dict[str, tuple[str, ...]] = {
    RECEIVED: (CHECKING, REFUSED, CANCELLED, FAILED),
    CHECKING: (CHECKED, CANCELLED, FAILED),
    CHECKED: (APPLYING, CANCELLED, FAILED),
    APPLYING: (APPLIED, FAILED, CHECKED),
    APPLIED: (UNDOING,),
    CANCELLED: (),
    REFUSED: (),
    FAILED: (),
    UNDOING: (UNDONE, APPLIED),
    UNDONE: (),
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
    UNDOING: "is being undone",
    UNDONE: "was undone",
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


def decide_undo(state: str, ended_at: datetime | None, *, now: datetime, days: int) -> bool:
    """Whether undoing begins now; False if it is under way, or was done.

    Args:
        ended_at: when it was stored.
        days: for how long after that it can be undone.

    Raises:
        Conflict: it was not stored, or too long ago.
    """
    if state in (UNDOING, UNDONE):
        return False
    if not can_become(state, UNDOING) or ended_at is None:
        raise _impossible("undone", state)
    if now > ended_at + timedelta(days=days):
        raise Conflict(
            f"This import cannot be undone any more: it was stored more than {days} days ago. "
            "Correct its records, or upload a file that corrects them.",
            code="too_late",
        )
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
    later = {CHECKED: "waiting_for_confirmation", APPLYING: "storing", UNDOING: "undoing"}
    return later.get(state, "ended")


def _impossible(what: str, state: str) -> Conflict:
    return Conflict(
        f"This import cannot be {what}: it {_WORDS[state]}.",
        code="wrong_state",
        extra={"state": state},
    )


LOOKED_AWAY = timedelta(seconds=60)
"""Whoever has waited for longer has perhaps left the page, and is written to."""


def wants_person(state: str, *, confirm: str, waited: timedelta) -> bool:
    """Whether to write to the person who sent the file, now that it has come to a state.

    Args:
        confirm: `person` or `automatic`.
        waited: since they did something last.

    >>> wants_person("checked", confirm="person", waited=timedelta(minutes=5))
    True
    >>> wants_person("checked", confirm="person", waited=timedelta(seconds=2))
    False
    """
    if state == FAILED:
        return True
    if state == CHECKED:
        return confirm == "person" and waited > LOOKED_AWAY
    return state in (REFUSED, APPLIED) and waited > LOOKED_AWAY
