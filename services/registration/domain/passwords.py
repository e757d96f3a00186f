"""What makes a password acceptable, and how it is written down before it is hashed.

At least 12 characters, not a common one or one made of such, no rules about symbols: what is asked
of passwords today. How many guesses one takes is estimated by zxcvbn, with its own lists.
"""

from __future__ import annotations

import re
import unicodedata

from zxcvbn import zxcvbn  # type: ignore[import-untyped]

MIN_LENGTH = 12
MAX_LENGTH = 256
"""Longer ones would only cost hashing time; no person's passphrase comes near."""

ENOUGH_GUESSES_LOG10 = 9
"""Ten to this power: what a password must withstand, with every attempt held off and hashed."""
_LOOKED_AT = 72
"""Characters that zxcvbn takes; what is that long is hard enough by then."""
# What people here would think of first.
_OUR_WORDS = (
    "fracture", "fractures", "liaison", "service", "audit", "hospital", "trust", "clinic",
    "osteoporosis", "bone", "health", "fractureaudit", "fractureliaison", "fls",
)  # fmt: skip
_MIN_NAME_LENGTH = 4


def normal_password(password: str) -> str:
    """Returns the password in one Unicode form, so that every keyboard gives the same bytes."""
    return unicodedata.normalize("NFKC", password)


def password_problems(password: str, *, email: str) -> list[str]:
    """Returns what is wrong with a new password, as sentences to the person; empty if nothing.

    >>> password_problems("Hospital12345", email="a@example.org")
    ['Others would guess this password soon. Use three or four words that have no link.']
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
    if _is_guessed(text, email):
        return ["Others would guess this password soon. Use three or four words that have no link."]
    if _contains_name(text, email):
        return ["The password must not contain the name in your e-mail address."]
    return []


def _is_guessed(text: str, email: str) -> bool:
    names = re.split(r"[@._+-]", email.casefold())
    found = zxcvbn(text[:_LOOKED_AT], user_inputs=[*_OUR_WORDS, *names])
    return bool(found["guesses_log10"] < ENOUGH_GUESSES_LOG10)


def _contains_name(text: str, email: str) -> bool:
    name = email.partition("@")[0].casefold()
    plain = re.sub(r"[._+-]", "", name)
    folded = text.casefold()
    return any(len(part) >= _MIN_NAME_LENGTH and part in folded for part in (name, plain))
