"""Begins and ends visits: the audit team acting at a site, with a reason that is logged."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.registration import queries
from services.registration.actions.log import write_log
from services.registration.actions.sessions import OpenedSession, replace_session, take_session
from services.registration.domain.visits import end_of_visit, reason_problems
from services.registration.queries.sites import ACTIVE_SITE
from services.registration.tables import SignIn, Visit
from services.shared.errors import Conflict, InvalidInput
from services.shared.identity import Actor


def begin_visit(session: Session, *, site_id: UUID, reason: str, by: Actor) -> OpenedSession:
    """Opens a visit and a session in it, which replaces the caller's; does not commit.

    A visit that was going on ends.

    Raises:
        InvalidInput: The reason is too short, too long or holds a long number.
        NotFound: There is no such site.
        Conflict: The site is suspended or closed.
        Forbidden, Unauthenticated: As `take_session`.
    """
    problems = reason_problems(reason)
    if problems:
        raise InvalidInput({"reason": problems})
    site = queries.get_site(session, site_id)
    if site.state != ACTIVE_SITE:
        raise Conflict(f"{site.name} is {site.state} and cannot be visited.", code="site_inactive")
    row = take_session(session, by=by)
    now = datetime.now(UTC)
    _log_end(session, row, by, now)
    visit = Visit(
        visit_id=uuid7(),
        account_id=row.account_id,
        site_id=site_id,
        reason=reason.strip(),
        started_at=now,
        ends_at=end_of_visit(now=now, session_ends=row.expires_at),
    )
    session.add(visit)
    session.flush()
    opened = replace_session(
        session, row=row, site_id=None, visit_id=visit.visit_id, reason="visit begun"
    )
    _log(session, by, "visit_begun", visit, {"reason": visit.reason, "ends_at": _text(visit)})
    return opened


def end_visit(session: Session, *, by: Actor) -> OpenedSession:
    """Ends the caller's visit, and replaces the session by one without; does not commit.

    Harmless when the visit has ended by itself.

    Raises:
        Forbidden, Unauthenticated: As `take_session`.
    """
    row = take_session(session, by=by)
    _log_end(session, row, by, datetime.now(UTC))
    return replace_session(
        session, row=row, site_id=row.site_id, visit_id=None, reason="visit ended"
    )


def _log_end(session: Session, row: SignIn, by: Actor, now: datetime) -> None:
    """Writes down the end of the visit that a session is in, if that goes on."""
    visit = queries.find_visit(session, row.visit_id) if row.visit_id else None
    if visit is not None and visit.ended_at is None and now < visit.ends_at:
        _log(session, by, "visit_ended", visit, {})


def _text(visit: Visit) -> str:
    return visit.ends_at.astimezone(UTC).isoformat(timespec="seconds")


def _log(session: Session, by: Actor, what: str, visit: Visit, details: dict[str, Any]) -> None:
    write_log(
        session,
        by=by,
        what=what,
        subject_kind="visit",
        subject_id=visit.visit_id,
        site_id=visit.site_id,
        details=details,
    )
