"""Choosing a password with a one-time link."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from services.registration import queries
from services.registration.actions.accounts import check_password_link, choose_password
from services.registration.actions.resets import ask_for_reset
from services.registration.actions.terms import accept_terms
from services.registration.domain.passwords import password_problems
from services.registration.parts import parts
from services.registration.schemas.answers import PasswordLinkAnswer
from services.registration.schemas.signing_in import (
    AskForResetBody,
    CheckPasswordLinkBody,
    ChoosePasswordBody,
)
from services.shared.errors import InvalidInput
from services.shared.identity import Actor, public
from services.shared.web import site_transaction

links = Blueprint(
    "password-links", __name__, url_prefix="/password-links", description="One-time links"
)
resets = Blueprint(
    "password-resets", __name__, url_prefix="/password-resets", description="Lost passwords"
)
blueprint = Blueprint("passwords", __name__, url_prefix="/passwords", description="Passwords")


@resets.post("")
@public
@resets.arguments(AskForResetBody)
@resets.response(204)
def ask(body: dict[str, str]) -> None:
    """Ask for a new password. The answer is the same whether the address has an account or not."""
    with site_transaction() as session:
        ask_for_reset(session, email=body["email"])


@links.post("/check")
@public
@links.arguments(CheckPasswordLinkBody)
@links.response(200, PasswordLinkAnswer)
def check(body: dict[str, str]) -> Any:
    """See whose password a one-time link sets. Does not use it up."""
    with site_transaction(read_only=True) as session:
        link, account = check_password_link(session, link=body["link"])
        due = queries.are_terms_due(session, account.account_id)
    return {
        "email": account.email,
        "name": account.name,
        "purpose": link.purpose,
        "terms_due": due,
    }


@blueprint.post("")
@public
@blueprint.arguments(ChoosePasswordBody)
@blueprint.response(204)
def choose(body: dict[str, Any]) -> None:
    """Choose a password with a one-time link, which is used up. Ends the account's sessions."""
    with site_transaction(read_only=True) as session:
        _, account = check_password_link(session, link=body["link"])
    problems = password_problems(body["password"], email=account.email)
    if problems:
        raise InvalidInput({"password": problems})
    password_hash = parts().hashing.hash(body["password"])
    with site_transaction() as session:
        account = choose_password(session, link=body["link"], password_hash=password_hash)
        if body["terms_version"] is not None:
            by = Actor(account.account_id, None, frozenset(), "link", "")
            accept_terms(
                session,
                version=body["terms_version"],
                account_id=account.account_id,
                by=by,
            )
