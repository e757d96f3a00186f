"""Erases what identifies a patient. The key goes, and with it everything that it has sealed.

Answers stay and go on counting (unless the record was withdrawn); history stays and is blinded. It
is allowed for locked years too: a right of the patient does not wait for the audit's calendar.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from services.records.actions.guarding import ERASED, lock_site
from services.records.actions.noting import note_change
from services.records.actions.opening import OpenRecord, get_stored
from services.records.domain.authors import Author
from services.records.domain.history import REASON
from services.records.keys import Keys
from services.records.queries import deciding as queries
from services.shared.errors import Conflict


def erase_patient(
    session: Session,
    keys: Keys,
    *,
    site_id: UUID,
    record_id: UUID,
    version: int,
    reason: str,
    by: Author,
) -> None:
    """Erases for good what identifies the patient of a record, in all their records at the site.

    The same again changes nothing.

    Raises:
        NotFound: the site has no such record.
        Conflict: `version_moved`.
    """
    lock_site(session, site_id)
    record = get_stored(session, keys, record_id)
    if record.stored.nhs_absent == ERASED:
        return
    if record.version != version:
        raise Conflict(
            "Somebody has changed this record since you opened it. Look at it again; nothing was "
            "erased.",
            "version_moved",
            {"version": record.version, "conflicts": {}},
        )
    standing = queries.records_of_patient(session, keys, site_id=site_id, of_record=record_id)
    erase_patient_of(session, keys, site_id=site_id, record=record, with_area=False)
    for one in standing:
        note_change(
            session,
            site_id=site_id,
            record_id=one,
            version=queries.next_version(session, one),
            kind="erased",
            changes={REASON: [None, reason]},
            by=by,
        )


def erase_patient_of(
    session: Session, keys: Keys, *, site_id: UUID, record: OpenRecord, with_area: bool
) -> None:
    """Deletes the patient's key and every trace of identifiers; under the site's lock.

    A key of an earlier patient of the records (a corrected NHS number) goes too, if nobody else
    has it: it seals what the history says of this one.

    Args:
        with_area: the outward postcode too.
    """
    number = record.values.get("nhs_number")
    if isinstance(number, str):
        queries.delete_unfinished(session, keys, site_id=site_id, nhs_number=number)
    patients = [record.patient_id, *queries.earlier_owners(session, record.patient_id)]
    queries.erase_patients(session, patients, absent=ERASED, with_area=with_area)
