"""Notices: what the audit team tells everybody on the home page, from a day to a day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.registration import queries
from services.registration.actions.log import write_log
from services.registration.tables import Notice
from services.shared.errors import InvalidInput
from services.shared.identity import Actor


def publish_notice(
    session: Session,
    *,
    title: str,
    words: str,
    shown_from: date,
    shown_until: date,
    today: date,
    by: Actor,
) -> Notice:
    """Shows a notice on the home page in a time; does not commit.

    Raises:
        InvalidInput: The time is over, or ends before it begins.
    """
    if shown_until < max(shown_from, today):
        raise InvalidInput({"shown_until": ["Enter a day that is still to come."]})
    row = Notice(
        notice_id=uuid7(),
        title=title,
        words=words,
        shown_from=shown_from,
        shown_until=shown_until,
        made_at=datetime.now(UTC),
        made_by=by.account_id,
    )
    session.add(row)
    session.flush()
    _log(session, by, "notice_published", row)
    return row


def withdraw_notice(session: Session, *, notice_id: UUID, by: Actor) -> None:
    """Shows a notice no more; does not commit. Harmless when it is withdrawn.

    Raises:
        NotFound: There is no such notice.
    """
    row = queries.get_notice(session, notice_id)
    if row.withdrawn_at is None:
        row.withdrawn_at = datetime.now(UTC)
        _log(session, by, "notice_withdrawn", row)


def _log(session: Session, by: Actor, what: str, row: Notice) -> None:
    write_log(session, by=by, what=what, subject_kind="notice", subject_id=row.notice_id)
