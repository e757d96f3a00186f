"""The terms of use: what everybody who has an account agrees to, by version.

A change of meaning is a new version: everybody is asked again. Earlier ones stay in the history of
this file; who accepted which stays in the database.
"""

from __future__ import annotations

VERSION = "2026-11"
TERMS: tuple[str, ...] = (
    "My account is mine alone. I tell nobody my password and no code, and I sign out when I leave "
    "a shared computer.",
    "I look at records of patients only where my work asks for it. I know that every opening of a "
    "record is written down.",
    "What I enter is true to the best of my knowledge, and I correct what I find to be wrong.",
    "I enter nobody who has opted out of the use of their data, where that applies.",
    "I keep what I see confidential, also after I have left the site. I send no details of a "
    "patient by e-mail.",
    "I tell the audit team at once when I think that somebody else has used my account, or that "
    "data have got into wrong hands.",
)
