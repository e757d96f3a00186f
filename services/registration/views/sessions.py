"""Signing in and out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.registration import queries
from services.registration.actions import throttling
from services.registration.actions.sessions import (
    SIGN_IN_REFUSED,
    end_other_sessions,
    end_own_session,
    end_session,
    open_session,
    own_session_id,
)
from services.registration.metrics import SIGN_INS
from services.registration.parts import parts
from services.registration.schemas.answers import OpenedSessionAnswer, OpenSessionsAnswer
from services.registration.schemas.bodies import SignInBody
from services.shared.errors import Unauthenticated
from services.shared.identity import current_actor, find_actor, public, signed_in
from services.shared.web import site_transaction

blueprint = Blueprint("sessions", __name__, url_prefix="/sessions", description="Sign-in")


@blueprint.post("")
@public
@blueprint.arguments(SignInBody)
@blueprint.response(201, OpenedSessionAnswer)
def sign_in(body: dict[str, Any]) -> Any:
    """Sign in. The same answer, in the same time, for every reason to refuse.

    429 after several wrong passwords for an address, before anything is compared; `Retry-After`
    says for how long. A device that has signed in before is counted by itself.
    """
    with site_transaction(read_only=True) as session:
        key = throttling.key_of(session, email=body["email"], device=body["device"])
        throttling.refuse_too_early(session, key)
        account_id, stored = queries.find_password(session, body["email"])
    if not parts().hashing.verify(stored, body["password"]) or not account_id or not stored:
        SIGN_INS.labels("refused").inc()
        with site_transaction() as session:
            throttling.note_failure(session, key)
        raise Unauthenticated(SIGN_IN_REFUSED)
    new_hash = parts().hashing.renewed(stored, body["password"])
    before = find_actor()
    with site_transaction() as session:
        opened = open_session(
            session,
            account_id=account_id,
            checked_hash=stored,
            new_hash=new_hash,
            replaces=before.session_id if before else None,
            device=body["device"],
            desk=parts().desk,
        )
        throttling.forget_failures(session, key)
    SIGN_INS.labels("signed_in").inc()
    return opened


@blueprint.delete("/current")
@signed_in
@blueprint.response(204)
def sign_out() -> None:
    """Sign out: the session's string is worthless from now on."""
    with site_transaction() as session:
        end_session(session, by=current_actor())


@blueprint.get("")
@signed_in
@blueprint.response(200, OpenSessionsAnswer)
def list_own() -> Any:
    """List your own sessions that go on, the one used last first."""
    actor = current_actor()
    with site_transaction(read_only=True) as session:
        found = queries.list_open_sessions(session, actor.account_id, current=own_session_id(actor))
    return {"items": found}


@blueprint.delete("/others")
@signed_in
@blueprint.response(204)
def end_others() -> None:
    """End all of your sessions but this one."""
    with site_transaction() as session:
        end_other_sessions(session, by=current_actor())


@blueprint.delete("/<uuid:session_id>")
@signed_in
@blueprint.response(204)
def end_one(session_id: UUID) -> None:
    """End one of your sessions."""
    with site_transaction() as session:
        end_own_session(session, session_id=session_id, by=current_actor())
