"""A person asks for a new password; the mail goes out later, by the consumer.

What the web process does is the same for every address, so that neither the answer nor its time
tells who has an account.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.registration import queries
from services.registration.actions.accounts import make_password_link
from services.registration.actions.log import Outsider, write_log
from services.registration.actions.mails import MailDesk, queue_mail
from services.registration.domain import mails, security_mails
from services.registration.domain.credentials import (
    LINK_LIFETIME,
    RESET_LIFETIME,
    RESETS_AN_HOUR,
)
from services.registration.events import RESET_WANTED
from services.registration.tables import PasswordReset
from services.shared import logs
from services.shared.outbox import record_event


def ask_for_reset(session: Session, *, email: str) -> None:
    """Notes the wish, whoever's address it is; does not commit."""
    reset_id = uuid7()
    session.add(PasswordReset(password_reset_id=reset_id, email=email, asked_at=datetime.now(UTC)))
    record_event(session, RESET_WANTED, subject=reset_id, data={"password_reset_id": reset_id})


def answer_reset(session: Session, *, password_reset_id: UUID, desk: MailDesk) -> None:
    """Mails the link if the address has an account that may sign in; forgets the address.

    An account without a password yet gets its invitation again, with as long to use it. After
    three mails within an hour nothing more is sent.
    """
    wish = session.get(PasswordReset, password_reset_id)
    if wish is None:
        return
    session.delete(wish)
    account = queries.find_account(session, wish.email, lock=True)
    if account is None or account.switched_off_at is not None:
        logs.get_logger().info("reset_for_nobody")
        return
    since = datetime.now(UTC) - timedelta(hours=1)
    if queries.count_links_since(session, account.account_id, since) >= RESETS_AN_HOUR:
        logs.get_logger().info("reset_asked_too_often", account_id=account.account_id)
        return
    is_new = account.password_hash is None
    link = make_password_link(
        session,
        account=account,
        purpose="invitation" if is_new else "reset",
        lifetime=LINK_LIFETIME if is_new else RESET_LIFETIME,
    )
    make = mails.password_link if is_new else security_mails.password_reset
    words = make(name=account.name, link=desk.password_page(link))
    queue_mail(session, to_address=account.email, words=words, desk=desk)
    write_log(
        session,
        by=Outsider.VISITOR,
        what="password_reset_asked",
        subject_kind="account",
        subject_id=account.account_id,
    )
