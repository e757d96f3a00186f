"""Decides what one save changes, and whether it would undo somebody else's work.

Several people may answer for one site at once. Each save names the version of the answer set that
its author saw. A question that nobody changed since then is free to change; one that somebody
did change, to something else than what is sent now, is a conflict, and a save with a conflict
stores nothing: the author gets both values and decides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class StoredAnswer:
    """One stored answer. `value` None: it was given once and taken back.

    `version` is that of the answer set when this answer last changed.
    """

    value: Any
    version: int


@dataclass(frozen=True)
class Save:
    """What a save does: question id -> (old, new), and question id -> (theirs, yours)."""

    changes: dict[str, tuple[Any, Any]]
    conflicts: dict[str, tuple[Any, Any]]


def decide_save(
    stored: Mapping[str, StoredAnswer],
    sent: Mapping[str, Any],
    seen_version: int,
    proposed: Collection[str] = (),
) -> Save:
    """Compare what is sent with what is stored.

    Args:
        stored: question id -> stored answer; answers never given are missing.
        sent: question id -> value after `checking.read_answer`; None takes an answer back. A
            question that is not sent stays as it is.
        seen_version: the version of the answer set that the author saw, 0 before the first save.
        proposed: keys that are proposed to the site. None for one of them turns the proposal down,
            which is a change from None to None: it is not proposed again.

    Returns:
        The changes, which are to be stored only if there are no conflicts.
    """
    save = Save({}, {})
    for question_id, new in sent.items():
        old = stored.get(question_id, StoredAnswer(None, 0))
        turned_down = new is None and question_id in proposed and question_id not in stored
        if new == old.value and type(new) is type(old.value) and not turned_down:
            continue
        if old.version > seen_version:
            save.conflicts[question_id] = (old.value, new)
        else:
            save.changes[question_id] = (old.value, new)
    return save
