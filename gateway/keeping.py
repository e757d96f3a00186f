"""Keeps what somebody typed over the end of their session.

A form that is worth it carries a sealed note of who typed it (`author_field`). If it is sent when
the session is over, the whole form travels on, sealed, as a hidden field of the sign-in page, and
is sent again once the same account is signed in. Nothing is stored; the seal's key is ours alone,
so no other account, and no other page, can open or make one.
"""

from __future__ import annotations

import base64
import hmac
import json
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from flask import Flask, current_app, g, request
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from gateway.form_tokens import FIELD as TOKEN_FIELD
from gateway.settings import GatewaySettings
from services.shared import identity
from services.shared.sealing import CannotOpen, seal, unseal

FIELD = "kept"
AUTHOR_FIELD = "author"
KEPT_SECONDS = 30 * 60
"""How long a sealed form can be sent on: a page left open must not save it days later."""
_AUTHOR_SECONDS = 24 * 60 * 60
"""How old a form may be when it is sent; longer than any session lasts."""


@dataclass(frozen=True)
class KeptForm:
    """A form that was sent without a session.

    Attributes:
        account_id, site_id: who typed it, and at which site.
        path, query: where it was sent to.
    """

    account_id: str
    site_id: str | None
    path: str
    query: str
    form: MultiDict[str, str]

    def is_by(self, account_id: object) -> bool:
        """Whether this account typed it."""
        return self.account_id == str(account_id)

    def is_at(self, site_id: object) -> bool:
        """Whether it was typed at this site."""
        return self.site_id == (None if site_id is None else str(site_id))


class KeptForms:
    """Seals and opens forms; gives templates `author_field()`.

    Attributes:
        clock: seconds since 1970.
    """

    def __init__(self, settings: GatewaySettings, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self._key = hmac.new(settings.visitor_key, b"kept forms", sha256).digest()

    def register(self, app: Flask) -> None:
        """Gives the templates `author_field()`."""
        app.jinja_env.globals["author_field"] = self.author_field

    def author_field(self) -> Markup:
        """The hidden field that says who types into the form being written."""
        actor = identity.current_actor()
        site = None if actor.site_id is None else str(actor.site_id)
        note = {"account": str(actor.account_id), "site": site, "at": int(self.clock())}
        sealed = self._seal(note, b"author")
        return Markup('<input type="hidden" name="{}" value="{}">').format(AUTHOR_FIELD, sealed)

    def seal_posted(self) -> str | None:
        """The form of this request, sealed; None if it does not say who typed it."""
        author = self._open(request.form.get(AUTHOR_FIELD, ""), b"author", _AUTHOR_SECONDS)
        if request.method != "POST" or author is None:
            return None
        items = [
            [name, value]
            for name, value in request.form.items(multi=True)
            if name not in (TOKEN_FIELD, AUTHOR_FIELD)
        ]
        kept = {
            **author,
            "at": int(self.clock()),
            "path": request.path,
            "query": request.query_string.decode("ascii", "ignore"),
            "items": items,
        }
        return self._seal(kept, b"form")

    def open(self, sealed: str) -> KeptForm | None:
        """Opens a sealed form; None if it is none of ours or older than half an hour."""
        kept = self._open(sealed, b"form", KEPT_SECONDS)
        if kept is None:
            return None
        form = MultiDict([(name, value) for name, value in kept["items"]])
        return KeptForm(kept["account"], kept["site"], kept["path"], kept["query"], form)

    def _seal(self, content: dict[str, Any], what: bytes) -> str:
        packed = zlib.compress(json.dumps(content, separators=(",", ":")).encode())
        return base64.urlsafe_b64encode(seal(self._key, packed, what)).decode()

    def _open(self, sealed: str, what: bytes, seconds: int) -> dict[str, Any] | None:
        try:
            packed = unseal(self._key, base64.urlsafe_b64decode(sealed), what)
        except (CannotOpen, ValueError):
            return None
        content: dict[str, Any] = json.loads(zlib.decompress(packed))
        return content if self.clock() - content["at"] < seconds else None


def kept_forms() -> KeptForms:
    """The application's own."""
    kept: KeptForms = current_app.extensions["fls_kept"]
    return kept


def forget_caller() -> None:
    """Writes the rest of this answer as for a visitor: the session of the caller is over.

    The forms of the answer then carry the visitor's token, which holds whoever signs in next.
    """
    g.pop("actor", None)
