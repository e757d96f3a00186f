"""Reads of the people of a site: who is there, who was, and who visited it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.registration.domain.credentials import IDLE_LIFETIME
from services.registration.domain.roles import Grant, Role
from services.registration.queries.paging import Page, page_of
from services.registration.tables import Account, AccountRole, SignIn, Site, Visit
from services.shared.errors import NotFound


@dataclass(frozen=True)
class Person:
    """Someone at a site; `ended_at` is None while they are there.

    Of the audit team only the id is told, and no role: who of them came is not the site's to see.
    """

    account_id: UUID
    name: str
    is_audit_team: bool
    role: Role | None = None
    grants: tuple[Grant, ...] = ()
    since: datetime | None = None
    ended_at: datetime | None = None
    account: Account | None = None


AUDIT_TEAM_NAME = "Audit team"


def list_people(session: Session, site_id: UUID) -> list[Person]:
    """Returns who is at the site, then who was, each by name, then who visited it."""
    query = (
        select(AccountRole, Account)
        .join(Account, Account.account_id == AccountRole.account_id)
        .where(AccountRole.site_id == site_id)
        .order_by(
            AccountRole.ended_at.desc().nulls_first(),
            AccountRole.granted_at.desc(),
        )
    )
    people: dict[UUID, Person] = {}
    for role, account in session.execute(query):
        people.setdefault(account.account_id, _person(role, account))
    visitors = [
        Person(account_id, AUDIT_TEAM_NAME, is_audit_team=True)
        for account_id in _visitor_ids(session, site_id)
        if account_id not in people
    ]
    order = sorted(people.values(), key=lambda one: (one.ended_at is not None, one.name.lower()))
    return order + visitors


def get_person(session: Session, site_id: UUID, account_id: UUID) -> Person:
    """Returns someone who is at the site today.

    Raises:
        NotFound: Nobody with this id is.
    """
    query = (
        select(AccountRole, Account)
        .join(Account, Account.account_id == AccountRole.account_id)
        .where(
            AccountRole.site_id == site_id,
            AccountRole.account_id == account_id,
            AccountRole.ended_at.is_(None),
        )
    )
    found = session.execute(query).first()
    if found is None:
        raise NotFound("There is no such person at this site.")
    return _person(*found)


def has_other_lead(session: Session, site_id: UUID, account_id: UUID) -> bool:
    """Says whether the site has a lead who can sign in, apart from this account."""
    query = (
        select(AccountRole.account_role_id)
        .join(Account, Account.account_id == AccountRole.account_id)
        .where(
            AccountRole.site_id == site_id,
            AccountRole.role == Role.SITE_LEAD,
            AccountRole.ended_at.is_(None),
            Account.account_id != account_id,
            Account.switched_off_at.is_(None),
            Account.password_hash.is_not(None),
        )
    )
    return session.scalar(query.limit(1)) is not None


def find_sign_in(session: Session, session_id: UUID) -> SignIn | None:
    """Returns a session, ended ones too, and keeps others from ending it meanwhile."""
    query = select(SignIn).where(SignIn.session_id == session_id)
    return session.scalar(query.with_for_update())


@dataclass(frozen=True)
class OpenSession:
    """A session of an account that goes on."""

    session_id: UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    site_name: str | None
    is_current: bool = False


def list_open_sessions(
    session: Session, account_id: UUID, *, current: UUID | None
) -> list[OpenSession]:
    """Returns the sessions of an account that go on, the one used last first."""
    query = (
        select(
            SignIn.session_id,
            SignIn.created_at,
            SignIn.last_used_at,
            SignIn.expires_at,
            Site.name,
        )
        .outerjoin(Site, Site.site_id == SignIn.site_id)
        .where(
            SignIn.account_id == account_id,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > func.now(),
            SignIn.last_used_at > func.now() - IDLE_LIFETIME,
        )
        .order_by(SignIn.last_used_at.desc())
    )
    return [OpenSession(*row, is_current=row[0] == current) for row in session.execute(query)]


def find_visit(session: Session, visit_id: UUID) -> Visit | None:
    """Returns a visit of the audit team."""
    return session.get(Visit, visit_id)


def list_visits(session: Session, site_id: UUID, *, page: int, page_size: int) -> Page[Visit]:
    """Returns the audit team's visits to a site, newest first."""
    query = select(Visit).where(Visit.site_id == site_id)
    return page_of(
        session, query.order_by(Visit.started_at.desc(), Visit.visit_id), page, page_size
    )


def _visitor_ids(session: Session, site_id: UUID) -> Sequence[UUID]:
    query = select(Visit.account_id).where(Visit.site_id == site_id)
    return session.scalars(
        query.group_by(Visit.account_id).order_by(func.min(Visit.started_at))
    ).all()


def _person(role: AccountRole, account: Account) -> Person:
    return Person(
        account_id=account.account_id,
        name=account.name,
        is_audit_team=False,
        role=Role(role.role),
        grants=tuple(Grant(grant) for grant in sorted(role.grants)),
        since=role.granted_at,
        ended_at=role.ended_at,
        account=account,
    )
