"""Keeps accounts current: unused ones are warned and switched off, leads confirm who is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.registration import queries
from services.registration.actions.log import Outsider, write_log
from services.registration.actions.mails import MailDesk, queue_mail
from services.registration.actions.sessions import end_all_sessions
from services.registration.domain import security_mails
from services.registration.domain.currency import (
    CONFIRMED_FOR,
    UNUSED_DAYS,
    WARNED_DAYS_BEFORE,
    fate_of,
)
from services.registration.tables import PeopleConfirmation
from services.shared.identity import Actor

ACCOUNTS_AT_ONCE = 100
REMINDED_EVERY = timedelta(days=30)


def treat_unused(session: Session, *, desk: MailDesk, now: datetime | None = None) -> list[UUID]:
    """Warns and switches off accounts that nobody has used for long; does not commit.

    Args:
        session: The transaction.
        desk: Writes the warnings.
        now: The present, for tests.

    Returns:
        Ids of the accounts that were warned or switched off, at most a hundred at once.
    """
    now = now or datetime.now(UTC)
    since = WARNED_DAYS_BEFORE
    treated = []
    for unused in queries.list_unused(
        session,
        now=now,
        days=UNUSED_DAYS - since,
        warned_before=now - timedelta(days=since),
        limit=ACCOUNTS_AT_ONCE,
    ):
        account = queries.get_account(session, unused.account_id, lock=True)
        fate = fate_of(last_used=unused.last_used, warned_at=account.unused_warned_at, now=now)
        if fate == "warn":
            account.unused_warned_at = now
            words = security_mails.unused_warning(
                name=account.name, days=since, link=desk.sign_in_page()
            )
            queue_mail(session, to_address=account.email, words=words, desk=desk)
        elif fate == "switch_off":
            account.switched_off_at = now
            end_all_sessions(session, account_id=account.account_id, reason="unused for long")
            write_log(
                session,
                by=Outsider.SYSTEM,
                what="account_switched_off",
                subject_kind="account",
                subject_id=account.account_id,
                site_id=queries.home_site_id(session, account.account_id),
                details={"unused_days": UNUSED_DAYS},
            )
        if fate:
            treated.append(account.account_id)
    return treated


def remind_leads(session: Session, *, desk: MailDesk, now: datetime | None = None) -> int:
    """Reminds leads whose list of people is to be confirmed, once in 30 days; does not commit.

    Returns:
        How many mails were written.
    """
    now = now or datetime.now(UTC)
    written = 0
    for site in queries.list_sites_to_confirm(session, before=now - CONFIRMED_FOR):
        for lead in queries.list_leads(session, site.site_id):
            if queries.has_mail_since(session, lead.email, "people_due", now - REMINDED_EVERY):
                continue
            words = security_mails.people_due(
                name=lead.name, organisation=site.name, link=desk.people_page()
            )
            queue_mail(session, to_address=lead.email, words=words, desk=desk)
            written += 1
    return written


def confirm_people(session: Session, *, site_id: UUID, by: Actor) -> PeopleConfirmation:
    """Notes that a lead has looked through who is at the site; does not commit."""
    people = sum(person.ended_at is None for person in queries.list_people(session, site_id))
    row = PeopleConfirmation(
        people_confirmation_id=uuid7(),
        site_id=site_id,
        confirmed_at=datetime.now(UTC),
        confirmed_by=by.account_id,
        people=people,
    )
    session.add(row)
    session.flush()
    write_log(
        session,
        by=by,
        what="people_confirmed",
        subject_kind="site",
        subject_id=site_id,
        site_id=site_id,
        details={"people": people},
    )
    return row
