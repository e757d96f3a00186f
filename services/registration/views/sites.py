"""Sites, for the audit team and for the site itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.registration import queries
from services.registration.actions.changing_sites import (
    change_participation,
    reinstate_site,
    replace_ods_code,
    suspend_site,
)
from services.registration.actions.sites import republish_sites
from services.registration.domain.statement import facilities_part, patient_part
from services.registration.parts import parts
from services.registration.schemas.answers import RepublicationAnswer, SiteAnswer, page_of
from services.registration.schemas.bodies import SitesQuery
from services.registration.schemas.registrations import (
    ChangeParticipationBody,
    ReplaceCodeBody,
    SiteHistoryAnswer,
    StatementAnswer,
    StatementQuery,
    SuspendSiteBody,
)
from services.registration.today import day_in_london, today_in_london
from services.shared.errors import NotFound
from services.shared.identity import allows, current_actor, signed_in
from services.shared.web import site_transaction

blueprint = Blueprint("sites", __name__, url_prefix="/sites", description="Sites that take part")


@blueprint.get("")
@allows("sites.read")
@blueprint.arguments(SitesQuery, location="query", unknown=RAISE)
@blueprint.response(200, page_of(SiteAnswer))
def list_all(query: dict[str, Any]) -> Any:
    """List all sites by name, or those that a name or code fits."""
    with site_transaction(read_only=True) as session:
        return queries.list_sites(session, **query)


@blueprint.post("/republication")
@allows("system.manage")
@blueprint.response(200, RepublicationAnswer)
def republish() -> Any:
    """Tell every site to the other services again, such as after one was restored."""
    with site_transaction() as session:
        return {"sites": republish_sites(session, by=current_actor())}


@blueprint.get("/<uuid:site_id>")
@signed_in
@blueprint.response(200, SiteAnswer)
def get(site_id: UUID) -> Any:
    """Read one site: any for the audit team, its own for an account of a site."""
    actor = current_actor()
    if not actor.has("sites.read") and actor.site_id != site_id:
        raise NotFound()
    with site_transaction(read_only=True) as session:
        return queries.get_site(session, site_id)


@blueprint.get("/<uuid:site_id>/history")
@allows("registrations.review")
@blueprint.response(200, SiteHistoryAnswer)
def history(site_id: UUID) -> Any:
    """Read a site's codes and participation, with their days, and what was done to it."""
    with site_transaction(read_only=True) as session:
        queries.get_site(session, site_id)
        return {
            "codes": queries.list_site_codes(session, site_id),
            "participation": queries.list_participation(session, site_id),
            "events": queries.list_about(session, "site", site_id),
        }


@blueprint.post("/<uuid:site_id>/suspension")
@allows("registrations.review")
@blueprint.arguments(SuspendSiteBody)
@blueprint.response(200, SiteAnswer)
def suspend(body: dict[str, str], site_id: UUID) -> Any:
    """Suspend a site: nobody can see or enter anything for it until it is reinstated."""
    with site_transaction() as session:
        return suspend_site(
            session, site_id=site_id, reason=body["reason"], by=current_actor(), desk=parts().desk
        )


@blueprint.post("/<uuid:site_id>/reinstatement")
@allows("registrations.review")
@blueprint.response(200, SiteAnswer)
def reinstate(site_id: UUID) -> Any:
    """Let a suspended site work again."""
    with site_transaction() as session:
        return reinstate_site(session, site_id=site_id, by=current_actor(), desk=parts().desk)


@blueprint.put("/<uuid:site_id>/participation")
@allows("registrations.review")
@blueprint.arguments(ChangeParticipationBody)
@blueprint.response(200, SiteAnswer)
def participate(body: dict[str, Any], site_id: UUID) -> Any:
    """Note that a fracture liaison service has started or ended, and from which day on."""
    with site_transaction() as session:
        return change_participation(
            session,
            site_id=site_id,
            **body,
            today=today_in_london(),
            by=current_actor(),
            desk=parts().desk,
        )


@blueprint.put("/<uuid:site_id>/ods-code")
@allows("registrations.review")
@blueprint.arguments(ReplaceCodeBody)
@blueprint.response(200, SiteAnswer)
def replace_code(body: dict[str, Any], site_id: UUID) -> Any:
    """Give a site another ODS code from a day on, as after a merger."""
    with site_transaction() as session:
        return replace_ods_code(session, site_id=site_id, **body, by=current_actor())


@blueprint.get("/<uuid:site_id>/participation-statement")
@allows("site.manage", "registrations.review")
@blueprint.arguments(StatementQuery, location="query", unknown=RAISE)
@blueprint.response(200, StatementAnswer)
def state_participation(query: dict[str, Any], site_id: UUID) -> Any:
    """State what a site took part in, in a period, for its provider's quality account."""
    actor = current_actor()
    if not actor.has("registrations.review") and actor.site_id != site_id:
        raise NotFound("There is no such site.")
    with site_transaction(read_only=True) as session:
        site = queries.get_site(session, site_id)
        changes = queries.list_participation(session, site_id)
    approved_on = day_in_london(site.approved_at)
    return {
        "site_code": site.code,
        "site_name": site.name,
        **query,
        "facilities_audit": facilities_part(approved_on=approved_on, **query),
        "patient_audit": patient_part(
            [(one.valid_from, one.has_fls) for one in changes], approved_on=approved_on, **query
        ),
    }
