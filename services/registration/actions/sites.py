"""Makes sites from approved forms, and tells the other services about them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.registration import queries
from services.registration.actions.log import Outsider, write_log
from services.registration.domain.organisations import ODS, site_code_candidates
from services.registration.domain.participation import participation_of
from services.registration.events import SITE_CHANGED
from services.registration.tables import Application, OrganisationCode, ParticipationChange, Site
from services.shared.identity import Actor
from services.shared.outbox import record_event


def make_site(session: Session, *, form: Application, by: Actor) -> Site:
    """Adds the site that a form asks for, with its code and participation; does not commit.

    Waits while another approval chooses a site code. Breaks `uq_organisation_code_current` when
    another site has the form's ODS code.
    """
    now = datetime.now(UTC)
    participation = participation_of(has_fls=form.has_fls)
    site = Site(
        site_id=uuid7(),
        code=_free_site_code(session, form),
        name=form.organisation_name,
        kind=form.organisation_kind,
        nation=form.nation,
        state="approved",
        has_fls=form.has_fls,
        fls_name=form.fls_name,
        patient_audit=participation.patient_audit,
        facilities_audit=participation.facilities_audit,
        version=1,
        approved_at=now,
    )
    session.add(site)
    session.flush()
    code = OrganisationCode(
        site_id=site.site_id,
        scheme=ODS,
        code=form.ods_code,
        valid_from=now.date(),
        valid_to=None,
    )
    session.add(code)
    session.add(
        ParticipationChange(
            participation_change_id=uuid7(),
            site_id=site.site_id,
            has_fls=form.has_fls,
            valid_from=now.date(),
            recorded_at=now,
            recorded_by=by.account_id,
        )
    )
    session.flush()
    return site


def tell_site(session: Session, site: Site, *, actor_id: UUID | None) -> None:
    """Records the site's full state as an event; does not commit."""
    codes = queries.list_current_codes(session, site.site_id)
    region = queries.find_board(session, site.site_id)
    record_event(
        session,
        SITE_CHANGED,
        subject=site.site_id,
        subject_version=site.version,
        site_id=site.site_id,
        actor_id=actor_id,
        data={
            "site_id": site.site_id,
            "code": site.code,
            "name": site.name,
            "kind": site.kind,
            "nation": site.nation,
            "state": site.state,
            "has_fls": site.has_fls,
            "patient_audit": site.patient_audit,
            "facilities_audit": site.facilities_audit,
            "organisation_codes": [{"scheme": c.scheme, "code": c.code} for c in codes],
            "region": region,
        },
    )


def republish_sites(session: Session, *, by: Actor | Outsider = Outsider.OPERATOR) -> int:
    """Records every site again, so that a new listener can begin; returns how many."""
    sites = queries.list_all_sites(session)
    for site in sites:
        tell_site(session, site, actor_id=by.account_id if isinstance(by, Actor) else None)
    write_log(
        session,
        by=by,
        what="sites_republished",
        subject_kind="site",
        subject_id=None,
        details={"sites": len(sites)},
    )
    return len(sites)


def _free_site_code(session: Session, form: Application) -> str:
    queries.lock_site_codes(session)
    candidates = site_code_candidates(form.ods_code, form.organisation_name)
    return next(code for code in candidates if not queries.is_site_code_taken(session, code))
