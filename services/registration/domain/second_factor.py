"""The second factor of a sign-in: codes of an authenticator app, and recovery codes.

Pure: secrets and steps in, codes out. A code counts for its own half minute, the one before and the
one after, because telephones' clocks are not all right; each half minute once.

Source: RFC 6238 (TOTP), with the values that every authenticator app takes: SHA-1, six digits, 30
seconds. SHA-1 is what the apps know; its weakness, collisions, is of no use against an HMAC.
"""

from __future__ import annotations

import base64
import hmac
import os
import re
import secrets

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS = 30
WINDOW = 1
"""Steps before and after the present one whose codes count too."""
CODE_DIGITS = 6
SECRET_BYTES = 20
RECOVERY_CODES = 10
_GROUPS, _GROUP = 4, 6
# Without 0, 1, I and O, which people take for each other.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_ISSUER = "Fracture Audit"


def new_secret() -> bytes:
    """Returns a fresh secret for an authenticator app, 20 bytes."""
    return os.urandom(SECRET_BYTES)


def step_at(seconds: float) -> int:
    """Returns the number of the half minute in which a moment lies, counted from 1970."""
    return int(seconds // STEP_SECONDS)


def code_of(secret: bytes, step: int) -> str:
    """Returns the code of a half minute.

    >>> code_of(b"12345678901234567890", step_at(59))
    '287082'
    """
    return _hotp(secret).generate(step).decode()


def matching_step(secret: bytes, code: str, *, now: float, after: int) -> int | None:
    """Returns the half minute that a code belongs to; None if it belongs to none that counts.

    Args:
        secret: Of the account.
        code: As typed; spaces are no matter.
        now: Seconds since 1970.
        after: The last half minute whose code was used; only later ones count.
    """
    digits = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    present = step_at(now)
    for step in range(present - WINDOW, present + WINDOW + 1):
        if step > after and hmac.compare_digest(code_of(secret, step), digits):
            return step
    return None


def next_step(*, now: float, after: int) -> int:
    """Returns the half minute whose code to use next; it may not have come yet.

    Not the one before the present one, whose code may be worthless before it is typed.
    """
    return max(step_at(now), after + 1)


def shown_secret(secret: bytes) -> str:
    """Returns a secret as people type it into an app, in groups of four.

    >>> shown_secret(b"12345678901234567890")
    'GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ'
    """
    text = base64.b32encode(secret).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def app_address(secret: bytes, *, email: str) -> str:
    """Returns what an authenticator app reads from the QR code: an `otpauth://` address."""
    totp = TOTP(secret, CODE_DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 - see the module
    return totp.get_provisioning_uri(email, _ISSUER)


def new_recovery_codes() -> list[str]:
    """Returns ten fresh codes that each stand in for the app once, of 120 random bits."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
        for _ in range(RECOVERY_CODES)
    ]


def normal_recovery_code(text: str) -> str | None:
    """Returns a recovery code in the form in which it was made; None if it is of no such form.

    >>> normal_recovery_code("abcdef 234567 GHJKLM-npqrst")
    'ABCDEF-234567-GHJKLM-NPQRST'
    >>> normal_recovery_code("123456")
    """
    plain = re.sub(r"[\s-]", "", text.upper())
    if len(plain) != _GROUPS * _GROUP or not set(plain) <= set(_LETTERS):
        return None
    return "-".join(plain[start : start + _GROUP] for start in range(0, len(plain), _GROUP))


def _hotp(secret: bytes) -> HOTP:
    return HOTP(secret, CODE_DIGITS, SHA1())  # noqa: S303 - see the module
