"""Writes to those of a site who answer the facilities audit, when facilities wants a reminder."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration import queries
from services.registration.actions.mails import MailDesk, queue_mail
from services.registration.domain.round_mails import round_reminder
from services.shared import logs


def write_round_reminder(
    session: Session,
    *,
    site_id: UUID,
    round_id: UUID,
    title: str,
    kind: str,
    last_day: date | None,
    is_begun: bool,
    desk: MailDesk,
) -> None:
    """Queues a mail to each lead and facilities respondent of the site; does not commit."""
    readers = queries.list_respondents(session, site_id)
    if not readers:
        logs.get_logger().info("nobody_to_write_to", round_id=round_id)
    for reader in readers:
        words = round_reminder(
            name=reader.name,
            organisation=reader.organisation,
            title=title,
            kind=kind,
            last_day=last_day,
            is_begun=is_begun,
            link=desk.round_page(round_id),
        )
        queue_mail(session, to_address=reader.email, words=words, desk=desk)
