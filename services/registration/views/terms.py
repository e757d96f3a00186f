"""The terms of use."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from services.registration import queries
from services.registration.actions.terms import accept_terms
from services.registration.domain.terms import TERMS, VERSION
from services.registration.schemas.terms import AcceptTermsBody, OwnTermsAnswer, TermsAnswer
from services.shared.identity import current_actor, public, signed_in
from services.shared.web import site_transaction

blueprint = Blueprint("terms", __name__, url_prefix="/terms", description="Terms of use")
own = Blueprint("own-terms", __name__, url_prefix="/me/terms", description="Terms of use")


@blueprint.get("")
@public
@blueprint.response(200, TermsAnswer)
def read() -> Any:
    """Read the terms of use and their version."""
    return {"version": VERSION, "terms": TERMS}


@own.get("")
@signed_in
@own.response(200, OwnTermsAnswer)
def get() -> Any:
    """See whether you have accepted the present terms."""
    with site_transaction(read_only=True) as session:
        due = queries.are_terms_due(session, current_actor().account_id)
    return {"version": VERSION, "is_due": due}


@own.post("")
@signed_in
@own.arguments(AcceptTermsBody)
@own.response(204)
def accept(body: dict[str, str]) -> None:
    """Accept the terms of this version."""
    actor = current_actor()
    with site_transaction() as session:
        accept_terms(session, version=body["version"], account_id=actor.account_id, by=actor)
