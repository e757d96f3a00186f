"""Goes back from a record as it is to an earlier version, step by step. Pure.

A step holds old and new values of exactly what changed. Identifiers in it are sealed: the old one
with the key of the patient the record belonged to before the step, the new one with that of the
patient after it. The two differ only where the NHS number led to another patient.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.records.domain.columns import IDENTIFIERS

ACKNOWLEDGED = "acknowledged"
"""In a step's changes: tokens of warnings, before and after. No field of the dataset."""
REASON = "reason"
"""In a step's changes: why a record was deleted, restored or erased, or what was decided."""
BESIDE_FIELDS = frozenset({ACKNOWLEDGED, REASON})
"""Keys of changes that are no fields."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a record, as it is stored.

    Attributes:
        patient_id: whose the record was before it; None: the same as after it.
        waiting: sealed, texts that wait after it; None if it did not change them.
    """

    version: int
    at: datetime
    by: UUID
    door: str
    import_id: UUID | None
    kind: str
    changes: Mapping[str, Any]
    patient_id: UUID | None
    visit_id: UUID | None
    waiting: bytes | None


@dataclass(frozen=True, slots=True)
class OwnedStep:
    """A step, with whose keys its old and its new identifiers are sealed."""

    step: Step
    owner_before: UUID
    owner_after: UUID


@dataclass(frozen=True, slots=True)
class SealedText:
    """A sealed identifier in base64, and whose key opens it."""

    owner_id: UUID
    text: str


def with_owners(steps: Iterable[Step], *, owner_id: UUID) -> list[OwnedStep]:
    """Says of each step whose the record was; newest first, as the steps come.

    Args:
        owner_id: the patient the record belongs to now.
    """
    owned = []
    after = owner_id
    for step in steps:
        before = step.patient_id or after
        owned.append(OwnedStep(step, before, after))
        after = before
    return owned


def undone(
    wire: Mapping[str, Any], steps: Iterable[OwnedStep], *, to_version: int
) -> dict[str, Any]:
    """The values of a record as they were at a version.

    Args:
        wire: as they are now: wire values, identifiers as `SealedText`; blanks may be left out.
        steps: newest first.
    """
    values = dict(wire)
    for owned in steps:
        if owned.step.version <= to_version:
            break
        for key, (old, _) in owned.step.changes.items():
            if key in BESIDE_FIELDS:
                continue
            if key in IDENTIFIERS and old is not None:
                values[key] = SealedText(owned.owner_before, old)
            else:
                values[key] = old
    return values


def changed_since(steps: Iterable[Step], version: int) -> frozenset[str]:
    """Keys of the fields that changed after a version, though they may be as before again."""
    changed = (key for step in steps if step.version > version for key in step.changes)
    return frozenset(changed) - BESIDE_FIELDS
