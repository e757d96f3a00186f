"""Who the caller is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_smorest import Blueprint

from services.registration import queries
from services.registration.schemas.answers import MeAnswer
from services.shared.identity import current_actor, signed_in
from services.shared.web import site_transaction

blueprint = Blueprint("me", __name__, url_prefix="/me", description="The caller's own account")


@blueprint.get("")
@signed_in
@blueprint.response(200, MeAnswer)
def get() -> Any:
    """Read your own account, with the site you act for and what you may do there."""
    actor = current_actor()
    with site_transaction(read_only=True) as session:
        view = queries.get_account_view(
            session, actor.account_id, site_id=actor.site_id, visit_id=actor.visit_id
        )
        sites = queries.list_own_sites(session, actor.account_id)
    return replace(view, sites=sites)
