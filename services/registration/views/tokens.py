"""API tokens of the caller's site."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.registration import queries
from services.registration.actions.tokens import make_token, revoke_token, rotate_token
from services.registration.schemas.answers import MadeTokenAnswer, TokenAnswer, page_of
from services.registration.schemas.bodies import MakeTokenBody, PageQuery, RotateTokenBody
from services.shared.identity import allows, current_actor
from services.shared.web import site_transaction

blueprint = Blueprint("tokens", __name__, url_prefix="/tokens", description="API tokens")


@blueprint.get("")
@allows("tokens.manage")
@blueprint.arguments(PageQuery, location="query", unknown=RAISE)
@blueprint.response(200, page_of(TokenAnswer))
def list_all(query: dict[str, Any]) -> Any:
    """List your site's API tokens, revoked and expired ones too, newest first."""
    with site_transaction(read_only=True) as session:
        return queries.list_tokens(session, **query)


@blueprint.post("")
@allows("tokens.manage")
@blueprint.arguments(MakeTokenBody)
@blueprint.response(201, MadeTokenAnswer)
def make(body: dict[str, Any]) -> Any:
    """Make an API token for your site. Its string is shown this once."""
    actor = current_actor()
    with site_transaction() as session:
        return make_token(
            session,
            name=body["name"],
            expires_in_days=body["expires_in_days"],
            rights=body.get("rights"),
            site_id=actor.own_site(),
            by=actor,
        )


@blueprint.post("/<uuid:token_id>/rotation")
@allows("tokens.manage")
@blueprint.arguments(RotateTokenBody)
@blueprint.response(201, MadeTokenAnswer)
def rotate(body: dict[str, int], token_id: UUID) -> Any:
    """Make a token that takes this one's place, which works on for some days."""
    with site_transaction() as session:
        return rotate_token(
            session, token_id=token_id, overlap_days=body["overlap_days"], by=current_actor()
        )


@blueprint.delete("/<uuid:token_id>")
@allows("tokens.manage")
@blueprint.response(204)
def revoke(token_id: UUID) -> None:
    """Revoke an API token of your site."""
    with site_transaction() as session:
        revoke_token(session, token_id=token_id, by=current_actor())
