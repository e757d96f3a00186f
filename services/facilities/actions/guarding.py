"""What every write of a site asks first: is the site asked, and is there still time."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.facilities.queries.answers import find_answer_set
from services.facilities.queries.rounds import extended_until, is_asked, window_of
from services.facilities.queries.sites import find_site
from services.facilities.tables import AnswerSet, Round, Site
from services.shared.errors import Conflict, Forbidden, Unavailable


def get_answering_site(session: Session, each: Round, site_id: UUID) -> Site:
    """Return the site, which is asked in this round.

    Raises:
        Unavailable: registration has not told us of the site yet.
        Forbidden: the site is not approved, takes no part, or is not asked in this round.
    """
    site = find_site(session, site_id)
    if site is None:
        raise Unavailable("Your site has not arrived here yet. Try again in a few seconds.")
    if site.state != "approved":
        raise Forbidden(f"Your site is {site.state} and cannot answer. Contact the audit team.")
    if not site.facilities_audit:
        raise Forbidden("Your site does not take part in the facilities audit.")
    if not is_asked(each, site):
        raise Forbidden("Your site is not asked in this round.")
    return site


def refuse_unless_open(session: Session, each: Round, site_id: UUID, today: date) -> None:
    """Refuse a write outside the days of the round, the site's extension counted.

    Raises:
        Conflict: `round_not_open` or `round_closed`.
    """
    state = window_of(each, extended_until(session, each.round_id, site_id)).state(today)
    if state == "planned":
        raise Conflict("This round is not open yet.", "round_not_open")
    if state == "closed":
        raise Conflict("This round is closed. Contact the audit team.", "round_closed")


def refuse_if_submitted(answer_set: AnswerSet) -> None:
    """Refuse to change what is submitted. Raises Conflict `submitted`."""
    if answer_set.submitted_at is not None:
        raise Conflict("These answers have been submitted and can no longer change.", "submitted")


def lock_answer_set(session: Session, round_id: UUID, site_id: UUID, by: UUID) -> AnswerSet:
    """Make the answer set if there is none, and hold it until the transaction ends.

    Writes of one site take turns by it: the second sees what the first stored.
    """
    row = {"round_id": round_id, "site_id": site_id, "version": 0, "updated_by": by}
    session.execute(insert(AnswerSet).values(row).on_conflict_do_nothing())
    answer_set = find_answer_set(session, round_id, site_id, lock=True)
    assert answer_set is not None
    return answer_set
