"""Remembers how the texts of an unfinished entry came about, so that an older one can be seen.

A step is (version, key, text before, author): with that version the field's text changed from this
one. The author is named only for what a form saved by itself. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

MOST_STEPS: Final = 2_000
"""More are cut to half: what is older is not known any more. An hour of typing makes about 200."""


@dataclass(frozen=True, slots=True)
class TypedLog:
    """Texts with the steps that led to them, oldest first.

    Attributes:
        since: versions before this one are not known any more.
    """

    texts: dict[str, str]
    steps: tuple[tuple[int, str, str, str], ...] = ()
    since: int = 0

    def changed(self, version: int, texts: Mapping[str, str], *, author: str = "") -> TypedLog:
        """The log after these texts have been typed; a blank text takes a field out.

        Args:
            author: who is typing, if the form saves by itself; blank once they save.
        """
        after, steps, since = dict(self.texts), list(self.steps), self.since
        for key, text in texts.items():
            before = after.get(key, "")
            if text == before:
                continue
            steps.append((version, key, before, author))
            after[key] = text
            if not text:
                del after[key]
        if len(steps) > MOST_STEPS:
            since = steps[len(steps) // 2 - 1][0]
            steps = [step for step in steps if step[0] > since]
        return TypedLog(after, tuple(steps), since)

    def at(self, version: int) -> dict[str, str] | None:
        """The texts as they were at a version; None if that is not known any more.

        >>> log = TypedLog({}).changed(1, {"dxa": "1"}).changed(2, {"dxa": "", "smoker": "0"})
        >>> log.texts, log.at(1), log.at(0)
        ({'smoker': '0'}, {'dxa': '1'}, {})
        """
        if version < self.since:
            return None
        texts = dict(self.texts)
        for changed_at, key, before, _ in reversed(self.steps):
            if changed_at <= version:
                break
            texts[key] = before
            if not before:
                del texts[key]
        return texts

    def typed_since(self, version: int, author: str) -> frozenset[str]:
        """Fields that changed after a version only by what this author's own form saved by itself.

        >>> log = TypedLog({}).changed(1, {"dxa": "1"}, author="A").changed(2, {"dxa": "0"})
        >>> log.typed_since(0, "A"), log.changed(3, {"dxa": "2"}, author="A").typed_since(2, "A")
        (frozenset(), frozenset({'dxa'}))
        """
        since = [step for step in self.steps if step[0] > version]
        by_others = {key for _, key, _, typed_by in since if typed_by != author}
        return frozenset(key for _, key, _, _ in since) - by_others

    def as_json(self) -> dict[str, Any]:
        """A form that JSON can hold."""
        return {"texts": self.texts, "steps": self.steps, "since": self.since}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TypedLog:
        """Reads what `as_json` wrote."""
        steps = tuple((int(at), key, before, by) for at, key, before, by in data["steps"])
        return cls(dict(data["texts"]), steps, int(data["since"]))
