"""Sites and forms that a new registration may be about already."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from services.registration.tables import Application, OrganisationCode, Site

_ALIKE = 0.8
_TRUST_LETTERS = 3


@dataclass(frozen=True)
class Similar:
    """A site, or an earlier form (`site_id` is None), and why it may be the same."""

    name: str
    code: str
    why: str
    site_id: UUID | None = None
    application_id: UUID | None = None
    state: str | None = None


def list_similar(session: Session, application: Application) -> list[Similar]:
    """Returns sites of the same trust or of nearly the same name, and other forms of the same.

    There are some hundreds of sites, so all names are looked at.
    """
    found: list[Similar] = []
    query = select(Site, OrganisationCode.code).join(
        OrganisationCode, OrganisationCode.site_id == Site.site_id
    )
    if application.site_id is not None:
        query = query.where(Site.site_id != application.site_id)
    seen: set[UUID] = set()
    for site, code in session.execute(query.order_by(Site.name)):
        why = _why(application, site.name, code)
        if why and site.site_id not in seen:
            seen.add(site.site_id)
            found.append(Similar(site.name, site.code, why, site_id=site.site_id, state=site.state))
    forms = select(Application).where(
        Application.application_id != application.application_id,
        Application.site_id.is_(None),
        or_(
            Application.ods_code == application.ods_code,
            func.lower(Application.lead_email) == application.lead_email.lower(),
        ),
    )
    for form in session.scalars(forms.order_by(Application.submitted_at)):
        same = "the same ODS code" if form.ods_code == application.ods_code else "the same lead"
        found.append(
            Similar(
                form.organisation_name,
                form.reference,
                same,
                application_id=form.application_id,
                state=form.state,
            )
        )
    return found


def _why(application: Application, name: str, code: str) -> str | None:
    if code == application.ods_code:
        return "the same ODS code"
    if _is_alike(application.organisation_name, name):
        return "nearly the same name"
    trust = application.ods_code[:_TRUST_LETTERS]
    if trust[0] in "RT7" and code.startswith(trust):
        return "the same trust or health board"
    return None


def _is_alike(one: str, other: str) -> bool:
    one, other = " ".join(one.casefold().split()), " ".join(other.casefold().split())
    return SequenceMatcher(None, one, other).ratio() >= _ALIKE
