"""Codes of the accounts of a demonstration, for whoever runs it and has no app at hand."""

from __future__ import annotations

import time

from sqlalchemy.orm import Session

from services.registration import queries
from services.registration.actions.second_factors import secret_of
from services.registration.domain.second_factor import STEP_SECONDS, WINDOW, code_of, next_step
from services.registration.tables import SecondFactor
from services.shared.errors import NotFound
from services.shared.sealing import Keyring


def next_code(session: Session, keys: Keyring, email: str) -> tuple[str, float]:
    """Returns the next code that an account can use, and in how many seconds it counts.

    While an app is being set up, the code of the secret that was offered last.

    Raises:
        NotFound: There is no such account, or nothing that makes codes for it.
    """
    account = queries.find_account(session, email)
    if account is None:
        raise NotFound(f"There is no account {email}.")
    factor = session.get(SecondFactor, account.account_id)
    sealed = factor.sealed if factor else queries.find_offered(session, account.account_id)
    if sealed is None:
        raise NotFound(
            f"{email} has no authenticator app yet. Sign in with the password: the page then "
            "offers one, and this command has its code."
        )
    now = time.time()
    step = next_step(now=now, after=factor.last_step if factor else 0)
    wait = max(0.0, (step - WINDOW) * STEP_SECONDS - now)
    return code_of(secret_of(keys, account, sealed), step), wait
