"""The caller's own second factor: how it stands, another app, new recovery codes."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from services.registration import queries
from services.registration.actions import throttling
from services.registration.actions.second_factors import (
    confirm_another,
    offer_another,
    renew_recovery_codes,
)
from services.registration.parts import parts
from services.registration.schemas.answers import (
    OfferedAppAnswer,
    OwnSecondFactorAnswer,
    RecoveryCodesAnswer,
)
from services.registration.schemas.signing_in import ConfirmAppBody, OwnPasswordBody
from services.shared.errors import InvalidInput
from services.shared.identity import current_actor, signed_in
from services.shared.web import site_transaction

blueprint = Blueprint(
    "second-factor", __name__, url_prefix="/me/second-factor", description="The second factor"
)


@blueprint.get("")
@signed_in
@blueprint.response(200, OwnSecondFactorAnswer)
def get() -> Any:
    """See whether you have an authenticator app, and how many recovery codes are left."""
    account_id = current_actor().account_id
    with site_transaction(read_only=True) as session:
        return queries.get_second_factor(session, account_id)


@blueprint.post("/enrolment")
@signed_in
@blueprint.arguments(OwnPasswordBody)
@blueprint.response(200, OfferedAppAnswer)
def offer(body: dict[str, str]) -> Any:
    """Ask for what to put into another app. The present one goes on until that is confirmed."""
    _check_password(body["password"])
    with site_transaction() as session:
        return offer_another(session, parts().second_factor_keys, by=current_actor())


@blueprint.put("")
@signed_in
@blueprint.arguments(ConfirmAppBody)
@blueprint.response(200, RecoveryCodesAnswer)
def confirm(body: dict[str, str]) -> Any:
    """Use the app just offered from now on. Your other sessions end, old recovery codes too."""
    with site_transaction() as session:
        codes = confirm_another(
            session,
            parts().second_factor_keys,
            body["code"],
            by=current_actor(),
            desk=parts().desk,
        )
    return {"recovery_codes": codes}


@blueprint.post("/recovery-codes")
@signed_in
@blueprint.arguments(OwnPasswordBody)
@blueprint.response(200, RecoveryCodesAnswer)
def renew(body: dict[str, str]) -> Any:
    """Make ten new recovery codes; the old ones are worthless."""
    _check_password(body["password"])
    with site_transaction() as session:
        return {"recovery_codes": renew_recovery_codes(session, by=current_actor())}


def _check_password(password: str) -> None:
    """Makes sure that it is still the same person. Raises InvalidInput or TooMany."""
    with site_transaction(read_only=True) as session:
        account = queries.get_account(session, current_actor().account_id)
        stored = account.password_hash
        key = throttling.key_of(session, email=account.email, device=None)
        throttling.refuse_too_early(session, key)
    if stored is None or not parts().hashing.verify(stored, password):
        with site_transaction() as session:
            throttling.note_failure(session, key)
        raise InvalidInput({"password": ["This is not your password."]})
