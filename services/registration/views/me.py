"""Who the caller is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_smorest import Blueprint

from services.registration import queries
from services.registration.actions import throttling
from services.registration.actions.accounts import change_password
from services.registration.actions.people import leave_site
from services.registration.domain.passwords import password_problems
from services.registration.parts import parts
from services.registration.schemas.answers import MeAnswer
from services.registration.schemas.signing_in import ChangePasswordBody
from services.shared.errors import InvalidInput
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


@blueprint.delete("/site")
@signed_in
@blueprint.response(204)
def leave() -> None:
    """Leave the site that you act for. What you did there stays, with your name."""
    actor = current_actor()
    with site_transaction() as session:
        leave_site(session, site_id=actor.own_site(), by=actor)


@blueprint.put("/password")
@signed_in
@blueprint.arguments(ChangePasswordBody)
@blueprint.response(204)
def change(body: dict[str, str]) -> None:
    """Change your own password. Your other sessions end; this one goes on.

    422 when the present one is not right or the new one is none to use; 429 as at the sign-in.
    """
    actor = current_actor()
    with site_transaction(read_only=True) as session:
        account = queries.get_account(session, actor.account_id)
        email, stored = account.email, account.password_hash
        key = throttling.key_of(session, email=email, device=None)
        throttling.refuse_too_early(session, key)
    problems = password_problems(body["new_password"], email=email)
    if problems:
        raise InvalidInput({"new_password": problems})
    if not parts().hashing.verify(stored, body["password"]) or stored is None:
        with site_transaction() as session:
            throttling.note_failure(session, key)
        raise InvalidInput({"password": ["This is not your present password."]})
    password_hash = parts().hashing.hash(body["new_password"])
    with site_transaction() as session:
        change_password(session, by=actor, checked_hash=stored, password_hash=password_hash)
