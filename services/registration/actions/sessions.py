"""Opens and ends sessions, and replaces one by another when its owner goes to another site."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.registration import queries
from services.registration.actions.log import Outsider, write_log
from services.registration.actions.mails import MailDesk, queue_mail
from services.registration.actions.throttling import remember_device
from services.registration.domain import security_mails
from services.registration.domain.credentials import (
    SESSION_LIFETIME,
    digest,
    new_session_string,
)
from services.registration.queries import AccountView
from services.registration.tables import Account, SignIn, Visit
from services.shared.errors import Forbidden, NotFound, Unauthenticated
from services.shared.identity import Actor

SIGN_IN_REFUSED = "The e-mail address or the password is not right."
"""One answer for an unknown address, a wrong or missing password and a switched-off account."""
SESSION_OVER = "Your session has ended. Sign in again."


@dataclass(frozen=True)
class OpenedSession:
    """A session just opened; `secret` is the string, shown this once, as is a new `device`.

    `recovery_codes`: of the second factor that was set up with it.
    """

    secret: str
    expires_at: datetime
    view: AccountView
    device: str | None = None
    recovery_codes: list[str] | None = None


def take_checked_account(
    session: Session, account_id: UUID, *, checked_hash: str, new_hash: str | None = None
) -> Account:
    """Returns an account, held, whose password was just found right.

    Args:
        session: The transaction.
        account_id: Whose.
        checked_hash: The hash the password was compared with. It was read in an earlier
            transaction, so that no connection waits for the hashing; what changed since is looked
            at here.
        new_hash: The same password hashed with today's parameters, when the stored one is outdated.

    Raises:
        Unauthenticated: The password was changed or the account switched off meanwhile.
    """
    account = queries.get_account(session, account_id, lock=True)
    if account.password_hash != checked_hash or account.switched_off_at is not None:
        raise Unauthenticated(SIGN_IN_REFUSED)
    if new_hash is not None:
        account.password_hash = new_hash
    return account


def open_session(
    session: Session,
    *,
    account: Account,
    second_factor: bool = False,
    replaces: str | None = None,
    device: str | None = None,
    desk: MailDesk,
) -> OpenedSession:
    """Opens a session for somebody who has shown who they are; does not commit.

    Args:
        session: The transaction.
        account: Whose, held.
        second_factor: Whether they have passed the second factor too.
        replaces: Id of the session that the browser had until now; it ends.
        device: What the browser carries since an earlier sign-in. From one that the account does
            not know its owner is warned by mail, unless it is the first that they ever use.
        desk: Writes that mail.
    """
    account_id = account.account_id
    if replaces is not None:
        _end(session, SignIn.session_id == _as_uuid(replaces), "signed in again")
    now = datetime.now(UTC)
    new_device = None
    if device is None or not queries.is_known_device(session, digest(device), account.email):
        new_device = remember_device(session, account_id=account_id)
        if account.last_signed_in_at is not None:
            words = security_mails.new_device(name=account.name, link=desk.forgotten_page())
            queue_mail(session, to_address=account.email, words=words, desk=desk)
    account.last_signed_in_at = now
    row, opened = _add(
        session,
        account_id=account_id,
        site_id=queries.home_site_id(session, account_id),
        second_factor=second_factor,
        now=now,
        expires_at=now + SESSION_LIFETIME,
    )
    by = Actor(account_id, row.site_id, opened.view.rights, str(row.session_id), row.csrf)
    _log(session, by, "signed_in", row.session_id)
    return replace(opened, device=new_device)


def note_refusal(session: Session, *, account_id: UUID | None) -> None:
    """Writes a wrong password or code into the log, for the owner's lead to see; no commit.

    Of an address that nobody has nothing is written: it may be a password in the wrong field.
    """
    if account_id is None:
        return
    write_log(
        session,
        by=Outsider.VISITOR,
        what="sign_in_refused",
        subject_kind="account",
        subject_id=account_id,
        site_id=queries.home_site_id(session, account_id),
    )


def take_session(session: Session, *, by: Actor) -> SignIn:
    """Returns the caller's session, held until this transaction ends, to be replaced.

    A second press of the button comes with the session that the first replaced, because the edge
    knows it for a few seconds more: then what replaced it is returned.

    Raises:
        Forbidden: The caller has an API token, which stays at its site.
        Unauthenticated: The session has ended.
    """
    session_id = _as_uuid(by.session_id)
    row = queries.find_sign_in(session, session_id) if session_id else None
    if row is None:
        raise Forbidden("Only a person who has signed in can do this.")
    while row.replaced_by is not None:
        newer = queries.find_sign_in(session, row.replaced_by)
        if newer is None:
            raise Unauthenticated(SESSION_OVER)
        row = newer
    if row.ended_at is not None:
        raise Unauthenticated(SESSION_OVER)
    return row


def replace_session(
    session: Session,
    *,
    row: SignIn,
    site_id: UUID | None,
    visit_id: UUID | None,
    reason: str,
) -> OpenedSession:
    """Ends a session and opens one at another site in its place; does not commit.

    The new one has a string of its own, so that no answer that the edge remembers is about the
    wrong site. It lives no longer than the old one would have.

    Args:
        session: The transaction.
        row: The session, as `take_session` gives it.
        site_id: The site to act for as one of its people.
        visit_id: The visit to act in, for the audit team.
        reason: Why the old one ends, and the visit it was in.
    """
    new, opened = _add(
        session,
        account_id=row.account_id,
        site_id=site_id,
        visit_id=visit_id,
        second_factor=row.second_factor,
        now=datetime.now(UTC),
        expires_at=row.expires_at,
    )
    _end(session, SignIn.session_id == row.session_id, reason, replaced_by=new.session_id)
    return opened


def note_session_use(session: Session, *, session_id: UUID) -> None:
    """Writes down that somebody has used a session just now; does not commit."""
    session.execute(
        update(SignIn)
        .where(SignIn.session_id == session_id, SignIn.ended_at.is_(None))
        .values(last_used_at=datetime.now(UTC))
    )


def change_site(session: Session, *, site_id: UUID, by: Actor) -> OpenedSession:
    """Replaces the caller's session by one at another site of theirs; does not commit.

    Raises:
        NotFound: They have no role there.
        Forbidden, Unauthenticated: As `take_session`.
    """
    if queries.find_role_at(session, by.account_id, site_id) is None:
        raise NotFound("There is no such site, or you have no role there.")
    row = take_session(session, by=by)
    opened = replace_session(
        session, row=row, site_id=site_id, visit_id=None, reason="went to another site"
    )
    write_log(
        session,
        by=by,
        what="site_changed",
        subject_kind="session",
        subject_id=row.session_id,
        site_id=site_id,
    )
    return opened


def own_session_id(by: Actor) -> UUID | None:
    """Returns the caller's session; None for a caller with an API token."""
    return _as_uuid(by.session_id)


def end_session(session: Session, *, by: Actor) -> None:
    """Ends the caller's session; does not commit. A caller with an API token has none to end."""
    session_id = _as_uuid(by.session_id)
    if _end(session, SignIn.session_id == session_id, "signed out"):
        _log(session, by, "signed_out", session_id)


def end_all_sessions(
    session: Session, *, account_id: UUID, reason: str, site_id: UUID | None = None
) -> None:
    """Ends every session of an account, or those at one site; does not commit."""
    which = SignIn.account_id == account_id
    _end(session, which if site_id is None else which & (SignIn.site_id == site_id), reason)


def end_own_session(session: Session, *, session_id: UUID, by: Actor) -> None:
    """Ends one of the caller's sessions; does not commit. Harmless when it has ended.

    Raises:
        NotFound: The caller has no such session.
    """
    row = queries.find_sign_in(session, session_id)
    if row is None or row.account_id != by.account_id:
        raise NotFound("You have no such session.")
    if _end(session, SignIn.session_id == session_id, "ended by its owner"):
        _log(session, by, "session_ended", session_id)


def end_other_sessions(session: Session, *, by: Actor, reason: str = "ended by its owner") -> None:
    """Ends all of the caller's sessions but this one; does not commit."""
    current = _as_uuid(by.session_id)
    others = SignIn.account_id == by.account_id
    if current is not None:
        others &= SignIn.session_id != current
    if _end(session, others, reason):
        _log(session, by, "other_sessions_ended", current)


def _add(
    session: Session,
    *,
    account_id: UUID,
    site_id: UUID | None,
    second_factor: bool,
    now: datetime,
    expires_at: datetime,
    visit_id: UUID | None = None,
) -> tuple[SignIn, OpenedSession]:
    secret = new_session_string()
    row = SignIn(
        session_id=uuid7(),
        secret_sha256=digest(secret),
        account_id=account_id,
        site_id=site_id,
        visit_id=visit_id,
        csrf=secrets.token_urlsafe(32),
        second_factor=second_factor,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    visit = queries.find_visit(session, visit_id) if visit_id else None
    view = queries.get_account_view(
        session,
        account_id,
        site_id=visit.site_id if visit else site_id,
        visit_id=visit_id,
    )
    return row, OpenedSession(secret, expires_at, view)


def _end(
    session: Session, which: ColumnElement[bool], reason: str, *, replaced_by: UUID | None = None
) -> bool:
    """Ends sessions, and with them the visits that still go on; says whether there were any."""
    now = datetime.now(UTC)
    ended = session.execute(
        update(SignIn)
        .where(which, SignIn.ended_at.is_(None))
        .values(ended_at=now, end_reason=reason, replaced_by=replaced_by)
        .returning(SignIn.visit_id)
    ).all()
    visits = [visit_id for (visit_id,) in ended if visit_id is not None]
    if visits:
        session.execute(
            update(Visit)
            .where(Visit.visit_id.in_(visits), Visit.ended_at.is_(None), Visit.ends_at > now)
            .values(ended_at=now, end_reason=reason)
        )
    return bool(ended)


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _log(session: Session, by: Actor, what: str, session_id: UUID | None) -> None:
    write_log(
        session,
        by=by,
        what=what,
        subject_kind="session",
        subject_id=session_id,
        site_id=by.site_id,
    )
