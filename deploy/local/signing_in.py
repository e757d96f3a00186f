"""Signs the accounts of a demonstration in, second factor and all, through the API."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from deploy.local.asking import expect, patiently

SESSIONS = "/api/registration/v1/sessions"
CreateAdmin = Callable[[str, str, Path], None]
"""Makes an account of the audit team: e-mail, name, file with the password."""
CodeOf = Callable[[str], str]
"""Tells the next code of an account, as its authenticator app would: e-mail."""


@dataclass
class Operator:
    """What whoever runs a demonstration can do beside the API, and the team's session.

    A code of an app is good once, so the session of the audit team is kept for all that it is to
    approve.
    """

    create_admin: CreateAdmin
    code_of: CodeOf
    team_session: str | None = None


def sign_in(
    client: httpx.Client, account: dict[str, str], *, code_of: CodeOf
) -> dict[str, Any] | None:
    """Returns the session and its account, None where there is no such account or password.

    An account without an authenticator app is given one, as a person's telephone would be.

    Raises:
        StepFailed: The second factor was refused.
    """
    body = {"email": account["email"], "password": account["password"]}
    answer = patiently(lambda: client.post(SESSIONS, json=body))
    if answer.status_code == 401:
        return None
    opened = expect(answer, "signing in", 201, 202)
    if answer.status_code == 201:
        return opened
    waiting = {"waiting": opened["waiting"]}
    if opened["wants"] == "enrolment":
        path = f"{SESSIONS}/second-factor/enrolment"
        offer = expect(client.post(path, json=waiting), "setting an app up", 200)
        code = first_code(offer["secret"])
    else:
        code = code_of(account["email"])
    finished = client.post(f"{SESSIONS}/second-factor", json=waiting | {"code": code})
    return expect(finished, "passing the second factor", 201)


def first_code(secret: str) -> str:
    """Returns the code that an app shows now for a secret as it was offered, in base 32."""
    key = base64.b32decode(secret.replace(" ", ""))
    return TOTP(key, 6, SHA1(), 30).generate(int(time.time())).decode()  # noqa: S303 - RFC 6238
