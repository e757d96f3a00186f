"""Reads of sites and their codes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from services.registration.domain.participation import Participation
from services.registration.domain.roles import Role
from services.registration.queries.paging import Page, page_of
from services.registration.tables import (
    Account,
    AccountRole,
    Application,
    OrganisationCode,
    ParticipationChange,
    Site,
)
from services.shared.errors import NotFound

ACTIVE_SITE = "approved"


def list_sites(
    session: Session, *, page: int, page_size: int, search: str | None = None
) -> Page[Site]:
    """Returns sites by name.

    Args:
        search: Part of a name, however it is capitalised, or the beginning of one of the codes by
            which a site is known.
    """
    query = select(Site).order_by(func.lower(Site.name), Site.site_id)
    if search:
        codes = select(OrganisationCode.site_id).where(
            OrganisationCode.site_id == Site.site_id,
            OrganisationCode.valid_to.is_(None),
            OrganisationCode.code.istartswith(search, autoescape=True),
        )
        query = query.where(
            or_(
                Site.name.icontains(search, autoescape=True),
                Site.code.istartswith(search, autoescape=True),
                codes.exists(),
            )
        )
    return page_of(session, query, page, page_size)


def get_site(session: Session, site_id: UUID, *, lock: bool = False) -> Site:
    """Returns a site; with `lock` nobody else changes its people until this transaction ends."""
    query = select(Site).where(Site.site_id == site_id)
    # Less than FOR UPDATE: rows that name the site can still be added by others.
    found = session.scalar(query.with_for_update(key_share=True) if lock else query)
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


def find_board(session: Session, site_id: UUID) -> str:
    """Returns the integrated care board or health board of a site's form; blank if not named."""
    query = select(Application.answers["board"].astext).where(Application.site_id == site_id)
    return session.scalars(query.order_by(Application.decided_at.desc()).limit(1)).first() or ""


def list_site_codes(session: Session, site_id: UUID) -> Sequence[OrganisationCode]:
    """Returns all organisation codes that a site has or had, the newest first."""
    query = select(OrganisationCode).where(OrganisationCode.site_id == site_id)
    return session.scalars(query.order_by(OrganisationCode.valid_from.desc())).all()


def list_participation(session: Session, site_id: UUID) -> Sequence[ParticipationChange]:
    """Returns from when on a site had a fracture liaison service or had none, the newest first."""
    query = select(ParticipationChange).where(ParticipationChange.site_id == site_id)
    order = ParticipationChange.valid_from.desc(), ParticipationChange.recorded_at.desc()
    return session.scalars(query.order_by(*order)).all()


def list_leads(session: Session, site_id: UUID) -> Sequence[Account]:
    """Returns the leads of a site today whose accounts are on."""
    query = (
        select(Account)
        .join(AccountRole, AccountRole.account_id == Account.account_id)
        .where(
            AccountRole.site_id == site_id,
            AccountRole.role == Role.SITE_LEAD,
            AccountRole.ended_at.is_(None),
            Account.switched_off_at.is_(None),
        )
    )
    return session.scalars(query.order_by(Account.name)).all()


def is_site_code_taken(session: Session, code: str) -> bool:
    """Says whether a site has this three-character code."""
    return session.scalar(select(Site.site_id).where(Site.code == code)) is not None


def lock_site_codes(session: Session) -> None:
    """Waits until nobody else is choosing a site code; holds that until this transaction ends."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('site code'))"))


def participation_at(site: Site | None) -> Participation | None:
    """Returns what a site takes part in; None where there is none or it is not active."""
    if site is None or site.state != ACTIVE_SITE:
        return None
    return Participation(site.patient_audit, site.facilities_audit)
