"""Conditions on the answers of a record, as data: when a question is asked.

A page shows and hides by them, completeness counts by them, and SQL can be written from them, so
all three agree. A blank never makes a condition hold.

Source: domain notes 1.5 to 1.8 (column Req).
"""

from __future__ import annotations

from dataclasses import dataclass

from dataset.values import Record, is_blank


@dataclass(frozen=True, slots=True)
class AnswerIn:
    """Holds if the answer of a single or integer field is one of these codes.

    In SQL: `coalesce(key IN (codes), false)`.
    """

    key: str
    codes: tuple[str, ...]

    def holds(self, record: Record) -> bool:
        """Whether it holds for a record of canonical values."""
        return record.get(self.key) in self.codes

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields it reads."""
        return (self.key,)


@dataclass(frozen=True, slots=True)
class Given:
    """Holds if a field is not blank. In SQL: `key IS NOT NULL`."""

    key: str

    def holds(self, record: Record) -> bool:
        """Whether it holds for a record of canonical values."""
        return not is_blank(record.get(self.key))

    @property
    def keys(self) -> tuple[str, ...]:
        """The field it reads."""
        return (self.key,)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds if all its parts do."""

    parts: tuple[Condition, ...]

    def holds(self, record: Record) -> bool:
        """Whether it holds for a record of canonical values."""
        return all(part.holds(record) for part in self.parts)

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields its parts read, each once, in order."""
        return tuple(dict.fromkeys(key for part in self.parts for key in part.keys))


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds if at least one of its parts does."""

    parts: tuple[Condition, ...]

    def holds(self, record: Record) -> bool:
        """Whether it holds for a record of canonical values."""
        return any(part.holds(record) for part in self.parts)

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields its parts read, each once, in order."""
        return tuple(dict.fromkeys(key for part in self.parts for key in part.keys))


Condition = AnswerIn | Given | AllOf | AnyOf
