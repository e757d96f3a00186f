"""What every door asks before it writes: locked periods, opt-outs, and who is writing.

Order of locks, the same for all who write records: the site's lock first, then rows. A write that
took rows first could wait for a slice of an import, which waits for those rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from dataset.nhs_number import REASONS_FOR_NONE
from services.records.domain.periods import Period
from services.records.identifiers import hash_candidates
from services.records.keys import Keys
from services.records.queries.periods import load_periods
from services.shared.errors import Conflict

ERASED: Final = "ERASED"
"""Why an erased patient has no NHS number, in `patient.nhs_absent`."""

_HOLD_SITE = text("SELECT pg_advisory_xact_lock(hashtextextended('records of ' || :site_id, 0))")
# Locks, counts a change, and marks the counts of the site as due: once for all doors that change
# records.
_LOCK_SITE = text("""
INSERT INTO site_counts AS c (site_id, is_due, changes)
SELECT CAST(:site_id AS uuid), true, 1
FROM (SELECT pg_advisory_xact_lock(hashtextextended('records of ' || :site_id, 0))) AS held
ON CONFLICT (site_id) DO UPDATE SET is_due = true, changes = c.changes + 1
""")
_SHARE_SITE = text(
    "SELECT pg_advisory_xact_lock_shared(hashtextextended('records of ' || :site_id, 0))"
)
# Slices that only share the lock do not count in the site's row: they would wait for each other.
_CHANGES = text("""
SELECT coalesce((SELECT c.changes FROM site_counts c WHERE c.site_id = CAST(:site_id AS uuid)), 0)
    + (SELECT count(*) FROM applied_slice a WHERE a.site_id = CAST(:site_id AS uuid)
        AND a.import_id IS DISTINCT FROM CAST(:but_of AS uuid))
""")
_COUNT_CHANGES = text(
    "UPDATE site_counts SET is_due = true, changes = changes + :changes "
    "WHERE site_id = CAST(:site_id AS uuid)"
)
_SHARE_OPT_OUTS = text("SELECT pg_advisory_xact_lock_shared(hashtextextended('opt-outs', 0))")
_HOLD_OPT_OUTS = text("SELECT pg_advisory_xact_lock(hashtextextended('opt-outs', 0))")
_OPTED_OUT = text("SELECT EXISTS (SELECT FROM opted_out(:hashes))")
_IS_ERASED = text("""
SELECT EXISTS (
    SELECT FROM fls_record r JOIN patient p ON p.patient_id = r.patient_id
    WHERE r.record_id = :record_id AND p.nhs_absent = :erased)
""")


def lock_site(session: Session, site_id: UUID) -> None:
    """Makes everybody else who changes records of the site wait until this transaction ends.

    What is told of the site's records (`telling_counts`) is due with this transaction.
    """
    session.execute(_LOCK_SITE, {"site_id": str(site_id)})


def hold_site(session: Session, site_id: UUID) -> int:
    """Keeps others from changing records of the site; returns `changes_of` as it is then.

    Whoever then changes records calls `lock_site` too.
    """
    session.execute(_HOLD_SITE, {"site_id": str(site_id)})
    return changes_of(session, site_id)


def share_site(session: Session, site_id: UUID) -> None:
    """Keeps others from changing records of the site, but those who share it too.

    For slices of one import whose rows cannot touch each other (`applying_fresh`).
    """
    session.execute(_SHARE_SITE, {"site_id": str(site_id)})


def changes_of(session: Session, site_id: UUID, *, but_of: UUID | None = None) -> int:
    """How often somebody has changed records of the site.

    As long as it stays the same, so do the site's records, patients and identities.

    Args:
        but_of: an import whose slices of fresh rows are left out.
    """
    values = {"site_id": str(site_id), "but_of": but_of}
    return int(session.execute(_CHANGES, values).scalar_one())


def count_changes(session: Session, site_id: UUID, changes: int) -> None:
    """Counts so many changes that were made by sharing the site's lock."""
    session.execute(_COUNT_CHANGES, {"site_id": str(site_id), "changes": changes})


def refuse_locked(
    session: Session,
    *,
    site_id: UUID,
    record_id: UUID | None,
    days: Iterable[date],
    today: date,
) -> None:
    """Makes sure that no day of diagnosis lies in a year that is locked for this record.

    Args:
        record_id: None for a record that is not stored yet.
        days: every day of diagnosis that is touched: where it was, and where it will be.

    Raises:
        Conflict: `period_locked`; it says since when, and how to ask for unlocking.
    """
    periods = load_periods(
        session,
        site_id=site_id,
        years={day.year for day in days},
        today=today,
        record_id=record_id,
    )
    for _, period in sorted(periods.items()):
        if period.is_locked:
            raise _locked(period)


def _locked(period: Period) -> Conflict:
    since = period.locks_on
    assert since is not None
    return Conflict(
        f"Records of fractures diagnosed in {period.year} are locked since {since.day} "
        f"{since:%B %Y}, so this was not saved. Your site can ask the audit team to unlock this "
        "record or the whole year: page Audit periods, or POST /unlock-requests.",
        "period_locked",
        {"year": period.year, "locked_since": since.isoformat()},
    )


def refuse_opted_out(session: Session, keys: Keys, nhs_number: str | None) -> None:
    """Makes sure that the patient has not opted out, at this site or another.

    Whoever opts a patient out meanwhile waits until this transaction ends, and then finds what it
    has stored.

    Args:
        nhs_number: None, or a reason why there is none: nobody to ask about.

    Raises:
        Conflict: `opted_out`.
    """
    if is_opted_out(session, keys, nhs_number):
        raise Conflict(
            "This patient has opted out of national audits, so nothing about the patient may be "
            "stored. Nothing was saved.",
            "opted_out",
        )


def is_opted_out(session: Session, keys: Keys, nhs_number: str | None) -> bool:
    """Whether the patient has opted out, looked up under every hash key."""
    if nhs_number is None or nhs_number in (*REASONS_FOR_NONE, ERASED):
        return False
    share_opt_outs(session)
    hashes = hash_candidates(keys, "nhs_number", nhs_number)
    return bool(session.execute(_OPTED_OUT, {"hashes": hashes}).scalar_one())


def share_opt_outs(session: Session) -> None:
    """Keeps opt-outs from being recorded while this transaction stores what it has looked up."""
    session.execute(_SHARE_OPT_OUTS)


def hold_opt_outs(session: Session) -> None:
    """Waits for all who have looked opt-outs up and are storing, at every site."""
    session.execute(_HOLD_OPT_OUTS)


def refuse_erased(session: Session, *, record_id: UUID) -> None:
    """Makes sure that the identifiers of the record's patient were not erased.

    Raises:
        Conflict: `identifiers_erased`: such a record counts, and cannot be changed any more.
    """
    values = {"record_id": record_id, "erased": ERASED}
    if session.execute(_IS_ERASED, values).scalar_one():
        raise Conflict(
            "The identifiers of this patient were erased on request. The record still counts, but "
            "it cannot be changed any more.",
            "identifiers_erased",
        )
