"""Changes sites that take part: suspended, reinstated, with or without a service, another code.

Each holds the site's row, raises its version, tells the other services and writes to the leads.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.registration import queries
from services.registration.actions.log import write_log
from services.registration.actions.mails import MailDesk, queue_mail
from services.registration.actions.sites import tell_site
from services.registration.domain import registration_mails
from services.registration.domain.mails import MailText
from services.registration.domain.organisations import (
    ODS,
    Nation,
    OrganisationKind,
    normal_ods_code,
    ods_code_problem,
)
from services.registration.domain.participation import participation_of
from services.registration.queries.sites import ACTIVE_SITE
from services.registration.tables import OrganisationCode, ParticipationChange, Site
from services.shared.db import broken_constraint
from services.shared.errors import Conflict, InvalidInput
from services.shared.identity import Actor

SUSPENDED_SITE = "suspended"
_FIRST_DAY = date(2016, 1, 1)


def suspend_site(
    session: Session, *, site_id: UUID, reason: str, by: Actor, desk: MailDesk
) -> Site:
    """Suspends a site: its roles give nothing until it is reinstated; does not commit.

    Raises:
        NotFound: There is no such site.
        Conflict: It is closed.
    """
    site = _take(session, site_id)
    if site.state == SUSPENDED_SITE:
        return site
    site.state = SUSPENDED_SITE
    _tell(session, site, "site_suspended", by, {"reason": reason})
    _write_to_leads(
        session,
        site,
        desk,
        lambda name: registration_mails.site_suspended(
            name=name, organisation=site.name, reason=reason
        ),
    )
    return site


def reinstate_site(session: Session, *, site_id: UUID, by: Actor, desk: MailDesk) -> Site:
    """Lets a suspended site work again; does not commit.

    Raises:
        NotFound: There is no such site.
        Conflict: It is closed.
    """
    site = _take(session, site_id)
    if site.state == ACTIVE_SITE:
        return site
    site.state = ACTIVE_SITE
    _tell(session, site, "site_reinstated", by, {})
    _write_to_leads(
        session,
        site,
        desk,
        lambda name: registration_mails.site_reinstated(
            name=name, organisation=site.name, link=desk.sign_in_page()
        ),
    )
    return site


def change_participation(
    session: Session,
    *,
    site_id: UUID,
    has_fls: bool,
    fls_name: str | None,
    valid_from: date,
    today: date,
    by: Actor,
    desk: MailDesk,
) -> Site:
    """Notes that a fracture liaison service has started or ended at a site; does not commit.

    What the site takes part in follows at once. What was entered before stays.

    Raises:
        NotFound: There is no such site.
        InvalidInput: A day to come, or before the audit began or the last change.
        Conflict: It is closed.
    """
    site = _take(session, site_id)
    if valid_from > today:
        words = "Enter a day that has come: the change works at once."
        raise InvalidInput({"valid_from": [words]})
    last = queries.list_participation(session, site_id)
    earliest = last[0].valid_from if last and site.has_fls != has_fls else _FIRST_DAY
    if valid_from < earliest:
        raise InvalidInput({"valid_from": [f"Enter a day not before {earliest:%-d %B %Y}."]})
    if site.has_fls == has_fls and site.fls_name == fls_name:
        return site
    changed = site.has_fls != has_fls
    participation = participation_of(has_fls=has_fls)
    site.has_fls, site.fls_name = has_fls, fls_name if has_fls else None
    site.patient_audit = participation.patient_audit
    site.facilities_audit = participation.facilities_audit
    if changed:
        session.add(
            ParticipationChange(
                participation_change_id=uuid7(),
                site_id=site_id,
                has_fls=has_fls,
                valid_from=valid_from,
                recorded_at=datetime.now(UTC),
                recorded_by=by.account_id,
            )
        )
        _write_to_leads(
            session,
            site,
            desk,
            lambda name: registration_mails.participation_changed(
                name=name,
                organisation=site.name,
                participation=participation,
                from_day=f"{valid_from:%-d %B %Y}",
            ),
        )
    details = {"has_fls": has_fls, "valid_from": valid_from.isoformat()}
    _tell(session, site, "participation_changed", by, details)
    return site


def replace_ods_code(
    session: Session, *, site_id: UUID, ods_code: str, valid_from: date, by: Actor
) -> Site:
    """Gives a site another ODS code from a day on, as after a merger; does not commit.

    The old one stays known with its end.

    Raises:
        NotFound: There is no such site.
        InvalidInput: It is no code for such an organisation, or the day is before the old one's.
        Conflict: Another site has it, or the site is closed.
    """
    site = _take(session, site_id)
    code = normal_ods_code(ods_code)
    problem = ods_code_problem(code, OrganisationKind(site.kind), Nation(site.nation))
    if problem:
        raise InvalidInput({"ods_code": [problem]})
    current = queries.list_current_codes(session, site_id)
    if any(one.code == code for one in current):
        return site
    if any(one.valid_from > valid_from for one in current):
        raise InvalidInput({"valid_from": ["Enter a day not before the present code's."]})
    session.execute(
        update(OrganisationCode)
        .where(
            OrganisationCode.site_id == site_id,
            OrganisationCode.scheme == ODS,
            OrganisationCode.valid_to.is_(None),
        )
        .values(valid_to=valid_from)
    )
    session.add(
        OrganisationCode(
            site_id=site_id, scheme=ODS, code=code, valid_from=valid_from, valid_to=None
        )
    )
    try:
        session.flush()
    except IntegrityError as error:
        if broken_constraint(error) != "uq_organisation_code_current":
            raise
        words = "Another site has this ODS code."
        extra = {"errors": {"ods_code": [words]}}
        raise Conflict(words, code="ods_code_taken", extra=extra) from None
    details = {"ods_code": code, "valid_from": valid_from.isoformat()}
    _tell(session, site, "organisation_code_changed", by, details)
    return site


def _take(session: Session, site_id: UUID) -> Site:
    site = queries.get_site(session, site_id, lock=True)
    if site.state == "closed":
        raise Conflict(f"{site.name} is closed. Nothing was changed.", code="site_closed")
    return site


def _tell(session: Session, site: Site, what: str, by: Actor, details: dict[str, Any]) -> None:
    site.version += 1
    session.flush()
    tell_site(session, site, actor_id=by.account_id)
    write_log(
        session,
        by=by,
        what=what,
        subject_kind="site",
        subject_id=site.site_id,
        site_id=site.site_id,
        details=details,
    )


def _write_to_leads(
    session: Session, site: Site, desk: MailDesk, words: Callable[[str], MailText]
) -> None:
    for lead in queries.list_leads(session, site.site_id):
        queue_mail(session, to_address=lead.email, words=words(lead.name), desk=desk)
