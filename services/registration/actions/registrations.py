"""Registration forms while they are filled in: begun by mail, saved as one goes, sent, answered.

Whoever has a link has the form: the address is confirmed by opening it. Any mail about the form
brings a fresh link, so that nobody is locked out by a lost mail.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.registration import queries
from services.registration.actions.applications import (
    RegistrationForm,
    make_registration_link,
    submit_application,
)
from services.registration.actions.log import Outsider, write_log
from services.registration.actions.mails import MailDesk, queue_mail
from services.registration.domain import registration_mails
from services.registration.domain.applications import ApplicationState
from services.registration.domain.credentials import digest
from services.registration.domain.questions import BY_KEY, SECTIONS
from services.registration.domain.registration_form import (
    clean_answers,
    core_of,
    problems_of,
    state_of,
)
from services.registration.tables import (
    Application,
    ApplicationMessage,
    Registration,
)
from services.shared import logs
from services.shared.errors import Conflict, InvalidInput, NotFound

LINKS_AN_HOUR = 3
LINK_OVER = "This link no longer works. Enter your e-mail address to be sent a new one."
ALREADY_SENT = "This registration has been sent. What it says can be changed no more."


@dataclass(frozen=True)
class OpenRegistration:
    """A registration form as its applicant sees it.

    Attributes:
        sections: name -> `empty`, `unfinished` or `complete`.
        problems: question -> what is wrong with its answer, of sections that were begun.
        application: what became of it; None until it is sent.
        messages: between the audit team and the applicant, the oldest first.
    """

    registration: Registration
    sections: dict[str, str]
    problems: dict[str, list[str]]
    application: Application | None
    messages: list[ApplicationMessage]

    @property
    def email(self) -> str:
        """The address that the link was sent to, the lead's."""
        return self.registration.email

    @property
    def answers(self) -> dict[str, str]:
        """The answers by key of their question."""
        return self.registration.answers


def begin_registration(session: Session, *, email: str, desk: MailDesk) -> None:
    """Mails a link to a form: a new one, or the one that waits for this address; does not commit.

    Nothing that the caller sees depends on whether the address is known.
    """
    now = datetime.now(UTC)
    account = queries.find_account(session, email)
    registration = queries.find_registration(session, email)
    if registration is None and account is not None:
        if queries.has_mail_since(session, account.email, "registration_known", _an_hour(now)):
            return
        words = registration_mails.registration_known(
            name=account.name, link=desk.sign_in_page(), reset=desk.forgotten_page()
        )
        queue_mail(session, to_address=account.email, words=words, desk=desk)
        return
    if registration is None:
        registration = _begin(session, email, now)
    sent = queries.count_registration_links(
        session, registration.registration_id, since=_an_hour(now)
    )
    if sent >= LINKS_AN_HOUR:
        logs.get_logger().info(
            "registration_asked_too_often", registration_id=registration.registration_id
        )
        return
    words = registration_mails.registration_link(
        link=desk.registration_page(make_registration_link(session, registration)),
        is_new=not registration.answers,
    )
    queue_mail(session, to_address=registration.email, words=words, desk=desk)


def _begin(session: Session, email: str, now: datetime) -> Registration:
    """Makes a form; of two that are begun at once for an address, the second finds the first."""
    row = insert(Registration).values(
        registration_id=uuid7(), email=email, answers={}, created_at=now, updated_at=now
    )
    session.execute(row.on_conflict_do_nothing())
    begun = queries.find_registration(session, email)
    assert begun is not None
    return begun


def open_registration(session: Session, *, link: str) -> OpenRegistration:
    """Returns a form, whose address is confirmed by this; does not commit.

    Raises:
        NotFound: The link is unknown or too old.
    """
    registration = _take(session, link)
    if registration.confirmed_at is None:
        registration.confirmed_at = datetime.now(UTC)
    return _opened(session, registration)


def save_section(
    session: Session, *, link: str, section: str, answers: dict[str, str]
) -> OpenRegistration:
    """Keeps the answers of one section, right or wrong; does not commit.

    Raises:
        NotFound: The link is unknown or too old, or there is no such section.
        Conflict: The form has been sent.
    """
    if section not in SECTIONS:
        raise NotFound("The form has no such part.")
    registration = _take(session, link)
    if registration.application_id is not None:
        raise Conflict(ALREADY_SENT, code="registration_sent")
    others = {
        key: text for key, text in registration.answers.items() if BY_KEY[key].section != section
    }
    registration.answers = others | clean_answers(answers, section)
    registration.updated_at = datetime.now(UTC)
    found = _opened(session, registration)
    # Of the section just saved all is told, also where nothing was entered.
    return replace(
        found, problems=found.problems | problems_of(registration.answers, section=section)
    )


def send_registration(session: Session, *, link: str, desk: MailDesk) -> OpenRegistration:
    """Hands a form in; does not commit. Harmless when it has been sent.

    Raises:
        NotFound: The link is unknown or too old.
        InvalidInput: An answer is missing or wrong.
        Conflict: A site or an open form has this ODS code or e-mail address.
    """
    registration = _take(session, link)
    if registration.application_id is None:
        problems = problems_of(registration.answers)
        if problems:
            raise InvalidInput(problems)
        core = core_of(registration.answers, email=registration.email)
        submit_application(
            session,
            form=RegistrationForm(**core, answers=registration.answers),
            registration=registration,
            by=Outsider.VISITOR,
            desk=desk,
        )
    return _opened(session, registration)


def answer_query(session: Session, *, link: str, words: str) -> OpenRegistration:
    """Answers the audit team's question, which puts the form back into the queue; does not commit.

    Raises:
        NotFound: The link is unknown or too old.
        Conflict: Nothing was asked.
    """
    registration = _take(session, link)
    found = _opened(session, registration)
    application = found.application
    if application is None or application.state != ApplicationState.QUERIED:
        raise Conflict("The audit team has asked nothing, or has been answered.", code="not_asked")
    message = ApplicationMessage(
        message_id=uuid7(),
        application_id=application.application_id,
        at=datetime.now(UTC),
        is_from_team=False,
        words=words,
    )
    session.add(message)
    application.state = ApplicationState.SUBMITTED
    write_log(
        session,
        by=Outsider.VISITOR,
        what="application_answered",
        subject_kind="application",
        subject_id=application.application_id,
        details={"reference": application.reference},
    )
    session.flush()
    return _opened(session, registration)


def _take(session: Session, link: str) -> Registration:
    found = queries.find_registration_by_link(session, digest(link))
    if found is None:
        raise NotFound(LINK_OVER)
    return found


def _opened(session: Session, registration: Registration) -> OpenRegistration:
    answers: dict[str, Any] = registration.answers
    sections = {section: state_of(answers, section) for section in SECTIONS}
    problems: dict[str, list[str]] = {}
    for section, state in sections.items():
        if state == "unfinished":
            problems |= problems_of(answers, section=section)
    application, messages = None, []
    if registration.application_id is not None:
        application = queries.get_application(session, registration.application_id)
        messages = queries.list_application_messages(session, registration.application_id)
    return OpenRegistration(registration, sections, problems, application, messages)


def _an_hour(now: datetime) -> datetime:
    return now - timedelta(hours=1)
