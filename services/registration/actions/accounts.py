"""Opens accounts, sets passwords, switches accounts off and on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.registration import queries
from services.registration.actions.log import Outsider, write_log
from services.registration.actions.mails import MailDesk, queue_mail
from services.registration.actions.sessions import end_all_sessions, end_other_sessions
from services.registration.domain import mails
from services.registration.domain.credentials import (
    LINK_GONE,
    LINK_LIFETIME,
    digest,
    is_link_usable,
    new_link,
)
from services.registration.domain.roles import ROLE_NAMES, HeldRole, Role
from services.registration.tables import Account, AccountRole, PasswordLink
from services.shared.errors import Conflict, NotFound
from services.shared.identity import Actor


@dataclass(frozen=True)
class OperatorsChoice:
    """What an operator's command did: whether the account is new, and whether a link was mailed."""

    account: Account
    is_new: bool
    link_mailed: bool


def open_account(
    session: Session,
    *,
    email: str,
    name: str,
    held: HeldRole,
    site_id: UUID | None,
    by: Actor | Outsider,
) -> Account:
    """Adds an account with one role and no password yet; does not commit.

    Breaks `uq_account_email` when the address has an account.
    """
    account = Account(account_id=uuid7(), email=email, name=name, created_at=datetime.now(UTC))
    session.add(account)
    session.flush()
    give_role(session, account=account, held=held, site_id=site_id, by=by)
    details = {"role": str(held.role)}
    _log(session, by, "account_opened", account, site_id=site_id, details=details)
    return account


def give_role(
    session: Session,
    *,
    account: Account,
    held: HeldRole,
    site_id: UUID | None,
    by: Actor | Outsider,
) -> None:
    """Adds a role at a site or nationally; does not commit, and writes no log line.

    Breaks `uq_account_role_current` when the account has one there.
    """
    session.add(
        AccountRole(
            account_id=account.account_id,
            role=held.role,
            grants=sorted(held.grants),
            site_id=site_id,
            granted_at=datetime.now(UTC),
            granted_by=by.account_id if isinstance(by, Actor) else None,
        )
    )
    session.flush()


def make_password_link(
    session: Session,
    *,
    account: Account,
    purpose: str,
    lifetime: timedelta = LINK_LIFETIME,
) -> str:
    """Makes a one-time link and ends the account's earlier ones; returns its secret part."""
    now = datetime.now(UTC)
    _end_links(session, account.account_id, now)
    link = new_link()
    session.add(
        PasswordLink(
            secret_sha256=digest(link),
            account_id=account.account_id,
            purpose=purpose,
            created_at=now,
            expires_at=now + lifetime,
        )
    )
    return link


def check_password_link(session: Session, *, link: str) -> tuple[PasswordLink, Account]:
    """Returns a one-time link that can still be used, and its account; does not use it.

    Raises:
        NotFound: It is used, expired or unknown, or its account is switched off.
    """
    return _usable_link(session, link, lock=False)


def choose_password(session: Session, *, link: str, password_hash: str) -> Account:
    """Uses a one-time link up to set a password, and ends all sessions; does not commit.

    Raises:
        NotFound: As `check_password_link`.
    """
    found, account = _usable_link(session, link, lock=True)
    now = datetime.now(UTC)
    found.used_at = now
    _end_links(session, account.account_id, now)
    _set_password(session, account, password_hash)
    by = Actor(account.account_id, None, frozenset(), f"link {found.password_link_id}", "")
    _log(session, by, "password_chosen", account)
    return account


def change_password(
    session: Session, *, by: Actor, checked_hash: str, password_hash: str
) -> Account:
    """Sets the caller's own password, ends their other sessions and their links; no commit.

    Args:
        session: The transaction.
        by: Whose.
        checked_hash: The hash that the present password was compared with, in an earlier
            transaction.
        password_hash: Of the new one.

    Raises:
        Conflict: The password was changed meanwhile.
    """
    account = queries.get_account(session, by.account_id, lock=True)
    if account.password_hash != checked_hash:
        raise Conflict("The password was changed meanwhile. Try again.", code="changed_meanwhile")
    account.password_hash = password_hash
    account.password_set_at = datetime.now(UTC)
    _end_links(session, account.account_id, datetime.now(UTC))
    end_other_sessions(session, by=by, reason="password changed")
    _log(session, by, "password_changed", account)
    return account


def switch_off_account(session: Session, *, account_id: UUID, by: Actor) -> Account:
    """Switches an account off and ends its sessions; does not commit. Harmless when it is off.

    Its API tokens and links stop with it: whoever looks them up asks for this switch too.

    Raises:
        NotFound: There is no such account.
        Conflict: It is the caller's own.
    """
    if account_id == by.account_id:
        raise Conflict("You cannot switch off your own account.", code="own_account")
    account = queries.get_account(session, account_id, lock=True)
    if account.switched_off_at is None:
        account.switched_off_at = datetime.now(UTC)
        end_all_sessions(session, account_id=account_id, reason="account switched off")
        _log(session, by, "account_switched_off", account)
    return account


def switch_on_account(session: Session, *, account_id: UUID, by: Actor) -> Account:
    """Switches an account on again; does not commit. Its old sessions stay ended.

    Raises:
        NotFound: There is no such account.
    """
    account = queries.get_account(session, account_id, lock=True)
    if account.switched_off_at is not None:
        account.switched_off_at, account.switched_on_at = None, datetime.now(UTC)
        _log(session, by, "account_switched_on", account)
    return account


def provide_national_account(
    session: Session,
    *,
    email: str,
    name: str,
    password_hash: str | None,
    desk: MailDesk,
    role: Role = Role.AUDIT_TEAM,
) -> OperatorsChoice:
    """Opens or repairs a national account at an operator's command; does not commit.

    Args:
        session: The transaction.
        email: Its address.
        name: Used for a new account only.
        password_hash: The password to set; None mails a one-time link instead.
        desk: Writes the mail.
        role: Its role, which is not changed where the account has one.

    Raises:
        Conflict: The address belongs to an account of a site, or with another role.
    """
    account = queries.find_account(session, email, lock=True)
    is_new = account is None
    if account is None:
        account = open_account(
            session,
            email=email,
            name=name,
            held=HeldRole(role),
            site_id=None,
            by=Outsider.OPERATOR,
        )
    else:
        _take_national_role(session, account, role)
    account.switched_off_at = None
    if password_hash is not None:
        _set_password(session, account, password_hash)
        _log(session, Outsider.OPERATOR, "password_set_by_operator", account)
        return OperatorsChoice(account, is_new, link_mailed=False)
    link = make_password_link(session, account=account, purpose="invitation")
    words = mails.password_link(name=account.name, link=desk.password_page(link))
    queue_mail(session, to_address=account.email, words=words, desk=desk)
    _log(session, Outsider.OPERATOR, "password_link_made", account)
    return OperatorsChoice(account, is_new, link_mailed=True)


def _take_national_role(session: Session, account: Account, role: Role) -> None:
    """Gives an account without any role this one; lets one that has it be.

    Raises:
        Conflict: It has another role, or is a site's.
    """
    held = queries.find_national_role(session, account.account_id)
    if held is role:
        return
    if held is not None:
        raise Conflict(f"This account has the role “{ROLE_NAMES[held]}”. Use another address.")
    if queries.list_own_sites(session, account.account_id):
        raise Conflict("This address belongs to a site's account. Use another one.")
    give_role(session, account=account, held=HeldRole(role), site_id=None, by=Outsider.OPERATOR)
    details = {"role": str(role)}
    _log(session, Outsider.OPERATOR, "role_given", account, details=details)


def _usable_link(session: Session, link: str, *, lock: bool) -> tuple[PasswordLink, Account]:
    found = queries.find_password_link(session, digest(link), lock=lock)
    if found is None or not is_link_usable(
        expires_at=found[0].expires_at, used_at=found[0].used_at, now=datetime.now(UTC)
    ):
        raise NotFound(LINK_GONE)
    return found


def _end_links(session: Session, account_id: UUID, now: datetime) -> None:
    session.execute(
        update(PasswordLink)
        .where(PasswordLink.account_id == account_id, PasswordLink.used_at.is_(None))
        .values(used_at=now)
    )


def _set_password(session: Session, account: Account, password_hash: str) -> None:
    account.password_hash = password_hash
    account.password_set_at = datetime.now(UTC)
    end_all_sessions(session, account_id=account.account_id, reason="password changed")


def _log(
    session: Session,
    by: Actor | Outsider,
    what: str,
    account: Account,
    *,
    site_id: UUID | None = None,
    details: dict[str, str] | None = None,
) -> None:
    write_log(
        session,
        by=by,
        what=what,
        subject_kind="account",
        subject_id=account.account_id,
        site_id=site_id,
        details=details,
    )
