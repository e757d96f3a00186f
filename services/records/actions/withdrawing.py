"""Takes records out and brings them back: soft deletion, restoration, opt-outs.

A deleted record stays, sealed and with its history, but counts nowhere and is found by nothing; its
local identifier is free again. After an opt-out there is no way back: the patient's identifiers are
erased, and a keyed hash of the NHS number keeps the patient out at every site.

An opt-out is always honoured, also for a locked year: the patient's wish does not wait for the
audit's calendar. Every other deletion keeps to the periods, because it changes what was reported.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.records.actions import neighbours
from services.records.actions.erasing import erase_patient_of
from services.records.actions.guarding import (
    hold_opt_outs,
    is_opted_out,
    lock_site,
    refuse_locked,
    refuse_opted_out,
)
from services.records.actions.identifying import real_number
from services.records.actions.noting import note_change
from services.records.actions.opening import OpenRecord, get_stored, open_stored
from services.records.actions.pairing import refresh_states
from services.records.domain.authors import Author
from services.records.domain.history import REASON
from services.records.identifiers import hash_candidates, hash_identifier
from services.records.keys import Keys
from services.records.queries.deciding import records_of_patient, reopen_pairs_of
from services.records.tables import FlsRecord, OptOut, RecordIdentity
from services.shared.db import broken_constraint
from services.shared.errors import Conflict, NotFound

OPT_OUT = "opt_out"
_ROW = FlsRecord.__table__


def delete_record(
    session: Session,
    keys: Keys,
    *,
    site_id: UUID,
    record_id: UUID,
    version: int,
    reason: str,
    by: Author,
    today: date,
) -> None:
    """Deletes a record softly; with the reason `opt_out` withdraws the patient.

    The same again changes nothing.

    Args:
        reason: `entered_in_error`, `not_eligible`, `duplicate`, `other` or `opt_out`.

    Raises:
        NotFound: the site has no such record.
        Conflict: `version_moved`, `period_locked`.
    """
    lock_site(session, site_id)
    found = open_stored(session, keys, record_id)
    if found is None:
        raise NotFound("There is no such record at your site.")
    if found.head["state"] == "deleted":
        if found.head["deleted_reason"] == reason:
            return
        raise NotFound("This record was deleted already.")
    _refuse_moved(found, version)
    if reason == OPT_OUT:
        _withdraw_patient(session, keys, found, by=by)
        return
    refuse_locked(
        session, site_id=site_id, record_id=record_id, days=[found.diagnosed_on], today=today
    )
    mark_deleted(session, site_id=site_id, record=found, reason=reason, by=by)


def mark_deleted(
    session: Session, *, site_id: UUID, record: OpenRecord, reason: str, by: Author
) -> None:
    """Takes a record out of all that counts and frees its local identifier; under the site's lock.

    Records that it was paired with have their states set anew.
    """
    version = record.version + 1
    session.execute(
        update(_ROW)
        .where(_ROW.c.record_id == record.record_id)
        .values(state="deleted", deleted_reason=reason, version=version, updated_at=func.now())
    )
    session.execute(
        update(RecordIdentity)
        .where(RecordIdentity.record_id == record.record_id)
        .values(local_id_hash=None)
    )
    note_change(
        session,
        site_id=site_id,
        record_id=record.record_id,
        version=version,
        kind="deleted",
        changes={REASON: [None, reason]},
        by=by,
    )
    refresh_states(session, site_id=site_id, record_ids=[record.record_id], by=by.account_id)


def restore_record(
    session: Session,
    keys: Keys,
    *,
    site_id: UUID,
    record_id: UUID,
    version: int,
    by: Author,
    today: date,
) -> None:
    """Brings a deleted record back with all it held; one that is not deleted stays as it is.

    Raises:
        NotFound: the site has no such record.
        Conflict: `withdrawn` after an opt-out, `opted_out` if the patient has opted out since,
            `version_moved`, `period_locked`, `local_id_taken` if another record has its local
            identifier now.
    """
    lock_site(session, site_id)
    found = open_stored(session, keys, record_id)
    if found is None:
        raise NotFound("There is no such record at your site.")
    if found.head["state"] != "deleted":
        return
    if found.head["deleted_reason"] == OPT_OUT:
        raise Conflict(
            "The patient has opted out, so what identifies them was erased. The record cannot come "
            "back.",
            "withdrawn",
        )
    _refuse_moved(found, version)
    refuse_opted_out(session, keys, real_number(found.values.get("nhs_number")))
    refuse_locked(
        session, site_id=site_id, record_id=record_id, days=[found.diagnosed_on], today=today
    )
    after = found.version + 1
    session.execute(
        update(_ROW)
        .where(_ROW.c.record_id == record_id)
        .values(state=_ROW.c.own_state, deleted_reason=None, version=after, updated_at=func.now())
    )
    _take_local_id_back(session, keys, found)
    note_change(
        session,
        site_id=site_id,
        record_id=record_id,
        version=after,
        kind="restored",
        changes={REASON: [found.head["deleted_reason"], None]},
        by=by,
    )
    reopen_pairs_of(session, record_id)
    neighbours.settle(session, keys, site_id=site_id, record_ids=[record_id], by=by.account_id)


def record_opt_out(
    session: Session, keys: Keys, *, site_id: UUID, nhs_number: str, by: UUID
) -> bool:
    """Keeps a patient out, at every site, by a keyed hash of the NHS number alone.

    Returns:
        False if it was recorded already; who recorded it is not told.

    Raises:
        Conflict: `has_records` if the site has records of the patient: they are withdrawn first,
            which records the opt-out too.
    """
    lock_site(session, site_id)
    hold_opt_outs(session)
    if is_opted_out(session, keys, nhs_number):
        return False
    if records_of_patient(session, keys, site_id=site_id, nhs_number=nhs_number):
        raise Conflict(
            "Your site has records of this patient. Search for them by the NHS number and delete "
            "one with the reason that the patient has opted out: that withdraws all of them.",
            "has_records",
        )
    _suppress(session, keys, site_id=site_id, nhs_number=nhs_number, by=by)
    return True


def _withdraw_patient(session: Session, keys: Keys, record: OpenRecord, *, by: Author) -> None:
    """Suppresses the patient, takes all their records here out and erases what identifies them."""
    site_id = record.head["site_id"]
    hold_opt_outs(session)
    number = real_number(record.values.get("nhs_number"))
    if number is not None:
        _suppress(session, keys, site_id=site_id, nhs_number=number, by=by.account_id)
    for record_id in records_of_patient(session, keys, site_id=site_id, of_record=record.record_id):
        one = get_stored(session, keys, record_id)
        mark_deleted(session, site_id=site_id, record=one, reason=OPT_OUT, by=by)
    erase_patient_of(session, keys, site_id=site_id, record=record, with_area=True)


def _suppress(session: Session, keys: Keys, *, site_id: UUID, nhs_number: str, by: UUID) -> None:
    """Keeps the hashes under every key: rows of an import on their way may carry an older one."""
    rows = [
        {"nhs_hash": hashed, "site_id": site_id, "recorded_by": by}
        for hashed in hash_candidates(keys, "nhs_number", nhs_number)
    ]
    session.execute(upsert(OptOut).values(rows).on_conflict_do_nothing())


def _take_local_id_back(session: Session, keys: Keys, record: OpenRecord) -> None:
    local_id = record.values.get("local_id")
    if not isinstance(local_id, str):
        return
    try:
        session.execute(
            update(RecordIdentity)
            .where(RecordIdentity.record_id == record.record_id)
            .values(local_id_hash=hash_identifier(keys, "local_id", local_id))
        )
    except IntegrityError as error:
        if broken_constraint(error) != "uq_record_identity_local_id_hash_site_id":
            raise
        raise Conflict(
            "Another record has the identifier of this record now. Give that one another "
            "identifier, then restore this one.",
            "local_id_taken",
        ) from None


def _refuse_moved(record: OpenRecord, version: int) -> None:
    if record.version != version:
        raise Conflict(
            "Somebody has changed this record since you opened it. Look at it again; nothing was "
            "done.",
            "version_moved",
            {"version": record.version, "conflicts": {}},
        )
