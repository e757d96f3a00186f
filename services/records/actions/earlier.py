"""What a record said at an earlier version, opened."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from dataset.values import Value
from dataset.wire import value_from_wire, wire_from_record
from services.records.actions.opening import OpenRecord
from services.records.domain.history import OwnedStep, SealedText, undone, with_owners
from services.records.domain.saying import FORM_KEYS, Said, said_by
from services.records.domain.three_way import NOT_KNOWN, NotKnown
from services.records.domain.typed_log import TypedLog
from services.records.identifiers import open_identifier, open_texts, patient_key
from services.records.keys import Keys
from services.records.queries.history import list_steps
from services.records.queries.patients import wrapped_keys_of
from services.shared.errors import InvalidInput

OpenKeys = Mapping[UUID, bytes]
"""Patient -> key in the clear; an erased patient is left out."""


def owned_steps(session: Session, record: OpenRecord) -> list[OwnedStep]:
    """The history of a record, newest first, with whose keys it is sealed."""
    return with_owners(list_steps(session, record.record_id), owner_id=record.patient_id)


def open_keys(session: Session, keys: Keys, steps: Iterable[OwnedStep]) -> dict[UUID, bytes]:
    """The keys that open a history."""
    owners = {owner for each in steps for owner in (each.owner_before, each.owner_after)}
    wrapped = wrapped_keys_of(session, list(owners))
    return {owner: patient_key(keys, owner, key) for owner, key in wrapped.items()}


def values_at(
    record: OpenRecord, steps: Sequence[OwnedStep], opened: OpenKeys, version: int
) -> dict[str, Value]:
    """The stored answers as they were at a version; blanks left out.

    Identifiers whose key is gone are left out.
    """
    wire = undone(wire_from_record(record.values), steps, to_version=version)
    values = {
        key: open_sealed(key, value, opened)
        if isinstance(value, SealedText)
        else value_from_wire(key, value)
        for key, value in wire.items()
    }
    return {key: value for key, value in values.items() if value is not None}


def open_sealed(key: str, sealed: SealedText, opened: OpenKeys) -> Value:
    """An identifier of the history in the clear; None if its key is gone."""
    data_key = opened.get(sealed.owner_id)
    if data_key is None:
        return None
    raw = base64.b64decode(sealed.text)
    text = open_identifier(data_key, sealed.owner_id, key, raw)
    return date.fromisoformat(text) if key == "date_of_birth" else text


def waiting_at(
    record: OpenRecord, steps: Sequence[OwnedStep], opened: OpenKeys, version: int
) -> dict[str, str]:
    """The texts that waited beside the stored answers at a version."""
    for owned in steps:
        if owned.step.version <= version and owned.step.waiting is not None:
            texts: dict[str, str] = _opened_waiting(record, owned, opened).get("texts", {})
            return texts
    return {}


def said_at(
    session: Session, keys: Keys, record: OpenRecord, version: int
) -> Mapping[str, Said | NotKnown]:
    """What a record said, answers and waiting texts together, when it had this version.

    Versions before it was a record are those of the entry it was.

    Raises:
        InvalidInput: there has been no such version yet.
    """
    refuse_version_to_come(version, record.version)
    if version == record.version:
        return record.said
    steps = owned_steps(session, record)
    opened = open_keys(session, keys, steps)
    created = steps[-1]
    if version >= created.step.version:
        return said_by(
            values_at(record, steps, opened, version), waiting_at(record, steps, opened, version)
        )
    typed = _opened_waiting(record, created, opened).get("typed")
    if typed is None:
        return {}
    texts = TypedLog.from_json(typed).at(version)
    return dict.fromkeys(FORM_KEYS, NOT_KNOWN) if texts is None else said_by({}, texts)


def refuse_version_to_come(version: int, newest: int) -> None:
    """Refuses a version that there has not been yet. Raises InvalidInput."""
    if version > newest:
        raise InvalidInput({"version": [f"There is no version {version}; the newest is {newest}."]})


def _opened_waiting(record: OpenRecord, owned: OwnedStep, opened: OpenKeys) -> dict[str, Any]:
    data_key = opened.get(owned.owner_after)
    if owned.step.waiting is None or data_key is None:
        return {}
    return open_texts(data_key, owned.owner_after, "waiting", record.record_id, owned.step.waiting)
