"""Answers nginx's question about each request, asked by `auth_request`: who is this?

Not part of the API; nginx never passes it on. A page takes only the cookie, the API only
`Authorization: Bearer`; nginx says which of the two in `X-FLS-Credential-Kind`. For an upload it
says `X-FLS-Credential-Required: yes`: a stranger's body must not reach a service. Credentials are
never logged. It is a GET that writes at most once a minute for each session, and once an hour for
each token: when that was last used.
"""

from __future__ import annotations

import secrets
from uuid import UUID

from flask import Blueprint, Response, request

from services.registration import queries
from services.registration.actions.sessions import note_session_use
from services.registration.actions.tokens import note_token_use
from services.registration.domain import credentials
from services.registration.metrics import IDENTITY_ANSWERS
from services.registration.parts import parts
from services.registration.queries import KnownCaller
from services.shared.db import transaction
from services.shared.errors import Unauthenticated
from services.shared.identity import HEADER, Actor, public
from services.shared.web import app_engine

COOKIE = "fls_session"

blueprint = Blueprint("identity", __name__, url_prefix="/internal")


@blueprint.get("/identity")
@public
def tell_identity() -> Response:
    """200 with an identity, 200 without one, or 401.

    401 is for an invalid credential at the API, and for everybody unknown where one is required.
    """
    kind = "page" if request.headers.get("X-FLS-Credential-Kind") == "page" else "api"
    required = request.headers.get("X-FLS-Credential-Required") == "yes"
    credential = _page_credential() if kind == "page" else _api_credential()
    if credential is None and not required:
        return _answer(kind, "none", None)
    caller = _find_caller(credential, tokens_too=kind == "api") if credential else None
    if caller is not None:
        return _answer(kind, "known", caller)
    if kind == "page" and not required:
        return _answer(kind, "unknown", None)
    IDENTITY_ANSWERS.labels(kind, "unknown").inc()
    raise Unauthenticated(
        "This session or token is not valid. Sign in again, or use another token."
    )


def _page_credential() -> str | None:
    return request.cookies.get(COOKIE) or None


def _api_credential() -> str | None:
    """The bearer string; empty, which nobody has, when the header is of another form."""
    header = request.headers.get("Authorization", "").strip()
    if not header:
        return None
    scheme, _, credential = header.partition(" ")
    return credential.strip() if scheme.lower() == "bearer" else ""


def _find_caller(credential: str, *, tokens_too: bool) -> KnownCaller | None:
    digest = credentials.digest(credential)
    if credentials.is_session_string(credential):
        with transaction(app_engine(), read_only=True) as session:
            found = queries.find_session_caller(session, digest)
        # What an open page asks by itself keeps nobody signed in.
        if found is not None and found.is_last_used_stale and not _is_polling():
            with transaction(app_engine()) as session:
                note_session_use(session, session_id=found.credential_id)
        return found
    if not tokens_too or not credentials.is_token(credential):
        return None
    with transaction(app_engine(), read_only=True) as session:
        caller = queries.find_token_caller(session, digest)
    if caller is not None:
        _note_use(caller.credential_id, caller)
    return caller


def _is_polling() -> bool:
    return request.headers.get("X-FLS-Polling") == "yes"


def _note_use(token_id: UUID, caller: KnownCaller) -> None:
    if caller.is_last_used_stale:
        with transaction(app_engine(), site_id=caller.site_id) as session:
            note_token_use(session, token_id=token_id)


def _answer(kind: str, outcome: str, caller: KnownCaller | None) -> Response:
    IDENTITY_ANSWERS.labels(kind, outcome).inc()
    answer = Response(status=200)
    if caller is not None:
        actor = Actor(
            account_id=caller.account_id,
            site_id=caller.site_id,
            rights=caller.rights,
            session_id=str(caller.credential_id),
            # A token never fills in forms: a value that nobody can know keeps it from any.
            csrf=caller.csrf or secrets.token_urlsafe(32),
            visit_id=caller.visit_id,
        )
        answer.headers[HEADER] = parts().signer.sign(actor)
    return answer
