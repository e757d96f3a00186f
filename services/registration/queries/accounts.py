"""Reads of accounts and their roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from services.registration.domain.roles import (
    NATIONAL_ROLES,
    Grant,
    HeldRole,
    Role,
    is_second_factor_needed,
    rights_of,
)
from services.registration.queries.paging import Page, page_of
from services.registration.queries.sites import ACTIVE_SITE, participation_at
from services.registration.tables import (
    Account,
    AccountRole,
    KnownDevice,
    PeopleConfirmation,
    Site,
    Visit,
)
from services.shared.errors import NotFound


@dataclass(frozen=True)
class AccountView:
    """An account as its owner and the audit team see it; `site` is the one it acts for.

    `sites`, all that it could act for, is told to the account itself alone;
    `second_factor_set_up_at` where one account is shown.
    """

    account: Account
    site: Site | None
    held: tuple[HeldRole, ...]
    rights: frozenset[str]
    visit: Visit | None = None
    sites: Sequence[Site] = ()
    second_factor_set_up_at: datetime | None = None

    @property
    def roles(self) -> list[str]:
        """The names of its roles."""
        return [str(one.role) for one in self.held]


def find_account(session: Session, email: str, *, lock: bool = False) -> Account | None:
    """Returns the account with this e-mail address, however it is capitalised."""
    query = select(Account).where(func.lower(Account.email) == email.lower())
    return session.scalar(query.with_for_update() if lock else query)


def is_known_device(session: Session, digest: bytes, email: str) -> bool:
    """Says whether a browser has signed in with the account of this address before."""
    query = (
        select(KnownDevice.secret_sha256)
        .join(Account, Account.account_id == KnownDevice.account_id)
        .where(KnownDevice.secret_sha256 == digest, func.lower(Account.email) == email.lower())
    )
    return session.scalar(query) is not None


def find_password(session: Session, email: str) -> tuple[UUID | None, str | None]:
    """Returns account and password hash for a sign-in.

    Both are None for an unknown address and for an account that is switched off or only invited.
    """
    account = find_account(session, email)
    if account is None or account.switched_off_at is not None or account.password_hash is None:
        return None, None
    return account.account_id, account.password_hash


def get_account(session: Session, account_id: UUID, *, lock: bool = False) -> Account:
    """Returns an account."""
    query = select(Account).where(Account.account_id == account_id)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound("There is no such account.")
    return found


@dataclass(frozen=True)
class Reader:
    """Someone of a site to whom a mail about its work is written."""

    name: str
    email: str
    organisation: str


def find_reader(session: Session, *, account_id: UUID, site_id: UUID) -> Reader | None:
    """Returns whom to write to; None if the account is off or has no role at the site any more."""
    query = (
        select(Account.name, Account.email, Site.name)
        .join(AccountRole, AccountRole.account_id == Account.account_id)
        .join(Site, Site.site_id == AccountRole.site_id)
        .where(
            Account.account_id == account_id,
            Account.switched_off_at.is_(None),
            AccountRole.site_id == site_id,
            AccountRole.ended_at.is_(None),
        )
        .limit(1)
    )
    found = session.execute(query).one_or_none()
    return None if found is None else Reader(*found)


def list_respondents(session: Session, site_id: UUID) -> list[Reader]:
    """Returns who answers the facilities audit for a site and can sign in, by address."""
    query = (
        select(Account.name, Account.email, Site.name)
        .join(AccountRole, AccountRole.account_id == Account.account_id)
        .join(Site, Site.site_id == AccountRole.site_id)
        .where(
            Account.switched_off_at.is_(None),
            Account.password_hash.is_not(None),
            AccountRole.site_id == site_id,
            AccountRole.role.in_([Role.SITE_LEAD, Role.FACILITIES_RESPONDENT]),
            AccountRole.ended_at.is_(None),
        )
        .distinct()
        .order_by(Account.email)
    )
    return [Reader(*row) for row in session.execute(query)]


def list_accounts(
    session: Session, *, page: int, page_size: int, search: str | None = None
) -> Page[AccountView]:
    """Returns accounts by e-mail address; `search` is part of a name or an address."""
    query = select(Account).order_by(func.lower(Account.email))
    if search:
        query = query.where(
            or_(
                Account.name.icontains(search, autoescape=True),
                Account.email.icontains(search, autoescape=True),
            )
        )
    found: Page[Account] = page_of(session, query, page, page_size)
    views = [get_account_view(session, account.account_id) for account in found.items]
    return Page(views, found.page, found.page_size, found.total)


def get_account_view(
    session: Session,
    account_id: UUID,
    *,
    site_id: UUID | None = None,
    visit_id: UUID | None = None,
) -> AccountView:
    """Returns an account with its roles and rights at one site.

    Args:
        account_id: Whose.
        site_id: The site it acts for; None takes `home_site_id`.
        visit_id: The visit, where it acts at the site as the audit team.
    """
    account = get_account(session, account_id)
    acting_for = site_id or home_site_id(session, account_id)
    site = session.get(Site, acting_for) if acting_for else None
    visit = session.get(Visit, visit_id) if visit_id else None
    query = _current(account_id).where(
        or_(AccountRole.site_id.is_(None), AccountRole.site_id == acting_for)
    )
    held = tuple(held_role(row) for row in session.scalars(query.order_by(AccountRole.role)))
    rights = rights_of(held, participation_at(site), visiting=visit is not None)
    return AccountView(account, site, held, rights, visit)


def held_role(row: AccountRole) -> HeldRole:
    """Returns a row as a role with its grants."""
    return HeldRole(Role(row.role), frozenset(Grant(grant) for grant in row.grants))


def home_site_id(session: Session, account_id: UUID) -> UUID | None:
    """Returns the site an account acts for when it signs in: an active one before others."""
    return next((site.site_id for site in list_own_sites(session, account_id)), None)


def list_own_sites(session: Session, account_id: UUID) -> Sequence[Site]:
    """Returns the sites an account has a role at today, active ones first, then by code."""
    query = (
        select(Site)
        .join(AccountRole, AccountRole.site_id == Site.site_id)
        .where(AccountRole.account_id == account_id, AccountRole.ended_at.is_(None))
        .order_by((Site.state == ACTIVE_SITE).desc(), Site.code)
    )
    return session.scalars(query).all()


def find_national_role(session: Session, account_id: UUID) -> Role | None:
    """Returns the national role that an account holds today, if any."""
    query = _current(account_id).where(AccountRole.role.in_(NATIONAL_ROLES))
    found = session.scalar(query)
    return None if found is None else Role(found.role)


@dataclass(frozen=True)
class Unused:
    """An account that nobody has used for a while, and when it was used last."""

    account_id: UUID
    last_used: datetime


def list_unused(
    session: Session, *, now: datetime, days: int, warned_before: datetime, limit: int
) -> list[Unused]:
    """Returns accounts that were not used for so many days, the longest unused first.

    Those that are off, whose owner has not chosen a password yet, or who were warned after a moment
    and have not come since, are none of them: nothing is due about them.
    """
    last_used = func.greatest(
        func.coalesce(Account.last_signed_in_at, Account.password_set_at, Account.created_at),
        Account.switched_on_at,
        func.token_used_at(Account.account_id),
    )
    query = (
        select(Account.account_id, last_used)
        .where(
            Account.switched_off_at.is_(None),
            Account.password_hash.is_not(None),
            last_used < now - timedelta(days=days),
            or_(
                Account.unused_warned_at.is_(None),
                Account.unused_warned_at <= last_used,
                Account.unused_warned_at <= warned_before,
            ),
        )
        .order_by(last_used)
        .limit(limit)
    )
    return [Unused(*row) for row in session.execute(query)]


def find_people_confirmed_at(session: Session, site_id: UUID) -> datetime | None:
    """Returns when the people of a site were confirmed last; at first when it was approved."""
    confirmed = select(func.max(PeopleConfirmation.confirmed_at)).where(
        PeopleConfirmation.site_id == site_id
    )
    approved = select(Site.approved_at).where(Site.site_id == site_id)
    return session.scalar(
        select(func.coalesce(confirmed.scalar_subquery(), approved.scalar_subquery()))
    )


def list_sites_to_confirm(session: Session, *, before: datetime) -> Sequence[Site]:
    """Returns active sites whose people were confirmed (or that were approved) before a moment."""
    later = select(PeopleConfirmation.site_id).where(
        PeopleConfirmation.site_id == Site.site_id, PeopleConfirmation.confirmed_at > before
    )
    query = select(Site).where(
        Site.state == ACTIVE_SITE, Site.approved_at <= before, ~later.exists()
    )
    return session.scalars(query.order_by(Site.code)).all()


def needs_second_factor(session: Session, account_id: UUID) -> bool:
    """Says whether any role that an account holds today asks for a second factor."""
    rows = session.scalars(_current(account_id))
    return is_second_factor_needed(Role(row.role) for row in rows)


def find_role_at(session: Session, account_id: UUID, site_id: UUID) -> AccountRole | None:
    """Returns the role that an account holds at a site today, if any."""
    return session.scalar(_current(account_id).where(AccountRole.site_id == site_id))


def _current(account_id: UUID) -> Select[AccountRole]:
    return select(AccountRole).where(
        AccountRole.account_id == account_id, AccountRole.ended_at.is_(None)
    )
