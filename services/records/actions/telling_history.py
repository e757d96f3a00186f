"""Tells the history of a record with its values, and what it was at any version."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from dataset.fields import FIELD_BY_KEY
from dataset.wire import wire_from_record, wire_from_value
from services.records.actions.answering import history_item
from services.records.actions.earlier import (
    OpenKeys,
    open_keys,
    open_sealed,
    owned_steps,
    values_at,
    waiting_at,
)
from services.records.actions.opening import get_stored
from services.records.domain.columns import IDENTIFIERS
from services.records.domain.history import OwnedStep, SealedText
from services.records.keys import Keys
from services.shared.errors import NotFound


def full_history(session: Session, keys: Keys, *, record_id: UUID) -> list[dict[str, Any]]:
    """Every change of a record with old and new values, newest first. Log the opening first.

    Raises:
        NotFound: the site has no such record.
    """
    record = get_stored(session, keys, record_id)
    steps = owned_steps(session, record)
    opened = open_keys(session, keys, steps)
    return [{**history_item(each.step), "changes": _changes(each, opened)} for each in steps]


def get_version(session: Session, keys: Keys, *, record_id: UUID, version: int) -> dict[str, Any]:
    """A record as it was at a version, as `VersionAnswer` has it. Log the opening first.

    Raises:
        NotFound: the site has no such record, or it had no such version.
    """
    record = get_stored(session, keys, record_id)
    steps = owned_steps(session, record)
    found = next((each.step for each in steps if each.step.version == version), None)
    if found is None:
        raise NotFound("This record has had no such version.")
    opened = open_keys(session, keys, steps)
    return {
        "version": version,
        "at": found.at,
        "by": found.by,
        "door": found.door,
        "kind": found.kind,
        "values": wire_from_record(values_at(record, steps, opened, version)),
        "texts": waiting_at(record, steps, opened, version),
    }


def _changes(owned: OwnedStep, opened: OpenKeys) -> list[dict[str, Any]]:
    changes = []
    for key in FIELD_BY_KEY:
        if key not in owned.step.changes:
            continue
        old, new = owned.step.changes[key]
        if key in IDENTIFIERS:
            old = _opened(key, old, owned.owner_before, opened)
            new = _opened(key, new, owned.owner_after, opened)
        changes.append({"key": key, "old": old, "new": new})
    return changes


def _opened(key: str, sealed: str | None, owner_id: UUID, opened: OpenKeys) -> Any:
    if sealed is None:
        return None
    value = open_sealed(key, SealedText(owner_id, sealed), opened)
    return value.isoformat() if isinstance(value, date) else wire_from_value(value)
