"""Takes in registration forms, approves and declines them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.registration import queries
from services.registration.actions.accounts import make_password_link, open_account
from services.registration.actions.log import Outsider, write_log
from services.registration.actions.mails import MailDesk, queue_mail
from services.registration.actions.sites import make_site, tell_site
from services.registration.domain import registration_mails
from services.registration.domain.applications import (
    ApplicationState,
    new_reference,
    require_open,
)
from services.registration.domain.credentials import (
    REGISTRATION_LINK_LIFETIME,
    digest,
    new_link,
)
from services.registration.domain.participation import Participation
from services.registration.domain.registration_form import answers_of
from services.registration.domain.roles import HeldRole, Role
from services.registration.tables import (
    Application,
    ApplicationMessage,
    Registration,
    RegistrationLink,
    Site,
)
from services.shared.db import broken_constraint
from services.shared.errors import Conflict
from services.shared.identity import Actor

ODS_CODE_TAKEN = (
    "A site with this ODS code is registered already, or its registration is waiting for review. "
    "Ask the site's lead or the audit team. If your organisation has several sites, register with "
    "the ODS code of your own site."
)
EMAIL_TAKEN = (
    "This e-mail address is in use already: by an account, or by a registration that is waiting "
    "for review. Use another address, or write to the audit team if the registration is yours."
)
_TAKEN = {
    "uq_application_open_ods_code": ("ods_code", ODS_CODE_TAKEN),
    "uq_organisation_code_current": ("ods_code", ODS_CODE_TAKEN),
    "uq_application_open_lead_email": ("lead_email", EMAIL_TAKEN),
    "uq_account_email": ("lead_email", EMAIL_TAKEN),
}


@dataclass(frozen=True, kw_only=True)
class RegistrationForm:
    """What an applicant sends, checked by the schema; `answers` are those of the long form."""

    organisation_name: str
    organisation_kind: str
    ods_code: str
    nation: str
    has_fls: bool
    lead_name: str
    lead_email: str
    fls_name: str | None = None
    lead_job: str | None = None
    lead_phone: str | None = None
    answers: dict[str, Any] | None = None


def submit_application(
    session: Session,
    *,
    form: RegistrationForm,
    by: Actor | Outsider,
    desk: MailDesk,
    registration: Registration | None = None,
) -> Application:
    """Records a registration form and a mail that thanks for it; does not commit.

    Args:
        session: The transaction.
        form: What was sent.
        by: Who sent it.
        desk: Writes the mail.
        registration: The form that was filled in over days; None makes one, so that the applicant
            can follow and answer.

    Raises:
        Conflict: A site or an open form has this ODS code or e-mail address.
    """
    if queries.is_ods_code_taken(session, form.ods_code):
        _refuse_taken("uq_application_open_ods_code")
    if queries.is_email_taken(session, form.lead_email):
        _refuse_taken("uq_application_open_lead_email")
    now = datetime.now(UTC)
    application = Application(
        **{**vars(form), "fls_name": form.fls_name if form.has_fls else None},
        reference=new_reference(),
        state=ApplicationState.SUBMITTED,
        submitted_at=now,
        statements_accepted_at=now,
    )
    session.add(application)
    try:
        session.flush()
    except IntegrityError as error:
        _refuse_taken(broken_constraint(error), error)
    registration = registration or _registration_of(session, form)
    registration.application_id = application.application_id
    session.flush()
    words = registration_mails.application_received(
        name=form.lead_name,
        organisation=form.organisation_name,
        reference=application.reference,
        link=desk.registration_page(make_registration_link(session, registration)),
    )
    queue_mail(session, to_address=form.lead_email, words=words, desk=desk)
    _log(session, by, "application_submitted", application)
    return application


def _registration_of(session: Session, form: RegistrationForm) -> Registration:
    """Makes the form that an applicant who sent everything at once can follow."""
    now = datetime.now(UTC)
    registration = Registration(
        registration_id=uuid7(),
        email=form.lead_email,
        answers=answers_of(vars(form)),
        created_at=now,
        updated_at=now,
    )
    # One that was begun with the same address would have both be open at once.
    begun = queries.find_registration(session, form.lead_email)
    if begun is not None and begun.application_id is None:
        registration = begun
        registration.answers = begun.answers | answers_of(vars(form))
    session.add(registration)
    return registration


def make_registration_link(session: Session, registration: Registration) -> str:
    """Makes a link to a form, beside those that there are; returns its secret part."""
    link, now = new_link(), datetime.now(UTC)
    session.add(
        RegistrationLink(
            secret_sha256=digest(link),
            registration_id=registration.registration_id,
            created_at=now,
            expires_at=now + REGISTRATION_LINK_LIFETIME,
        )
    )
    return link


def query_application(
    session: Session, *, application_id: UUID, words: str, by: Actor, desk: MailDesk
) -> Application:
    """Asks the applicant something by mail; the form waits for their answer; does not commit.

    Raises:
        NotFound: There is no such form.
        Conflict: It is decided already.
    """
    application = queries.get_application(session, application_id, lock=True)
    require_open(ApplicationState(application.state))
    application.state = ApplicationState.QUERIED
    message = ApplicationMessage(
        message_id=uuid7(),
        application_id=application_id,
        at=datetime.now(UTC),
        is_from_team=True,
        actor_id=by.account_id,
        words=words,
    )
    session.add(message)
    registration = queries.get_registration_of(session, application_id)
    text = registration_mails.application_queried(
        name=application.lead_name,
        organisation=application.organisation_name,
        reference=application.reference,
        words=words,
        link=desk.registration_page(make_registration_link(session, registration)),
    )
    queue_mail(session, to_address=application.lead_email, words=text, desk=desk)
    _log(session, by, "application_queried", application)
    return application


def approve_application(
    session: Session, *, application_id: UUID, by: Actor, desk: MailDesk
) -> tuple[Application, Site]:
    """Makes the site, its lead's account, a one-time link by mail and the event; does not commit.

    Raises:
        NotFound: There is no such form.
        Conflict: It is decided already, or its ODS code or e-mail address was taken meanwhile.
    """
    application = queries.get_application(session, application_id, lock=True)
    require_open(ApplicationState(application.state))
    try:
        site = make_site(session, form=application, by=by)
        account = open_account(
            session,
            email=application.lead_email,
            name=application.lead_name,
            held=HeldRole(Role.SITE_LEAD),
            site_id=site.site_id,
            by=by,
        )
    except IntegrityError as error:
        _refuse_taken(broken_constraint(error), error)
    _decide(application, ApplicationState.APPROVED, by)
    application.site_id = site.site_id
    link = make_password_link(session, account=account, purpose="invitation")
    words = registration_mails.application_approved(
        name=account.name,
        organisation=site.name,
        site_code=site.code,
        participation=Participation(site.patient_audit, site.facilities_audit),
        link=desk.password_page(link),
    )
    queue_mail(session, to_address=account.email, words=words, desk=desk)
    tell_site(session, site, actor_id=by.account_id)
    _log(session, by, "application_approved", application)
    return application, site


def decline_application(
    session: Session, *, application_id: UUID, reason: str, by: Actor, desk: MailDesk
) -> Application:
    """Refuses a form with a reason, which is mailed to the applicant; does not commit.

    Raises:
        NotFound: There is no such form.
        Conflict: It is decided already.
    """
    application = queries.get_application(session, application_id, lock=True)
    require_open(ApplicationState(application.state))
    _decide(application, ApplicationState.DECLINED, by)
    application.refusal_reason = reason
    words = registration_mails.application_declined(
        name=application.lead_name,
        organisation=application.organisation_name,
        reference=application.reference,
        reason=reason,
    )
    queue_mail(session, to_address=application.lead_email, words=words, desk=desk)
    _log(session, by, "application_declined", application)
    return application


def _decide(application: Application, state: ApplicationState, by: Actor) -> None:
    application.state = state
    application.decided_at = datetime.now(UTC)
    application.decided_by = by.account_id


def _refuse_taken(constraint: str | None, cause: IntegrityError | None = None) -> NoReturn:
    taken = _TAKEN.get(constraint or "")
    if taken is None:
        assert cause is not None
        raise cause
    field, words = taken
    raise Conflict(words, code=f"{field}_taken", extra={"errors": {field: [words]}}) from None


def _log(session: Session, by: Actor | Outsider, what: str, application: Application) -> None:
    write_log(
        session,
        by=by,
        what=what,
        subject_kind="application",
        subject_id=application.application_id,
        site_id=application.site_id,
        details={"reference": application.reference},
    )
