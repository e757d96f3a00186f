"""Secret strings that stand for a person: sessions, API tokens and one-time links.

Each is 256 random bits in URL-safe text. Only its SHA-256 is ever stored: such a string cannot
be guessed from its digest, so no slow hash is needed. An invitation lasts 72 hours, as at other
audits.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

SESSION_LIFETIME = timedelta(hours=12)
"""From sign-in to the end, whatever is done meanwhile."""

IDLE_LIFETIME = timedelta(minutes=20)
"""After the last thing that somebody did; what a page asks by itself does not count."""
SESSION_USED_STEP = timedelta(minutes=1)
"""`last_used_at` of a session is exact to this: one write a minute instead of one a request."""

WAITING_LIFETIME = timedelta(minutes=15)
"""Of a sign-in that waits for a code; long enough to install an app and scan the QR code."""

LINK_LIFETIME = timedelta(hours=72)
RESET_LIFETIME = timedelta(hours=2)
"""Of a link that somebody asked for themselves: they read it at once, or ask again."""
RESETS_AN_HOUR = 3
"""Mails with such a link to one account, so that nobody's mailbox can be filled by asking."""
REGISTRATION_LINK_LIFETIME = timedelta(days=30)
"""Of a link to a registration form; each mail about it brings a fresh one."""
LINK_GONE = (
    "This link no longer works. It can be used once, and an invitation for 72 hours. Ask for a new "
    "one on the sign-in page."
)

TOKEN_LAST_USED_STEP = timedelta(hours=1)
"""`last_used_at` of a token is exact to this: one write an hour instead of one a request."""

TOKEN_MAX_DAYS = 366
TOKEN_OVERLAP_DAYS = 7
"""For how long a token works beside the one that takes its place, unless said otherwise."""

# Prefixes tell people, log scrubbers and secret scanners what a leaked string is.
_SESSION_PREFIX = "fls_s_"
_DEVICE_PREFIX = "fls_d_"
_WAITING_PREFIX = "fls_w_"
_TOKEN_PREFIX = "fls_t_"  # noqa: S105 - a prefix, not a password


def new_session_string() -> str:
    """Returns a fresh session string."""
    return _SESSION_PREFIX + secrets.token_urlsafe(32)


def new_token() -> str:
    """Returns a fresh API token."""
    return _TOKEN_PREFIX + secrets.token_urlsafe(32)


def new_device_string() -> str:
    """Returns a fresh string by which a browser is known. It opens nothing."""
    return _DEVICE_PREFIX + secrets.token_urlsafe(32)


def new_waiting_string() -> str:
    """Returns a fresh string of a sign-in that waits for its second factor."""
    return _WAITING_PREFIX + secrets.token_urlsafe(32)


def new_link() -> str:
    """Returns a fresh one-time link's secret part."""
    return secrets.token_urlsafe(32)


def is_session_string(credential: str) -> bool:
    """Says whether this was made by `new_session_string` (its look, not its validity)."""
    return credential.startswith(_SESSION_PREFIX)


def is_token(credential: str) -> bool:
    """Says whether this was made by `new_token` (its look, not its validity)."""
    return credential.startswith(_TOKEN_PREFIX)


def digest(credential: str) -> bytes:
    """Returns what is stored of a credential: its SHA-256, 32 bytes."""
    return hashlib.sha256(credential.encode()).digest()


def is_link_usable(*, expires_at: datetime, used_at: datetime | None, now: datetime) -> bool:
    """Says whether a one-time link may still be used: never used, and not yet expired."""
    return used_at is None and now < expires_at


def is_last_used_stale(
    last_used_at: datetime | None, now: datetime, *, step: timedelta = TOKEN_LAST_USED_STEP
) -> bool:
    """Says whether the `last_used_at` of a token or session is to be written again."""
    return last_used_at is None or now - last_used_at >= step
