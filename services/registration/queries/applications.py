"""Reads of registration forms."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from services.registration.domain.applications import OPEN_STATES
from services.registration.queries.paging import Page, page_of
from services.registration.tables import (
    Account,
    Application,
    ApplicationMessage,
    OrganisationCode,
    Registration,
    RegistrationLink,
)
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


def find_registration(session: Session, email: str) -> Registration | None:
    """Returns the form of an address that is being filled in, or whose registration is open.

    One that is being filled in comes first.
    """
    query = (
        select(Registration)
        .outerjoin(Application, Application.application_id == Registration.application_id)
        .where(
            func.lower(Registration.email) == email.lower(),
            or_(Registration.application_id.is_(None), Application.state.in_(OPEN_STATES)),
        )
        .order_by(Registration.application_id.is_not(None))
    )
    return session.scalars(query.limit(1)).one_or_none()


def find_registration_by_link(session: Session, digest: bytes) -> Registration | None:
    """Returns the form that a link opens, held until this transaction ends."""
    query = (
        select(Registration)
        .join(RegistrationLink, RegistrationLink.registration_id == Registration.registration_id)
        .where(RegistrationLink.secret_sha256 == digest, RegistrationLink.expires_at > func.now())
        .with_for_update(of=Registration)
    )
    return session.scalar(query)


def get_registration_of(session: Session, application_id: UUID) -> Registration:
    """Returns the form that became a registration; every one has a form."""
    query = select(Registration).where(Registration.application_id == application_id)
    found = session.scalar(query)
    if found is None:
        raise NotFound("This registration was sent before forms could be followed.")
    return found


def count_registration_links(session: Session, registration_id: UUID, *, since: datetime) -> int:
    """Returns how many links to a form were made since a moment."""
    query = (
        select(func.count())
        .select_from(RegistrationLink)
        .where(
            RegistrationLink.registration_id == registration_id,
            RegistrationLink.created_at >= since,
        )
    )
    return session.scalar(query) or 0


def list_application_messages(session: Session, application_id: UUID) -> list[ApplicationMessage]:
    """Returns what the audit team and the applicant have written to each other, oldest first."""
    query = select(ApplicationMessage).where(ApplicationMessage.application_id == application_id)
    return list(session.scalars(query.order_by(ApplicationMessage.at)).all())


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
