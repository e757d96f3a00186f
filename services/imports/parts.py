"""What imports' views need besides the database."""

from __future__ import annotations

from dataclasses import dataclass

from services.imports.domain.receipts import Signer
from services.shared.sealing import Keyring
from services.shared.web import app_state


@dataclass(frozen=True, slots=True)
class Parts:
    """Made once by `create_app`."""

    keyring: Keyring
    upload_limit_bytes: int
    undo_days: int
    signer: Signer


def parts() -> Parts:
    """The parts of the application that answers this request."""
    state: Parts = app_state()
    return state
