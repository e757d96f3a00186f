"""Writes to whoever sent a file, when it waits for them or has ended while they were away."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from services.registration import queries
from services.registration.actions.mails import MailDesk, queue_mail
from services.registration.domain.mails import import_news
from services.shared import logs

_LONDON: Final = ZoneInfo("Europe/London")


def write_import_news(
    session: Session,
    *,
    site_id: UUID,
    import_id: UUID,
    account_id: UUID,
    state: str,
    uploaded_at: datetime,
    desk: MailDesk,
) -> None:
    """Queues the mail; nothing for an account that cannot open the page any more."""
    reader = queries.find_reader(session, account_id=account_id, site_id=site_id)
    if reader is None:
        logs.get_logger().info("nobody_to_write_to", import_id=import_id)
        return
    words = import_news(
        name=reader.name,
        organisation=reader.organisation,
        state=state,
        uploaded_at=uploaded_at.astimezone(_LONDON),
        link=desk.import_page(import_id),
    )
    queue_mail(session, to_address=reader.email, words=words, desk=desk)
