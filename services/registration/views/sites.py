"""Sites, for the audit team and for the site itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.registration import queries
from services.registration.actions.sites import republish_sites
from services.registration.schemas.answers import RepublicationAnswer, SiteAnswer, page_of
from services.registration.schemas.bodies import SitesQuery
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
