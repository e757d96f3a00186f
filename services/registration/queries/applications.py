"""Reads of registration forms."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from services.registration.domain.applications import OPEN_STATES
from services.registration.queries.paging import Page, page_of
from services.registration.tables import Account, Application, OrganisationCode
from services.shared.errors import NotFound


def list_applications(
    session: Session, *, page: int, page_size: int, state: str | None = None
) -> Page[Application]:
    """Returns registration forms, oldest first: the one that has waited longest is at the top."""
    query = select(Application).order_by(Application.submitted_at, Application.application_id)
    if state is not None:
        query = query.where(Application.state == state)
    return page_of(session, query, page, page_size)


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
