"""What registration's views need besides the database; made once in `app.py`."""

from __future__ import annotations

from dataclasses import dataclass

from services.registration.actions.mails import MailDesk
from services.registration.hashing import PasswordHashing
from services.shared.identity import Signer
from services.shared.sealing import Keyring
from services.shared.web import app_state


@dataclass(frozen=True)
class Parts:
    """The joined parts of one application."""

    signer: Signer
    hashing: PasswordHashing
    desk: MailDesk
    second_factor_keys: Keyring
    contact_email: str


def parts() -> Parts:
    """Returns the parts of the application that serves this request."""
    found: Parts = app_state()
    return found
