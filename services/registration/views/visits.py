"""Acting elsewhere: the audit team at a site, and people who belong to several sites."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from services.registration.actions.sessions import change_site
from services.registration.actions.visits import begin_visit, end_visit
from services.registration.metrics import VISITS
from services.registration.schemas.answers import OpenedSessionAnswer
from services.registration.schemas.people import BeginVisitBody, ChangeSiteBody
from services.shared.identity import allows, current_actor, signed_in
from services.shared.web import site_transaction

blueprint = Blueprint(
    "current-session", __name__, url_prefix="/sessions/current", description="The caller's session"
)


@blueprint.post("/visit")
@allows("sites.visit")
@blueprint.arguments(BeginVisitBody)
@blueprint.response(201, OpenedSessionAnswer)
def begin(body: dict[str, Any]) -> Any:
    """Act at a site for an hour, with a reason that is logged and that the site can read.

    The answer holds a new session string; the old one is worthless from now on.
    """
    with site_transaction() as session:
        opened = begin_visit(session, **body, by=current_actor())
    VISITS.inc()
    return opened


@blueprint.delete("/visit")
@allows("sites.visit")
@blueprint.response(200, OpenedSessionAnswer)
def end() -> Any:
    """End your visit. The answer holds a new session string; the old one is worthless."""
    with site_transaction() as session:
        return end_visit(session, by=current_actor())


@blueprint.put("/site")
@signed_in
@blueprint.arguments(ChangeSiteBody)
@blueprint.response(200, OpenedSessionAnswer)
def change(body: dict[str, Any]) -> Any:
    """Act for another site of yours. The answer holds a new session string."""
    with site_transaction() as session:
        return change_site(session, site_id=body["site_id"], by=current_actor())
