"""The words of the mails we send: plain text, no patient data, nothing the reader must guess.

Pure: facts in, subject and body out.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from datetime import datetime

from services.registration.domain.participation import Participation

BRAND = "Fracture Audit"

_WIDTH = 72
"""Characters in a line of plain text, as mail has always had them."""

SIGNATURE = f"""\
{BRAND}

Replies reach the audit team. Never send patient details by e-mail.
"""


@dataclass(frozen=True)
class MailText:
    """One mail's words. `kind` names the sort of mail in lists and metrics."""

    kind: str
    subject: str
    body: str


@dataclass(frozen=True)
class OutgoingMail:
    """A mail as the mailer gets it."""

    to_address: str
    subject: str
    body: str
    message_id: str
    created_at: datetime


class MailRefused(Exception):
    """The receiving server will never take this mail. The text is its answer."""


class MailDelayed(Exception):
    """The receiving server does not take this mail now. The text is its answer."""


MAX_DELAYS = 20
"""How often one mail may be put off before it is given up, so that it cannot stop the others."""


def password_link(*, name: str, link: str) -> MailText:
    """Returns the mail with a one-time link for someone whose account was opened by an operator."""
    body = f"""\
Dear {name},

An account has been made for you. Choose a password on this page; the link works once, for 72 hours:

{link}

If you did not expect this, you can ignore it.

{SIGNATURE}"""
    return written("password_link", f"{BRAND}: choose your password", body)


def person_invited(*, name: str, organisation: str, role: str, by_name: str, link: str) -> MailText:
    """Returns the mail to someone who was added to a site and has no password yet."""
    body = f"""\
Dear {name},

{by_name} has added you to {organisation}. Your role is: {role}.

Choose a password on this page; the link works once, for 72 hours:

{link}

Then sign in with this e-mail address. If you did not expect this, you can ignore it.

{SIGNATURE}"""
    return written("person_invited", f"{BRAND}: you have been added to a site", body)


def person_added(*, name: str, organisation: str, role: str, by_name: str, link: str) -> MailText:
    """Returns the mail to someone with an account who was added to one more site."""
    body = f"""\
Dear {name},

{by_name} has added you to {organisation}. Your role is: {role}.

Sign in with your e-mail address and your password as before:

{link}

If you belong to several sites, the start page lets you go from one to the other.

{SIGNATURE}"""
    return written("person_added", f"{BRAND}: you have been added to a site", body)


_IMPORT_NEWS = {
    "checked": (
        "your file is checked",
        "is checked. Nothing of it is stored yet: look at what was found, then confirm or cancel.",
    ),
    "refused": (
        "your file needs mending",
        "could not be taken as it is. Nothing of it was stored; the page says what to mend.",
    ),
    "applied": (
        "your file is stored",
        "is stored. The page has the counts, what was left out, and the receipt.",
    ),
    "failed": (
        "your file could not be worked on",
        "could not be worked on. The fault is ours and has been recorded. Upload the file again; "
        "if it fails again, contact the audit team.",
    ),
}


def import_news(
    *, name: str, organisation: str, state: str, uploaded_at: datetime, link: str
) -> MailText:
    """Returns the mail to someone whose file waits for them or has ended while they were away.

    Args:
        state: `checked`, `refused`, `applied` or `failed`.
        uploaded_at: When they sent it, as their clock showed.
        link: The page of the import. The file's name stays out: it may be a patient's.
    """
    subject, news = _IMPORT_NEWS[state]
    moment = f"{uploaded_at.day} {uploaded_at:%B %Y} at {uploaded_at:%H:%M}"
    body = f"""\
Dear {name},

The file that you sent for {organisation} on {moment} {news}

{link}

{SIGNATURE}"""
    return written(f"import_{state}", f"{BRAND}: {subject}", body)


def message_to_team(*, name: str, email: str, words: str) -> MailText:
    """Returns the mail to the audit team with what somebody has written on the page Contact."""
    body = f"""\
From {name}, {email}:

{words}

Answer to {email}, not to the sender of this mail.
"""
    return written("message", f"{BRAND}: message from {name}", body)


def written(kind: str, subject: str, body: str) -> MailText:
    """Returns a mail, its lines broken at words; an address has no spaces and so stays whole."""
    lines = [
        textwrap.fill(line, _WIDTH, break_long_words=False, break_on_hyphens=False)
        for line in body.split("\n")
    ]
    return MailText(kind, subject, "\n".join(lines))


def parts_of(participation: Participation) -> str:
    """Returns what a site takes part in, as a sentence."""
    if participation.patient_audit:
        return "It takes part in the patient audit and in the facilities audit."
    return (
        "It takes part in the facilities audit. If a fracture liaison service starts at your site, "
        "tell the audit team: you can then take part in the patient audit too."
    )
