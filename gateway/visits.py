"""The visit in which the audit team looks at a site: told above every page while it goes on."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import g

from gateway.clients import Clients
from services.shared.errors import FlsError
from services.shared.identity import find_actor
from services.shared.web import app_state


def own_account() -> dict[str, Any]:
    """The caller's account as registration knows it, asked for once a page."""
    if "own_account" not in g:
        clients: Clients = app_state()
        g.own_account = clients.registration.me()
    account: dict[str, Any] = g.own_account
    return account


def current_visit() -> dict[str, Any] | None:
    """Site, reason and end of the caller's visit; None for everybody who visits none.

    While registration does not answer, a visit without words: that there is one must be seen.
    """
    actor = find_actor()
    if actor is None or actor.visit_id is None:
        return None
    with suppress(FlsError):
        account = own_account()
        if account.get("visit"):
            return {**account["visit"], "site": account["site"]}
    return {}
