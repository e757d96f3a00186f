"""Who is calling: verifies the gateway's token and says what each view demands.

The token is a JWT (EdDSA, RFC 8037) that registration signs for at most 60 seconds and nginx passes
on as `X-FLS-Identity`. A view says who may call it with `@allows(...)` or `@public`; one that
says nothing cannot be served (`web.make_app` refuses to start).
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from flask import g

from services.shared.errors import Forbidden, Unauthenticated

HEADER = "X-FLS-Identity"
LIFETIME_SECONDS = 60
_ISSUER = "registration"
_LEEWAY_SECONDS = 5
_MOST_REMEMBERED = 500

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Actor:
    """The account that calls.

    Attributes:
        site_id: the site it is acting for; None for a national account that visits none.
        rights: words such as `records.read`.
        csrf: what a form of this session must carry.
        visit_id: of the visit, while the audit team acts at a site.
    """

    account_id: UUID
    site_id: UUID | None
    rights: frozenset[str]
    session_id: str
    csrf: str
    visit_id: UUID | None = None

    def has(self, right: str) -> bool:
        """True when the account holds the right."""
        return right in self.rights

    def own_site(self) -> UUID:
        """The site it acts for. Raises Forbidden when it acts for none."""
        if self.site_id is None:
            raise Forbidden("This belongs to a site, and your account acts for none.")
        return self.site_id


class Signer:
    """Signs identity tokens; only registration has one."""

    def __init__(self, private_key: str, key_id: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(private_key))
        self._key_id = key_id

    def sign(self, actor: Actor, *, now: float | None = None) -> str:
        """A token about the actor that lives for 60 seconds."""
        issued = int(time.time() if now is None else now)
        claims = {
            "iss": _ISSUER,
            "iat": issued,
            "exp": issued + LIFETIME_SECONDS,
            "sub": str(actor.account_id),
            "site": None if actor.site_id is None else str(actor.site_id),
            "rights": sorted(actor.rights),
            "sid": actor.session_id,
            "csrf": actor.csrf,
            "visit": None if actor.visit_id is None else str(actor.visit_id),
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._key_id})


class Verifier:
    """Verifies identity tokens with registration's public keys, several at once.

    The gateway passes the same token on for as long as it keeps registration's answer, so what was
    verified is remembered until it expires.
    """

    def __init__(self, public_keys: Mapping[str, str]) -> None:
        self._keys = {
            key_id: Ed25519PublicKey.from_public_bytes(base64.b64decode(key))
            for key_id, key in public_keys.items()
        }
        self._known: dict[str, tuple[float, Actor]] = {}

    def verify(self, token: str) -> Actor:
        """The actor that the token speaks of.

        Raises:
            Unauthenticated: forged, expired, malformed, or signed with an unknown key.
        """
        expires, actor = self._known.get(token, (0.0, None))
        if actor is not None and time.time() < expires:
            return actor
        expires, actor = self._verify(token)
        known = self._known if len(self._known) < _MOST_REMEMBERED else {}
        self._known = {**known, token: (expires, actor)}
        return actor

    def _verify(self, token: str) -> tuple[float, Actor]:
        try:
            key = self._keys[jwt.get_unverified_header(token)["kid"]]
            claims = jwt.decode(
                token,
                key,
                algorithms=["EdDSA"],
                issuer=_ISSUER,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "sub", "sid", "csrf", "rights"]},
            )
            actor = Actor(
                account_id=UUID(claims["sub"]),
                site_id=None if claims.get("site") is None else UUID(claims["site"]),
                rights=frozenset(claims["rights"]),
                session_id=claims["sid"],
                csrf=claims["csrf"],
                visit_id=None if claims.get("visit") is None else UUID(claims["visit"]),
            )
            return float(claims["exp"]), actor
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, AttributeError):
            raise Unauthenticated("Who is calling could not be verified. Sign in again.") from None


def find_actor() -> Actor | None:
    """The caller of this request; None for a visitor."""
    actor: Actor | None = g.get("actor")
    return actor


def current_actor() -> Actor:
    """The caller of this request. Raises Unauthenticated for a visitor."""
    actor = find_actor()
    if actor is None:
        raise Unauthenticated()
    return actor


def allows(*rights: str) -> Callable[[View], View]:
    """Lets only accounts call the view that hold at least one of the rights."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if current_actor().rights.isdisjoint(rights):
                raise Forbidden()
            return view(*args, **kwargs)

        guarded.access = rights  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def signed_in(view: View) -> View:
    """Lets every signed-in account call the view, whatever its rights."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        current_actor()
        return view(*args, **kwargs)

    guarded.access = ("signed in",)  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def public(view: View) -> View:
    """Lets anyone call the view."""
    view.access = ("public",)  # type: ignore[attr-defined]
    return view


def access_of(view: Callable[..., Any]) -> tuple[str, ...] | None:
    """What a view demands: rights, `signed in` or `public`; None when it says nothing.

    flask-smorest wraps views after us, so the mark is looked for through the wrappers.
    """
    seen: Any = view
    while seen is not None:
        access = getattr(seen, "access", None)
        if access is not None:
            return tuple(access)
        seen = getattr(seen, "__wrapped__", None)
    return None
