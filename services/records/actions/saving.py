"""Stores a record that somebody has typed or sent: the one way in for page and API.

Everything that follows from the answers is stored with them: version of the dataset, age, outward
postcode, hashes and seals of identifiers, acknowledgements that still hold, state, and the history.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dataset.states import own_state, remaining
from dataset.values import Record, Value
from dataset.wire import wire_from_value
from services.records.actions import neighbours
from services.records.actions.drafting import hand_over_drafts
from services.records.actions.guarding import refuse_locked
from services.records.actions.identifying import (
    Owner,
    identity_columns,
    owner_for,
    real_number,
    sealed_for_history,
)
from services.records.actions.noting import note_change
from services.records.actions.opening import OpenRecord
from services.records.domain.authors import Author
from services.records.domain.columns import CLINICAL_KEYS, IDENTIFIERS
from services.records.domain.following import derived_from
from services.records.domain.history import ACKNOWLEDGED
from services.records.domain.saying import findings_of, says
from services.records.domain.typed_log import TypedLog
from services.records.identifiers import hash_identifier, seal_texts
from services.records.keys import Keys
from services.records.tables import Entry, FlsRecord, RecordIdentity
from services.shared.db import broken_constraint
from services.shared.errors import Conflict

# Values are given when executing: a statement made anew for each save costs more than to run it.
_ROW = FlsRecord.__table__
_UPDATE = (
    update(_ROW).where(_ROW.c.record_id == bindparam("the_record")).values(updated_at=func.now())
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a record is to hold.

    Attributes:
        values: every stored answer, not only the changed ones; key fields are never blank.
        waiting: texts that wait beside them.
        tokens: warnings acknowledged with this very step.
        opt_out_checked_on: None leaves what is stored.
    """

    values: dict[str, Value]
    waiting: dict[str, str]
    tokens: frozenset[str] = field(default_factory=frozenset)
    opt_out_checked_on: date | None = None


def store_new(
    session: Session,
    keys: Keys,
    *,
    site_id: UUID,
    record_id: UUID,
    version: int,
    wanted: Wanted,
    typed: TypedLog | None,
    by: Author,
    today: date,
) -> None:
    """Stores a record that was none yet. Call it under the site's lock.

    Args:
        version: its first; an unfinished entry's versions are counted on.
        typed: how the texts of the entry that it was came about, to find an older one.

    Raises:
        Conflict: `record_id_taken`, or `identifiers_erased`.
    """
    owner = owner_for(session, keys, site_id=site_id, current=None, values=wanted.values)
    identity = identity_columns(keys, owner=owner, current=None, values=wanted.values)
    tokens = sorted(wanted.tokens)
    columns = {
        **_columns(wanted, tokens, today=today),
        "record_id": record_id,
        "patient_id": owner.patient_id,
        "site_id": site_id,
        "version": version,
    }
    columns["state"] = columns["own_state"]
    try:
        session.execute(insert(_ROW), columns)
    except IntegrityError as error:
        if broken_constraint(error) != "pk_fls_record":
            raise
        raise Conflict(
            "This record id is taken. Make a new one and send the record again.", "record_id_taken"
        ) from None
    session.execute(
        insert(RecordIdentity).values(
            record_id=record_id, patient_id=owner.patient_id, site_id=site_id, **identity
        )
    )
    waits = None
    if wanted.waiting or typed is not None:
        waits = {"texts": wanted.waiting, "typed": None if typed is None else typed.as_json()}
    _add_history(
        session,
        owner=owner,
        site_id=site_id,
        record_id=record_id,
        version=version,
        kind="created",
        changes={ACKNOWLEDGED: [[], tokens]} if tokens else None,
        before_id=owner.patient_id,
        waiting=waits,
        by=by,
    )
    keep_waiting(
        session, keys, owner=owner, site_id=site_id, record_id=record_id, version=version,
        texts=wanted.waiting, by=by,
    )  # fmt: skip
    neighbours.settle(session, keys, site_id=site_id, record_ids=[record_id], by=by.account_id)


def store_changes(
    session: Session,
    keys: Keys,
    *,
    current: OpenRecord,
    wanted: Wanted,
    by: Author,
    today: date,
    kind: str = "updated",
) -> bool:
    """Stores what has changed about a record; False, and nothing written, if nothing has.

    Call it under the site's lock.

    Args:
        kind: what the history calls it: `updated` or `acknowledged`.

    Raises:
        Conflict: `identifiers_erased`, `period_locked`.
    """
    site_id, record_id = current.head["site_id"], current.record_id
    changed = {key for key in _all_keys(current, wanted) if _differs(key, current, wanted)}
    is_new_word = not wanted.tokens <= set(current.acknowledged)
    if not changed and wanted.waiting == current.waiting and not is_new_word:
        return False
    tokens = _tokens_after(current, wanted, changed)
    refuse_locked(
        session, site_id=site_id, record_id=record_id, today=today,
        days=_days(current.values, wanted.values),
    )  # fmt: skip
    owner = owner_for(session, keys, site_id=site_id, current=current, values=wanted.values)
    version = current.version + 1
    columns = {
        **_columns(wanted, tokens, today=today),
        "patient_id": owner.patient_id,
        "version": version,
    }
    session.execute(_UPDATE, {**columns, "the_record": record_id})
    identity = identity_columns(keys, owner=owner, current=current, values=wanted.values)
    session.execute(
        update(RecordIdentity)
        .where(RecordIdentity.record_id == record_id)
        .values(patient_id=owner.patient_id, **identity)
    )
    _add_history(
        session,
        owner=owner,
        site_id=site_id,
        record_id=record_id,
        version=version,
        kind=kind,
        changes=_changes(current, wanted, changed, owner, tokens),
        before_id=current.patient_id,
        waiting={"texts": wanted.waiting} if wanted.waiting != current.waiting else None,
        by=by,
    )
    if owner.patient_id != current.patient_id:
        hand_over_drafts(session, current, patient_id=owner.patient_id, data_key=owner.data_key)
    if wanted.waiting != current.waiting or owner.patient_id != current.patient_id:
        keep_waiting(
            session, keys, owner=owner, site_id=site_id, record_id=record_id, version=version,
            texts=wanted.waiting, by=by,
        )  # fmt: skip
    neighbours.settle(session, keys, site_id=site_id, record_ids=[record_id], by=by.account_id)
    return True


def keep_waiting(
    session: Session,
    keys: Keys,
    *,
    owner: Owner,
    site_id: UUID,
    record_id: UUID,
    version: int,
    texts: Mapping[str, str],
    by: Author,
) -> None:
    """Keeps the texts that wait beside a stored record; takes the entry away if there are none."""
    if not texts:
        session.execute(delete(Entry).where(Entry.record_id == record_id))
        return
    number = real_number(says({}, texts).values.get("nhs_number"))
    changing = {
        "version": version,
        "wrapped_key": None,
        "sealed": seal_texts(owner.data_key, owner.patient_id, "entry", record_id, texts),
        "earlier": None,
        "keys": sorted(texts),
        "nhs_hash": None if number is None else hash_identifier(keys, "nhs_number", number),
        "updated_by": by.account_id,
        "updated_at": func.now(),
    }
    statement = upsert(Entry).values(
        record_id=record_id, site_id=site_id, started_by=by.account_id, **changing
    )
    session.execute(statement.on_conflict_do_update(constraint="pk_entry", set_=changing))


def _columns(wanted: Wanted, tokens: list[str], *, today: date) -> dict[str, Any]:
    """What is stored in `fls_record`: answers, and all that follows from them."""
    values = wanted.values
    statement = says(values, wanted.waiting)
    findings = findings_of(statement, today=today)
    derived = derived_from(
        values.get("date_of_birth"), values.get("date_index_diagnosed"), values.get("postcode")
    )
    columns: dict[str, Any] = {key: _sql(values.get(key)) for key in CLINICAL_KEYS}
    if wanted.opt_out_checked_on is not None:
        columns["opt_out_checked_on"] = wanted.opt_out_checked_on
    return {
        **columns,
        "dataset_version": derived.dataset_version,
        "age_at_diagnosis": derived.age_at_diagnosis,
        "age_band": derived.age_band,
        "outward_postcode": derived.outward_postcode,
        "own_state": own_state(
            values, findings, acknowledged=tokens, unreadable=sorted(wanted.waiting)
        ),
        "has_warnings": any(finding.level == "warning" for finding in findings),
        "acknowledged": tokens or None,
        "unreadable": sorted(wanted.waiting) or None,
    }


def _sql(value: Value) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _all_keys(current: OpenRecord, wanted: Wanted) -> set[str]:
    return {*current.values, *wanted.values}


def _differs(key: str, current: OpenRecord, wanted: Wanted) -> bool:
    return current.values.get(key) != wanted.values.get(key)


def _tokens_after(current: OpenRecord, wanted: Wanted, changed: set[str]) -> list[str]:
    """The acknowledgements that still hold, and the new ones.

    A text that waits is said as well, so that one lapses too when such a text comes or goes.
    """
    said_otherwise = {
        key
        for key in {*current.waiting, *wanted.waiting}
        if current.waiting.get(key) != wanted.waiting.get(key)
    }
    kept = remaining(current.acknowledged, changed | said_otherwise)
    return [*kept, *sorted(wanted.tokens.difference(kept))]


def _days(*records: Record) -> set[date]:
    found = (record.get("date_index_diagnosed") for record in records)
    return {day for day in found if isinstance(day, date)}


def _changes(
    current: OpenRecord, wanted: Wanted, changed: set[str], owner: Owner, tokens: list[str]
) -> dict[str, Any]:
    """{key: [old, new]}: old identifiers sealed with the old patient's key, new with the new."""
    before = Owner(current.patient_id, current.own_key())
    pairs: dict[str, Any] = {}
    for key in sorted(changed):
        old, new = current.values.get(key), wanted.values.get(key)
        if key in IDENTIFIERS:
            pairs[key] = [
                _base64(sealed_for_history(before, key, current.values)),
                _base64(sealed_for_history(owner, key, wanted.values)),
            ]
        else:
            pairs[key] = [wire_from_value(old), wire_from_value(new)]
    if tokens != current.acknowledged:
        pairs[ACKNOWLEDGED] = [current.acknowledged, tokens]
    return pairs


def _base64(sealed: bytes | None) -> str | None:
    return None if sealed is None else base64.b64encode(sealed).decode()


def _add_history(
    session: Session,
    *,
    owner: Owner,
    site_id: UUID,
    record_id: UUID,
    version: int,
    kind: str,
    changes: dict[str, Any] | None,
    before_id: UUID,
    waiting: dict[str, Any] | None,
    by: Author,
) -> None:
    sealed = None
    if waiting is not None:
        sealed = seal_texts(owner.data_key, owner.patient_id, "waiting", record_id, waiting)
    note_change(
        session,
        site_id=site_id,
        record_id=record_id,
        version=version,
        kind=kind,
        changes=changes,
        by=by,
        patient_id=before_id,
        waiting=sealed,
    )
