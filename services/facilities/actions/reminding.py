"""Asks registration to write to sites: reminders, each once, and that they can answer again."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.facilities.domain.asking import Window
from services.facilities.events import REMINDER_WANTED
from services.facilities.queries.answers import find_answer_set
from services.facilities.queries.rounds import get_round
from services.facilities.tables import Reminder, Round
from services.shared.outbox import record_event


def remind_site(
    session: Session,
    *,
    round_id: UUID,
    site_id: UUID,
    kind: str,
    window: Window,
    by: UUID | None = None,
) -> bool:
    """Send one reminder, unless it was sent or the site has submitted meanwhile; does not commit.

    Args:
        session: a transaction of the site.
        round_id: the round.
        site_id: the site.
        kind: which one, see `domain.asking.due_reminder`; `asked:<day>` is one that a person sends.
        window: the round as this site has it.
        by: the account that sends it; None is the timer.

    Returns:
        Whether it was sent just now.
    """
    each = get_round(session, round_id)
    answer_set = find_answer_set(session, round_id, site_id)
    if answer_set is not None and answer_set.submitted_at is not None:
        return False
    row = {"round_id": round_id, "site_id": site_id, "kind": kind, "sent_by": by}
    statement = insert(Reminder).values(row).on_conflict_do_nothing()
    if session.execute(statement.returning(Reminder.kind)).first() is None:
        return False
    is_begun = answer_set is not None and answer_set.version > 0
    kind_of_mail = kind.partition(":")[0]
    _want_mail(session, each, site_id, kind_of_mail, window.last_day, is_begun, by)
    return True


def tell_site(
    session: Session, each: Round, *, site_id: UUID, kind: str, last_day: date | None, by: UUID
) -> None:
    """Have a site told that it can answer again or longer, each time; does not commit.

    Args:
        session: a transaction of the site.
        each: the round.
        site_id: the site.
        kind: `reopened` or `extended`.
        last_day: of the site, None if it has none.
        by: the account that did it.
    """
    _want_mail(session, each, site_id, kind, last_day, True, by)


def _want_mail(
    session: Session,
    each: Round,
    site_id: UUID,
    kind: str,
    last_day: date | None,
    is_begun: bool,
    by: UUID | None,
) -> None:
    record_event(
        session,
        REMINDER_WANTED,
        subject=each.round_id,
        site_id=site_id,
        actor_id=by,
        data={
            "round_id": each.round_id,
            "title": each.title,
            "kind": kind,
            "last_day": last_day,
            "is_begun": is_begun,
        },
    )


def kind_by_hand(today: date) -> str:
    """Return the kind of a reminder that a person sends: one a day and site at most."""
    return f"asked:{today.isoformat()}"
