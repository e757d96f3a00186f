"""What makes a password acceptable, and how it is written down before it is hashed.

At least 12 characters, not a common one, no rules about symbols: what is asked of passwords today.
"""

from __future__ import annotations

import re
import unicodedata

MIN_LENGTH = 12
MAX_LENGTH = 256
"""Longer ones would only cost hashing time; no person's passphrase comes near."""

# Words that people stretch with digits and signs: "Password2026!" is "password".
_OBVIOUS = frozenset(
    """
    password passwort passphrase passwordpassword letmein letmeinplease welcome welcomewelcome
    changeme changemenow qwerty qwertyuiop qwertyqwerty qwertyuiopasdfghjkl asdfghjkl
    asdfghjklzxcvbnm zxcvbnm iloveyou iloveyouiloveyou administrator admin
    adminadmin hospital healthcare fracture fractures fractureaudit fractureliaison
    fractureliaisonservice liaisonservice auditteam osteoporosis
    abcdefghijkl abcdefghijklm abcdefghijklmnop abcdefghijklmnopqrstuvwxyz correcthorsebatterystaple
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
_DIGITS = "01234567890123456789"
_MIN_NAME_LENGTH = 4


def normal_password(password: str) -> str:
    """Returns the password in one Unicode form, so that every keyboard gives the same bytes."""
    return unicodedata.normalize("NFKC", password)


def password_problems(password: str, *, email: str) -> list[str]:
    """Returns what is wrong with a new password, as sentences to the person; empty if nothing.

    >>> password_problems("Password2026!", email="a@example.org")
    ['This password is among the first that others would guess. Choose another.']
    >>> password_problems("three green bicycles", email="a@example.org")
    []
    """
    text = normal_password(password)
    if len(text) < MIN_LENGTH:
        return [
            f"The password must have at least {MIN_LENGTH} characters. "
            "Three words are a good start."
        ]
    if len(text) > MAX_LENGTH:
        return [f"The password can have at most {MAX_LENGTH} characters."]
    if _is_obvious(text):
        return ["This password is among the first that others would guess. Choose another."]
    if _contains_name(text, email):
        return ["The password must not contain the name in your e-mail address."]
    return []


def _is_obvious(text: str) -> bool:
    folded = text.casefold()
    core = re.sub(r"[\W\d_]+", "", folded)
    if core in _OBVIOUS or len(set(folded)) < 4:
        return True
    digits = re.sub(r"\D", "", folded)
    return not core and (digits in _DIGITS or digits[::-1] in _DIGITS)


def _contains_name(text: str, email: str) -> bool:
    name = email.partition("@")[0].casefold()
    plain = re.sub(r"[._+-]", "", name)
    folded = text.casefold()
    return any(len(part) >= _MIN_NAME_LENGTH and part in folded for part in (name, plain))
