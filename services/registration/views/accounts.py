"""Accounts, for the audit team."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.registration import queries
from services.registration.actions.accounts import switch_off_account, switch_on_account
from services.registration.actions.second_factors import take_away
from services.registration.parts import parts
from services.registration.schemas.answers import ListedAccountAnswer, ShownAccountAnswer, page_of
from services.registration.schemas.bodies import AccountsQuery
from services.shared.identity import allows, current_actor
from services.shared.web import site_transaction

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts", description="Accounts")


@blueprint.get("")
@allows("accounts.manage")
@blueprint.arguments(AccountsQuery, location="query", unknown=RAISE)
@blueprint.response(200, page_of(ListedAccountAnswer))
def list_all(query: dict[str, Any]) -> Any:
    """List all accounts by e-mail address."""
    with site_transaction(read_only=True) as session:
        return queries.list_accounts(session, **query)


@blueprint.get("/<uuid:account_id>")
@allows("accounts.manage")
@blueprint.response(200, ShownAccountAnswer)
def get(account_id: UUID) -> Any:
    """Read one account."""
    with site_transaction(read_only=True) as session:
        view = queries.get_account_view(session, account_id)
        factor = queries.get_second_factor(session, account_id)
    return replace(view, second_factor_set_up_at=factor.set_up_at)


@blueprint.post("/<uuid:account_id>/switch-off")
@allows("accounts.manage")
@blueprint.response(200, ListedAccountAnswer)
def switch_off(account_id: UUID) -> Any:
    """Switch an account off: its sessions end, its API tokens and links stop."""
    with site_transaction() as session:
        switch_off_account(session, account_id=account_id, by=current_actor())
        return queries.get_account_view(session, account_id)


@blueprint.delete("/<uuid:account_id>/second-factor")
@allows("accounts.manage")
@blueprint.response(204)
def forget_second_factor(account_id: UUID) -> None:
    """Take someone's lost authenticator app away; they set another up when they sign in next."""
    with site_transaction() as session:
        take_away(session, account_id=account_id, by=current_actor(), desk=parts().desk)


@blueprint.post("/<uuid:account_id>/switch-on")
@allows("accounts.manage")
@blueprint.response(200, ListedAccountAnswer)
def switch_on(account_id: UUID) -> Any:
    """Switch an account on again. Its old sessions stay ended; its API tokens work again."""
    with site_transaction() as session:
        switch_on_account(session, account_id=account_id, by=current_actor())
        return queries.get_account_view(session, account_id)
