"""Reads of registration's tables. Each takes a session and changes nothing.

`get_` raises NotFound, `find_` may return None, `list_` returns one page with the total.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select, text
from sqlalchemy.orm import Session

from services.registration.domain.applications import OPEN_STATES
from services.registration.domain.credentials import is_last_used_stale
from services.registration.domain.participation import Participation
from services.registration.domain.roles import HeldRole, Role, rights_of
from services.registration.tables import (
    Account,
    AccountRole,
    ApiToken,
    Application,
    Mail,
    OrganisationCode,
    PasswordLink,
    SignIn,
    Site,
)
from services.shared.errors import NotFound

Row = TypeVar("Row")

ACTIVE_SITE = "approved"


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list. `total` counts all pages' items."""

    items: Sequence[Row]
    page: int
    page_size: int
    total: int


@dataclass(frozen=True)
class AccountView:
    """An account as its owner and the audit team see it; `site` is the one it acts for."""

    account: Account
    site: Site | None
    roles: tuple[Role, ...]
    rights: frozenset[str]


@dataclass(frozen=True)
class KnownCaller:
    """Who a session string or an API token stands for."""

    account_id: UUID
    site_id: UUID | None
    rights: frozenset[str]
    credential_id: UUID
    csrf: str | None
    is_last_used_stale: bool = False


def list_applications(
    session: Session, *, page: int, page_size: int, state: str | None = None
) -> Page[Application]:
    """Returns registration forms, oldest first: the one that has waited longest is at the top."""
    query = select(Application).order_by(Application.submitted_at, Application.application_id)
    if state is not None:
        query = query.where(Application.state == state)
    return _page(session, query, page, page_size)


def get_application(session: Session, application_id: UUID, *, lock: bool = False) -> Application:
    """Returns a form; with `lock` nobody else can decide it until this transaction ends."""
    query = select(Application).where(Application.application_id == application_id)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound("There is no such registration.")
    return found


def is_ods_code_taken(session: Session, ods_code: str) -> bool:
    """Says whether an open form or a site already has this code."""
    forms = select(Application.application_id).where(
        Application.ods_code == ods_code, Application.state.in_(OPEN_STATES)
    )
    sites = select(OrganisationCode.site_id).where(
        OrganisationCode.code == ods_code, OrganisationCode.valid_to.is_(None)
    )
    return bool(session.scalar(select(or_(forms.exists(), sites.exists()))))


def is_email_taken(session: Session, email: str) -> bool:
    """Says whether an open form or an account already has this e-mail address."""
    forms = select(Application.application_id).where(
        func.lower(Application.lead_email) == email.lower(), Application.state.in_(OPEN_STATES)
    )
    accounts = select(Account.account_id).where(func.lower(Account.email) == email.lower())
    return bool(session.scalar(select(or_(forms.exists(), accounts.exists()))))


def list_sites(session: Session, *, page: int, page_size: int) -> Page[Site]:
    """Returns sites by name."""
    return _page(session, select(Site).order_by(Site.name, Site.site_id), page, page_size)


def get_site(session: Session, site_id: UUID) -> Site:
    """Returns a site."""
    found = session.get(Site, site_id)
    if found is None:
        raise NotFound("There is no such site.")
    return found


def list_all_sites(session: Session) -> Sequence[Site]:
    """Returns every site, in the order of approval."""
    return session.scalars(select(Site).order_by(Site.approved_at, Site.site_id)).all()


def list_current_codes(session: Session, site_id: UUID) -> Sequence[OrganisationCode]:
    """Returns the organisation codes a site has today."""
    query = select(OrganisationCode).where(
        OrganisationCode.site_id == site_id, OrganisationCode.valid_to.is_(None)
    )
    return session.scalars(query.order_by(OrganisationCode.scheme, OrganisationCode.code)).all()


def is_site_code_taken(session: Session, code: str) -> bool:
    """Says whether a site has this three-character code."""
    return session.scalar(select(Site.site_id).where(Site.code == code)) is not None


def find_account(session: Session, email: str, *, lock: bool = False) -> Account | None:
    """Returns the account with this e-mail address, however it is capitalised."""
    query = select(Account).where(func.lower(Account.email) == email.lower())
    return session.scalar(query.with_for_update() if lock else query)


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


def list_accounts(session: Session, *, page: int, page_size: int) -> Page[AccountView]:
    """Returns accounts by e-mail address."""
    query = select(Account).order_by(func.lower(Account.email))
    found: Page[Account] = _page(session, query, page, page_size)
    views = [get_account_view(session, account.account_id) for account in found.items]
    return Page(views, found.page, found.page_size, found.total)


def get_account_view(
    session: Session, account_id: UUID, *, site_id: UUID | None = None
) -> AccountView:
    """Returns an account with its roles and rights at one site.

    Args:
        account_id: Whose.
        site_id: The site it acts for; None takes `home_site_id`.
    """
    account = get_account(session, account_id)
    acting_for = site_id or home_site_id(session, account_id)
    site = session.get(Site, acting_for) if acting_for else None
    query = select(AccountRole.role).where(
        AccountRole.account_id == account_id,
        or_(AccountRole.site_id.is_(None), AccountRole.site_id == acting_for),
    )
    roles = tuple(Role(role) for role in session.scalars(query.order_by(AccountRole.role)))
    rights = rights_of([HeldRole(role) for role in roles], _participation(site))
    return AccountView(account, site, roles, rights)


def home_site_id(session: Session, account_id: UUID) -> UUID | None:
    """Returns the site an account acts for when it signs in: an active one before others."""
    query = (
        select(Site.site_id)
        .join(AccountRole, AccountRole.site_id == Site.site_id)
        .where(AccountRole.account_id == account_id)
        .order_by((Site.state == ACTIVE_SITE).desc(), Site.code)
        .limit(1)
    )
    return session.scalar(query)


def has_role(session: Session, account_id: UUID, role: Role) -> bool:
    """Says whether an account holds a role, at whatever site."""
    query = select(AccountRole.account_role_id).where(
        AccountRole.account_id == account_id, AccountRole.role == role
    )
    return session.scalar(query.limit(1)) is not None


def find_session_caller(session: Session, digest: bytes) -> KnownCaller | None:
    """Returns who a session string stands for, in one query; None when it stands for nobody now."""
    query = (
        select(SignIn, func.array_agg(AccountRole.role), Site)
        .join(Account, Account.account_id == SignIn.account_id)
        .outerjoin(AccountRole, _role_applies(SignIn.account_id, SignIn.site_id))
        .outerjoin(Site, Site.site_id == SignIn.site_id)
        .where(
            SignIn.secret_sha256 == digest,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > func.now(),
            Account.switched_off_at.is_(None),
        )
        .group_by(SignIn.session_id, Site.site_id)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    row, roles, site = found
    return KnownCaller(
        account_id=row.account_id,
        site_id=row.site_id,
        rights=rights_of(_known_roles(roles), _participation(site)),
        credential_id=row.session_id,
        csrf=row.csrf,
    )


def find_token_caller(session: Session, digest: bytes) -> KnownCaller | None:
    """Returns who an API token stands for, in one query; None when it stands for nobody now."""
    token = (
        func.find_api_token(digest)
        .table_valued("api_token_id", "site_id", "account_id", "rights", "last_used_at")
        .alias("token")
    )
    query = (
        select(*token.c, func.array_agg(AccountRole.role).label("roles"), Site)
        .select_from(token)
        .join(Account, Account.account_id == token.c.account_id)
        .join(Site, Site.site_id == token.c.site_id)
        .outerjoin(AccountRole, _role_applies(token.c.account_id, token.c.site_id))
        .where(Account.switched_off_at.is_(None))
        .group_by(*token.c, Site.site_id)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    held = rights_of(_known_roles(found.roles), _participation(found.Site))
    return KnownCaller(
        account_id=found.account_id,
        site_id=found.site_id,
        rights=held & frozenset(found.rights),
        credential_id=found.api_token_id,
        csrf=None,
        is_last_used_stale=is_last_used_stale(found.last_used_at, datetime.now(UTC)),
    )


def find_password_link(
    session: Session, digest: bytes, *, lock: bool = False
) -> tuple[PasswordLink, Account] | None:
    """Returns a one-time link and the account it is for; None too when that is switched off."""
    query = (
        select(PasswordLink, Account)
        .join(Account, Account.account_id == PasswordLink.account_id)
        .where(PasswordLink.secret_sha256 == digest, Account.switched_off_at.is_(None))
    )
    found = session.execute(query.with_for_update() if lock else query).first()
    return None if found is None else (found[0], found[1])


def list_tokens(session: Session, *, page: int, page_size: int) -> Page[ApiToken]:
    """Returns the API tokens of the transaction's site, newest first."""
    query = select(ApiToken).order_by(ApiToken.created_at.desc(), ApiToken.api_token_id)
    return _page(session, query, page, page_size)


def get_token(session: Session, token_id: UUID) -> ApiToken:
    """Returns an API token of the transaction's site."""
    found = session.get(ApiToken, token_id)
    if found is None:
        raise NotFound("There is no such token.")
    return found


def find_mail(session: Session, mail_id: UUID) -> Mail | None:
    """Returns a mail."""
    return session.get(Mail, mail_id)


def list_mails(
    session: Session, *, page: int, page_size: int, state: str | None = None
) -> Page[Mail]:
    """Returns mails, newest first."""
    query = select(Mail).order_by(Mail.created_at.desc(), Mail.mail_id)
    if state is not None:
        query = query.where(Mail.state == state)
    return _page(session, query, page, page_size)


def lock_site_codes(session: Session) -> None:
    """Waits until nobody else is choosing a site code; holds that until this transaction ends."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('site code'))"))


def _role_applies(account_id: Any, site_id: Any) -> Any:
    return and_(
        AccountRole.account_id == account_id,
        or_(AccountRole.site_id.is_(None), AccountRole.site_id == site_id),
    )


def _known_roles(roles: Sequence[str | None]) -> list[HeldRole]:
    # An outer join without a match aggregates to one None.
    return [HeldRole(Role(role)) for role in roles if role is not None]


def _participation(site: Site | None) -> Participation | None:
    if site is None or site.state != ACTIVE_SITE:
        return None
    return Participation(site.patient_audit, site.facilities_audit)


def _page(session: Session, query: Select[Any], page: int, page_size: int) -> Page[Row]:
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
    items = session.scalars(query.limit(page_size).offset((page - 1) * page_size)).all()
    return Page(items, page, page_size, total or 0)
