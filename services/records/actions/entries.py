"""Saves what is typed into the form of a record: the door of the pages.

Nothing typed is lost. What can be stored is stored, errors and all (the record is `invalid` then);
what cannot waits as an entry, sealed. A new entry becomes a record as soon as it has what every
record needs. One save is one transaction, and the same save twice changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.records.actions.attesting import require_attestation
from services.records.actions.claiming import Settled, claims, settled
from services.records.actions.drafting import drop_drafted, keep_draft
from services.records.actions.earlier import refuse_version_to_come, said_at
from services.records.actions.guarding import lock_site, refuse_locked, refuse_opted_out
from services.records.actions.identifying import real_number
from services.records.actions.opening import (
    OpenEntry,
    OpenRecord,
    open_entry,
    open_stored,
)
from services.records.actions.saving import Wanted, store_changes, store_new
from services.records.domain.authors import Author
from services.records.domain.saying import FORM_KEYS, Said, read_text, said_by, says, text_of
from services.records.domain.three_way import NOT_KNOWN, Changes, NotKnown, both_sides, changes_of
from services.records.domain.typed_log import TypedLog
from services.records.identifiers import hash_identifier, new_patient_key, seal_texts
from services.records.keys import Keys
from services.records.tables import Entry
from services.shared.db import broken_constraint
from services.shared.errors import Conflict, InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class Form:
    """What a form sends.

    Attributes:
        version: the one the form was filled in on; 0 for a new record.
        texts: field key -> text as typed; a blank text empties the field.
        opt_out_checked_on: when the patient's opt-out was looked up; None leaves what is known.
        autosave: keep the texts and do nothing else.
    """

    record_id: UUID
    version: int
    texts: Mapping[str, str]
    opt_out_checked_on: date | None = None
    autosave: bool = False


def start_form(
    session: Session, keys: Keys, *, site_id: UUID, form: Form, by: Author, today: date
) -> bool:
    """Saves the first texts of a new record; True if there was nothing under this id yet.

    Sent again it changes nothing; with other texts it is a save by somebody who saw a blank form.

    Raises:
        InvalidInput: nothing was typed, or the opt-out was not looked up.
        Conflict: as `save_form`; `record_id_taken` if another site has the id.
    """
    lock_site(session, site_id)
    if _save_what_is_there(session, keys, site_id=site_id, form=form, by=by, today=today):
        return False
    if not any(text.strip() for text in form.texts.values()):
        raise InvalidInput({"texts": ["Nothing was typed yet."]})
    require_attestation(session, site_id=site_id, checked_on=form.opt_out_checked_on, today=today)
    _save_entry(session, keys, entry=None, site_id=site_id, form=form, by=by, today=today)
    return True


def save_form(
    session: Session, keys: Keys, *, site_id: UUID, form: Form, by: Author, today: date
) -> None:
    """Saves texts of a form, stored record or entry; fields that are not named stay.

    Raises:
        NotFound: the site has nothing under this id.
        InvalidInput: a version that there has not been, a day of attestation after today.
        Conflict: `version_moved` when somebody else has changed one of these fields to something
            else since that version; `period_locked`, `opted_out`, `identifiers_erased`.
    """
    lock_site(session, site_id)
    if not _save_what_is_there(session, keys, site_id=site_id, form=form, by=by, today=today):
        raise NotFound("There is no such record at your site.")


def drop_entry(session: Session, *, site_id: UUID, record_id: UUID) -> None:
    """Drops an entry that is no record yet, for good.

    Raises:
        NotFound: the site has no such entry, or it has become a record.
    """
    lock_site(session, site_id)
    found = session.execute(
        delete(Entry)
        .where(
            Entry.site_id == site_id, Entry.record_id == record_id, Entry.wrapped_key.is_not(None)
        )
        .returning(Entry.record_id)
    )
    if found.first() is None:
        raise NotFound("There is no such unfinished record at your site.")


def _save_what_is_there(
    session: Session, keys: Keys, *, site_id: UUID, form: Form, by: Author, today: date
) -> bool:
    if form.opt_out_checked_on is not None:
        require_attestation(
            session, site_id=site_id, checked_on=form.opt_out_checked_on, today=today
        )
    stored = open_stored(session, keys, form.record_id)
    if stored is not None:
        if stored.head["state"] == "deleted":
            raise NotFound("There is no such record at your site.")
        _save_stored(session, keys, current=stored, form=form, by=by, today=today)
        return True
    entry = open_entry(session, keys, form.record_id)
    if entry is None:
        return False
    _save_entry(session, keys, entry=entry, site_id=site_id, form=form, by=by, today=today)
    return True


# --- an entry that is no record yet -------------------------------------------------------------


def _save_entry(
    session: Session,
    keys: Keys,
    *,
    entry: OpenEntry | None,
    site_id: UUID,
    form: Form,
    by: Author,
    today: date,
) -> None:
    """Keeps the texts; makes them a record if everything needed is there, unless autosaving."""
    log = TypedLog({}) if entry is None else entry.log
    version = 1 if entry is None else entry.version + 1
    changes = _changes_of_entry(entry, form, by)
    log = log.changed(
        version,
        {key: form.texts[key].strip() for key in changes.mine},
        author=str(by.account_id) if form.autosave else "",
    )
    _refuse_opted_out(session, keys, log.texts)
    checked_on = form.opt_out_checked_on or (entry.row.opt_out_checked_on if entry else None)
    if not form.autosave and _becomes_record(
        session, keys, site_id=site_id, form=form, version=version, log=log,
        checked_on=checked_on, by=by, today=today,
    ):  # fmt: skip
        return
    if entry is not None and not changes.mine:
        if checked_on != entry.row.opt_out_checked_on:
            entry.row.opt_out_checked_on = checked_on
        return
    _keep_entry(
        session, keys, entry=entry, site_id=site_id, record_id=form.record_id, version=version,
        log=log, checked_on=checked_on, by=by,
    )  # fmt: skip


def _changes_of_entry(entry: OpenEntry | None, form: Form, by: Author) -> Changes:
    sent = _said(form.texts)
    if entry is None:
        return changes_of(sent, seen={}, now={})
    refuse_version_to_come(form.version, entry.version)
    texts = entry.log.at(form.version)
    seen: Mapping[str, Said | NotKnown] = (
        dict.fromkeys(FORM_KEYS, NOT_KNOWN) if texts is None else said_by({}, texts)
    )
    own = entry.log.typed_since(form.version, str(by.account_id))
    changes = changes_of(sent, seen=seen, now=said_by({}, entry.texts), own=own)
    refuse_conflicts(changes, version=entry.version)
    return changes


def _becomes_record(
    session: Session,
    keys: Keys,
    *,
    site_id: UUID,
    form: Form,
    version: int,
    log: TypedLog,
    checked_on: date | None,
    by: Author,
    today: date,
) -> bool:
    """Stores the entry as a record if it can be one; its year must not be locked."""
    found = _settled(session, keys, site_id=site_id, record_id=None, stored={}, typed=log.texts)
    if not found.is_a_record:
        return False
    day = found.values["date_index_diagnosed"]
    assert isinstance(day, date)
    try:
        refuse_locked(session, site_id=site_id, record_id=None, days=[day], today=today)
    except Conflict:
        return False
    waiting = {key: text for key, text in log.texts.items() if key in found.held}
    session.execute(delete(Entry).where(Entry.record_id == form.record_id))
    store_new(
        session,
        keys,
        site_id=site_id,
        record_id=form.record_id,
        version=version,
        wanted=Wanted(found.values, waiting, opt_out_checked_on=checked_on),
        typed=log,
        by=by,
        today=today,
    )
    return True


def _keep_entry(
    session: Session,
    keys: Keys,
    *,
    entry: OpenEntry | None,
    site_id: UUID,
    record_id: UUID,
    version: int,
    log: TypedLog,
    checked_on: date | None,
    by: Author,
) -> None:
    if entry is None:
        data_key, wrapped = new_patient_key(keys, record_id)
    else:
        data_key, wrapped = entry.data_key, entry.row.wrapped_key or b""
    number = real_number(says({}, log.texts).values.get("nhs_number"))
    earlier = {"steps": log.steps, "since": log.since}
    columns: dict[str, Any] = {
        "version": version,
        "sealed": seal_texts(data_key, record_id, "entry", record_id, log.texts),
        "earlier": seal_texts(data_key, record_id, "earlier", record_id, earlier),
        "keys": sorted(log.texts),
        "nhs_hash": None if number is None else hash_identifier(keys, "nhs_number", number),
        "opt_out_checked_on": checked_on,
        "updated_by": by.account_id,
    }
    if entry is not None:
        changing = {**columns, "updated_at": func.now()}
        session.execute(update(Entry).where(Entry.record_id == record_id).values(changing))
        return
    new = {**columns, "record_id": record_id, "site_id": site_id, "wrapped_key": wrapped}
    try:
        session.execute(insert(Entry).values(**new, started_by=by.account_id))
    except IntegrityError as error:
        if broken_constraint(error) != "pk_entry":
            raise
        raise Conflict(
            "This record id is taken. Make a new one and send the form again.", "record_id_taken"
        ) from None


# --- a record that is stored --------------------------------------------------------------------


def _save_stored(
    session: Session, keys: Keys, *, current: OpenRecord, form: Form, by: Author, today: date
) -> None:
    site_id: UUID = current.head["site_id"]
    current.own_key()
    changes = changes_of(
        _said(form.texts),
        seen=said_at(session, keys, current, form.version),
        now=current.said,
    )
    _refuse_opted_out(session, keys, {key: form.texts[key] for key in changes.mine})
    if form.autosave:
        keep_draft(session, current, version=form.version, texts=form.texts, changes=changes, by=by)
        return
    refuse_conflicts(changes, version=current.version)
    typed = {**current.waiting, **{key: form.texts[key].strip() for key in changes.mine}}
    found = _settled(
        session, keys, site_id=site_id, record_id=current.record_id,
        stored=current.values, typed=typed,
    )  # fmt: skip
    wanted = Wanted(
        found.values,
        {key: text for key, text in typed.items() if key in found.held},
        opt_out_checked_on=form.opt_out_checked_on,
    )
    store_changes(session, keys, current=current, wanted=wanted, by=by, today=today)
    drop_drafted(session, keys, record_id=current.record_id, by=by, saved=form.texts)


# --- both ---------------------------------------------------------------------------------------


def refuse_conflicts(changes: Changes, *, version: int) -> None:
    """Refuses to overwrite what somebody else has changed meanwhile.

    Raises:
        Conflict: `version_moved`, with both texts of each field that points at no person.
    """
    if changes.conflicts:
        raise Conflict(
            "Somebody else has changed the same answers since you opened this record. Compare both "
            "and save again; nothing was saved yet.",
            "version_moved",
            {
                "version": version,
                "conflicts": {
                    key: both_sides(key, text_of(key, mine), text_of(key, theirs))
                    for key, (mine, theirs) in changes.conflicts.items()
                },
            },
        )


def _settled(
    session: Session,
    keys: Keys,
    *,
    site_id: UUID,
    record_id: UUID | None,
    stored: Mapping[str, Any],
    typed: Mapping[str, str],
) -> Settled:
    statement = says(stored, typed)
    claimed = claims(
        session, keys, site_id=site_id, record_id=record_id, stored=stored, said=statement.values
    )
    return settled(stored, statement, frozenset(typed), claimed)


def _refuse_opted_out(session: Session, keys: Keys, texts: Mapping[str, str]) -> None:
    if "nhs_number" in texts:
        number = real_number(says({}, texts).values.get("nhs_number"))
        refuse_opted_out(session, keys, number)


def _said(texts: Mapping[str, str]) -> dict[str, Said]:
    return {key: read_text(key, text)[0] for key, text in texts.items()}
