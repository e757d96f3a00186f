"""Who a session string or an API token stands for: asked with each request, in one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from services.registration.domain.credentials import (
    IDLE_LIFETIME,
    SESSION_USED_STEP,
    is_last_used_stale,
)
from services.registration.domain.roles import (
    Grant,
    HeldRole,
    Role,
    is_second_factor_needed,
    rights_of,
)
from services.registration.queries.sites import participation_at
from services.registration.tables import Account, AccountRole, SignIn, Site, Visit

_ROLES = func.jsonb_agg(func.jsonb_build_array(AccountRole.role, AccountRole.grants))


@dataclass(frozen=True)
class KnownCaller:
    """Who a session string or an API token stands for."""

    account_id: UUID
    site_id: UUID | None
    rights: frozenset[str]
    credential_id: UUID
    csrf: str | None
    visit_id: UUID | None = None
    is_last_used_stale: bool = False


def find_session_caller(session: Session, digest: bytes) -> KnownCaller | None:
    """Returns who a session string stands for; None when it stands for nobody now.

    A visit that has come to its end is no longer seen: the caller has national rights again.
    """
    acting_for = func.coalesce(Visit.site_id, SignIn.site_id)
    query = (
        select(SignIn, _ROLES, Site, Visit.visit_id)
        .join(Account, Account.account_id == SignIn.account_id)
        .outerjoin(Visit, _visit_goes_on())
        .outerjoin(AccountRole, _role_applies(SignIn.account_id, acting_for))
        .outerjoin(Site, Site.site_id == acting_for)
        .where(
            SignIn.secret_sha256 == digest,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > func.now(),
            SignIn.last_used_at > func.now() - IDLE_LIFETIME,
            Account.switched_off_at.is_(None),
        )
        .group_by(SignIn.session_id, Site.site_id, Visit.visit_id)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    row, roles, site, visit_id = found
    visiting = visit_id is not None
    held = _held(roles)
    # A role that asks for more than the session has: it was given since. They sign in again.
    if not row.second_factor and is_second_factor_needed(one.role for one in held):
        return None
    return KnownCaller(
        account_id=row.account_id,
        site_id=site.site_id if site else None,
        rights=rights_of(held, participation_at(site), visiting=visiting),
        credential_id=row.session_id,
        csrf=row.csrf,
        visit_id=visit_id,
        is_last_used_stale=is_last_used_stale(
            row.last_used_at, datetime.now(UTC), step=SESSION_USED_STEP
        ),
    )


def find_token_caller(session: Session, digest: bytes) -> KnownCaller | None:
    """Returns who an API token stands for; None when it stands for nobody now."""
    token = (
        func.find_api_token(digest)
        .table_valued("api_token_id", "site_id", "account_id", "rights", "last_used_at")
        .alias("token")
    )
    query = (
        select(*token.c, _ROLES.label("roles"), Site)
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
    held = rights_of(_held(found.roles), participation_at(found.Site))
    return KnownCaller(
        account_id=found.account_id,
        site_id=found.site_id,
        rights=held & frozenset(found.rights),
        credential_id=found.api_token_id,
        csrf=None,
        is_last_used_stale=is_last_used_stale(found.last_used_at, datetime.now(UTC)),
    )


def _visit_goes_on() -> Any:
    return and_(
        Visit.visit_id == SignIn.visit_id,
        Visit.ended_at.is_(None),
        Visit.ends_at > func.now(),
    )


def _role_applies(account_id: Any, site_id: Any) -> Any:
    return and_(
        AccountRole.account_id == account_id,
        AccountRole.ended_at.is_(None),
        or_(AccountRole.site_id.is_(None), AccountRole.site_id == site_id),
    )


def _held(roles: Sequence[tuple[str | None, Sequence[str] | None]]) -> list[HeldRole]:
    # An outer join without a match aggregates to one row of nulls.
    return [
        HeldRole(Role(role), frozenset(Grant(grant) for grant in grants or ()))
        for role, grants in roles
        if role is not None
    ]
