"""Signing in and out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import jsonify
from flask_smorest import Blueprint

from services.registration import queries
from services.registration.actions import throttling
from services.registration.actions.second_factors import WRONG_CODE
from services.registration.actions.sessions import (
    SIGN_IN_REFUSED,
    end_other_sessions,
    end_own_session,
    end_session,
    note_refusal,
    open_session,
    own_session_id,
    take_checked_account,
)
from services.registration.actions.waiting import (
    begin_waiting,
    finish_waiting,
    offer_app,
    second_factor_wanted,
)
from services.registration.metrics import SIGN_INS
from services.registration.parts import parts
from services.registration.schemas.answers import (
    FinishedSignInAnswer,
    OfferedAppAnswer,
    OpenSessionsAnswer,
    WaitingSignInAnswer,
)
from services.registration.schemas.signing_in import (
    FinishSignInBody,
    SignInWithCodeBody,
    WaitingBody,
)
from services.shared.errors import InvalidInput, Unauthenticated
from services.shared.identity import current_actor, find_actor, public, signed_in
from services.shared.web import site_transaction

blueprint = Blueprint("sessions", __name__, url_prefix="/sessions", description="Sign-in")


@blueprint.post("")
@public
@blueprint.arguments(SignInWithCodeBody)
@blueprint.response(201, FinishedSignInAnswer)
@blueprint.alt_response(202, schema=WaitingSignInAnswer)
def sign_in(body: dict[str, Any]) -> Any:
    """Sign in. The same answer, in the same time, for every reason to refuse.

    202 when the password is right and a second factor is needed: `/sessions/second-factor` goes on.
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
            note_refusal(session, account_id=account_id)
        raise Unauthenticated(SIGN_IN_REFUSED)
    new_hash = parts().hashing.renewed(stored, body["password"])
    with site_transaction() as session:
        account = take_checked_account(session, account_id, checked_hash=stored, new_hash=new_hash)
        throttling.forget_failures(session, key)
        wants = second_factor_wanted(session, account)
        if wants is None:
            opened = open_session(
                session,
                account=account,
                replaces=_session_before(),
                device=body["device"],
                desk=parts().desk,
            )
        else:
            waiting = begin_waiting(session, account, wants=wants)
    if wants is None:
        SIGN_INS.labels("signed_in").inc()
        return opened
    if wants == "code" and body["code"] is not None:
        return _finish(waiting.secret, body["code"], body["device"])
    SIGN_INS.labels("waiting").inc()
    answer = jsonify(WaitingSignInAnswer().dump(waiting))
    answer.status_code = 202
    return answer


@blueprint.post("/second-factor/enrolment")
@public
@blueprint.arguments(WaitingBody)
@blueprint.response(200, OfferedAppAnswer)
def offer(body: dict[str, str]) -> Any:
    """See what to put into an authenticator app, when a sign-in waits for one to be set up."""
    with site_transaction() as session:
        return offer_app(session, parts().second_factor_keys, waiting=body["waiting"])


@blueprint.post("/second-factor")
@public
@blueprint.arguments(FinishSignInBody)
@blueprint.response(201, FinishedSignInAnswer)
def finish(body: dict[str, Any]) -> Any:
    """Finish a sign-in with a code of the app, or with a recovery code.

    401 when the sign-in has ended (15 minutes, five wrong codes), 422 for a wrong code, 429 after
    several.
    """
    return _finish(body["waiting"], body["code"], body["device"])


def _finish(waiting: str, code: str, device: str | None) -> Any:
    with site_transaction() as session:
        opened, recovery_codes = finish_waiting(
            session,
            parts().second_factor_keys,
            waiting=waiting,
            code=code,
            device=device,
            replaces=_session_before(),
            desk=parts().desk,
        )
    if opened is None:
        SIGN_INS.labels("wrong_code").inc()
        raise InvalidInput({"code": [WRONG_CODE]})
    SIGN_INS.labels("signed_in").inc()
    return replace(opened, recovery_codes=recovery_codes)


def _session_before() -> str | None:
    before = find_actor()
    return before.session_id if before else None


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
