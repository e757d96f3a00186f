"""Form tokens (CSRF) and the cookies of the pages.

A form of a signed-in page carries the token of the session, which the identity names. A visitor has
no session: a random cookie stands in for it, and the token is its HMAC. A visitor's token opens
public pages only.

What was searched for may lie in no address, so the browser carries it, sealed, from the form to its
results.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from flask import Flask, abort, current_app, g, request
from flask import Response as FlaskResponse
from markupsafe import Markup
from werkzeug.wrappers import Response

from gateway.settings import GatewaySettings
from services.shared import identity
from services.shared.errors import Unauthenticated
from services.shared.sealing import CannotOpen, seal, unseal

SESSION_COOKIE = "fls_session"
DEVICE_COOKIE = "fls_device"
VISITOR_COOKIE = "fls_visitor"
FIELD = "csrf_token"


class FormTokens:
    """Gives forms their token and lets no POST pass without it."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._key = settings.visitor_key
        self._secure = settings.cookie_secure

    def register(self, app: Flask) -> None:
        """Guards the application's POSTs and gives its templates `csrf_field()`."""
        app.before_request(self._check)
        app.after_request(self._set_visitor_cookie)
        app.jinja_env.globals["csrf_field"] = self.field

    def field(self) -> Markup:
        """The hidden field that every form of ours begins with."""
        return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, self.token())

    def token(self) -> str:
        """The token for a form on the page being written."""
        actor = identity.find_actor()
        return actor.csrf if actor else self._visitor_token(self._visitor())

    def start_session(self, answer: Response, session: str) -> None:
        """Gives the browser a session; it ends with the browser or on the server."""
        self._set(answer, SESSION_COOKIE, session)

    def end_session(self, answer: Response) -> None:
        """Takes the session from the browser."""
        answer.delete_cookie(
            SESSION_COOKIE, path="/", secure=self._secure, httponly=True, samesite="Lax"
        )

    def device(self) -> str | None:
        """What registration gave this browser at an earlier sign-in; None at the first."""
        return request.cookies.get(DEVICE_COOKIE) or None

    def remember_device(self, answer: Response, device: str) -> None:
        """Lets the browser be known at its next sign-in, for a year; it goes to no other page."""
        answer.set_cookie(
            DEVICE_COOKIE,
            device,
            max_age=365 * 24 * 3600,
            path="/sign-in",
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )

    def remember(self, answer: Response, cookie: str, text: str) -> None:
        """Has the browser carry a text for us, sealed and of use in this session alone."""
        sealed = seal(self._session_key(), text.encode(), cookie.encode())
        self._set(answer, cookie, base64.urlsafe_b64encode(sealed).decode())

    def recall(self, cookie: str) -> str | None:
        """What `remember` gave to the browser; None if that is nothing, or of another session."""
        try:
            sealed = base64.urlsafe_b64decode(request.cookies.get(cookie, ""))
            return unseal(self._session_key(), sealed, cookie.encode()).decode()
        except (CannotOpen, ValueError):
            return None

    def _session_key(self) -> bytes:
        session_id = identity.current_actor().session_id
        return hmac.digest(self._key, b"remembered\0" + session_id.encode(), "sha256")

    def _check(self) -> None:
        if request.method not in ("POST", "PUT", "PATCH", "DELETE") or request.endpoint is None:
            return
        actor, given = identity.find_actor(), request.form.get(FIELD, "")
        if actor is not None and _same(given, actor.csrf):
            return
        view = _view_of(request.endpoint)
        if view is None or identity.access_of(view) != ("public",):
            if actor is None:
                raise Unauthenticated()
        elif _same(given, self._visitor_token(request.cookies.get(VISITOR_COOKIE, ""))):
            return
        abort(400, "form_expired")

    def _visitor(self) -> str:
        if "visitor" not in g:
            known = request.cookies.get(VISITOR_COOKIE, "")
            g.new_visitor = len(known) < 20
            g.visitor = secrets.token_urlsafe(24) if g.new_visitor else known
        visitor: str = g.visitor
        return visitor

    def _visitor_token(self, visitor: str) -> str:
        # No cookie, no token: an empty one would be the same for everybody.
        if not visitor:
            return ""
        return hmac.new(self._key, b"visitor form\0" + visitor.encode(), sha256).hexdigest()

    def _set_visitor_cookie(self, answer: FlaskResponse) -> FlaskResponse:
        if g.get("new_visitor"):
            self._set(answer, VISITOR_COOKIE, g.visitor)
        return answer

    def _set(self, answer: Response, name: str, value: str) -> None:
        answer.set_cookie(name, value, path="/", httponly=True, secure=self._secure, samesite="Lax")


def _view_of(endpoint: str) -> Callable[..., Any] | None:
    return current_app.view_functions.get(endpoint)


def _same(given: str, expected: str) -> bool:
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())
