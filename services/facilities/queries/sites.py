"""Our copy of the sites, and of what records has counted at them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.facilities.domain.comparing import Counts
from services.facilities.domain.proposing import SiteFacts
from services.facilities.tables import Site, SiteCounts
from services.shared.errors import NotFound


def find_site(session: Session, site_id: UUID) -> Site | None:
    """Return our copy of a site, or None if registration has not told us of it yet."""
    return session.get(Site, site_id)


def get_site(session: Session, site_id: UUID) -> Site:
    """Return our copy of a site. Raises NotFound."""
    found = find_site(session, site_id)
    if found is None:
        raise NotFound("There is no such site.")
    return found


def find_counts(session: Session, site: Site | None) -> Counts | None:
    """Return a site's counts by month.

    None where there is nothing to compare with: records has not told us yet, or the site takes no
    part in the patient audit and never did.
    """
    if site is None:
        return None
    query = select(SiteCounts.months).where(SiteCounts.site_id == site.site_id)
    months = session.scalars(query).one_or_none()
    if months is None or not (months or site.patient_audit):
        return None
    return {month["month"]: month for month in months}


def facts_of(site: Site | None) -> SiteFacts | None:
    """Return what is known about a site and can be proposed as an answer."""
    if site is None:
        return None
    codes = [each["code"] for each in site.organisation_codes]
    return SiteFacts(site.has_fls, codes[0] if codes else None)
