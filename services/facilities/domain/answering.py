"""Decides what one save changes, and whether it would undo somebody else's work.

Several people may answer for one site at once, and a form sends all its fields. So each save names
the version of the answer set that its author saw. What the author changed is what differs from the
answers as they were then: a field that was not touched undoes nothing, however old the page. One
that was, and that somebody else has changed since to something else, is a conflict; a save with a
conflict stores nothing: the author gets both values and decides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Seen:
    """Which version of the answer set the author saw.

    Attributes:
        version: of the page as a whole, 0 before the first save.
        keys: versions of single answers, where the page learnt of a later one, because it saved
            them itself meanwhile.
    """

    version: int
    keys: Mapping[str, int] = field(default_factory=dict)

    def of(self, key: str) -> int:
        """The version that the author saw of one answer."""
        return self.keys.get(key, self.version)


def decide_save(
    stored: Mapping[str, StoredAnswer],
    sent: Mapping[str, Any],
    seen: Seen,
    *,
    before: Mapping[str, Any] | None = None,
    proposed: Collection[str] = (),
) -> Save:
    """Compare what is sent with what is stored, and with what the author saw.

    Args:
        stored: key -> stored answer; answers never given are missing.
        sent: key -> value after `reading.read_answer`; None takes an answer back. A question that
            is not sent stays as it is.
        seen: the version that the author saw.
        before: key -> the answer as the author saw it, for those that have changed since; missing
            is none.
        proposed: keys that are proposed to the site. None for one of them turns the proposal down,
            which is a change from None to None: it is not proposed again.

    Returns:
        The changes, which are to be stored only if there are no conflicts.
    """
    before = before or {}
    save = Save({}, {})
    for key, new in sent.items():
        old = stored.get(key, StoredAnswer(None, 0))
        turned_down = new is None and key in proposed and key not in stored
        if _is_same(new, old.value) and not turned_down:
            continue
        if old.version <= seen.of(key):
            save.changes[key] = (old.value, new)
        elif not _is_same(new, before.get(key)):
            save.conflicts[key] = (old.value, new)
    return save


def changed_since(
    stored: Mapping[str, StoredAnswer], sent: Collection[str], seen: Seen
) -> list[str]:
    """Return the keys that are sent and have changed since the author saw them."""
    return [key for key in sent if key in stored and stored[key].version > seen.of(key)]


def _is_same(one: Any, other: Any) -> bool:
    return bool(one == other) and type(one) is type(other)
