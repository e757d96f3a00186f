"""The words of the mails about signing in: what its owner must hear of, whoever did it.

Pure, like `mails`: facts in, subject and body out.
"""

from __future__ import annotations

from datetime import date

from services.registration.domain.mails import BRAND, SIGNATURE, MailText, written


def password_reset(*, name: str, link: str) -> MailText:
    """Returns the mail to someone who has asked for a new password."""
    body = f"""\
Dear {name},

Somebody has asked for a new password for this e-mail address. If it was you, choose one on this page; the link works once, for two hours:

{link}

If it was not you, you can ignore this mail: your password stays as it is.

{SIGNATURE}"""  # noqa: E501 - lines are broken when the mail is made
    return written("password_reset", f"{BRAND}: choose a new password", body)


def new_device(*, name: str, link: str) -> MailText:
    """Returns the mail to someone whose account was just used from a browser it does not know."""
    body = f"""\
Dear {name},

Somebody has signed in with your e-mail address and password from a browser that has not been used with your account before. If it was you, there is nothing to do.

If it was not you, choose a new password at once, which also signs them out, and tell the audit team:

{link}

{SIGNATURE}"""  # noqa: E501 - lines are broken when the mail is made
    return written("new_device", f"{BRAND}: a new browser signed in", body)


def second_factor_set_up(*, name: str, is_new: bool, link: str) -> MailText:
    """Returns the mail to someone whose account has an authenticator app from now on."""
    what = "an authenticator app" if is_new else "another authenticator app"
    body = f"""\
Dear {name},

From now on your account asks for the codes of {what}, which was set up just now. If it was you, there is nothing to do.

If it was not you, tell the audit team at once by replying to this mail, and choose a new password:

{link}

{SIGNATURE}"""  # noqa: E501 - lines are broken when the mail is made
    return written("second_factor_set_up", f"{BRAND}: authenticator app set up", body)


def second_factor_taken_away(*, name: str, link: str) -> MailText:
    """Returns the mail to someone whose lost authenticator app no longer counts."""
    body = f"""\
Dear {name},

The authenticator app of your account has been taken away, because it was said to be lost. When you sign in next, you set up another one:

{link}

If you did not ask for this, tell the audit team at once by replying to this mail.

{SIGNATURE}"""  # noqa: E501 - lines are broken when the mail is made
    return written("second_factor_taken_away", f"{BRAND}: authenticator app taken away", body)


def log_head(*, day: date, head: str, signature: str) -> MailText:
    """Returns the mail to the audit team with the head of the log's chain on a day."""
    body = f"""\
Dear colleague,

This is the head of the log's chain on {day:%-d %B %Y}. Keep this mail: with it anybody can show later that no line up to then was altered, removed or slipped in.

{head}

Signature:

{signature}

To check: ./flsdb verify-log --head {head}

{SIGNATURE}"""  # noqa: E501 - lines are broken when the mail is made
    return written("log_head", f"{BRAND}: head of the log, {day.isoformat()}", body)


def unused_warning(*, name: str, days: int, link: str) -> MailText:
    """Returns the mail to someone whose account will be switched off because nobody uses it."""
    body = f"""\
Dear {name},

Nobody has used your account for a long time. To keep patients' data safe it will be switched off in {days} days. If you still need it, sign in before:

{link}

If you have left your site, you need do nothing.

{SIGNATURE}"""  # noqa: E501 - lines are broken when the mail is made
    return written("unused_warning", f"{BRAND}: your account is about to be switched off", body)


def people_due(*, name: str, organisation: str, link: str) -> MailText:
    """Returns the mail to a lead who is to look through the people of the site."""
    body = f"""\
Dear {name},

Twice a year the lead of each site looks through who can sign in. For {organisation} it is time: take out who has left, correct roles, and confirm the list on this page:

{link}

{SIGNATURE}"""  # noqa: E501 - lines are broken when the mail is made
    return written("people_due", f"{BRAND}: who works at {organisation}?", body)


def recovery_code_used(*, name: str, left: int, link: str) -> MailText:
    """Returns the mail to someone with one of whose recovery codes somebody has signed in."""
    codes = "None is left." if left == 0 else f"{left} {'is' if left == 1 else 'are'} left."
    body = f"""\
Dear {name},

Somebody has signed in to your account with a recovery code instead of the authenticator app. {codes} On this page you can make new ones, or use another app:

{link}

If it was not you, tell the audit team at once by replying to this mail.

{SIGNATURE}"""  # noqa: E501 - lines are broken when the mail is made
    return written("recovery_code_used", f"{BRAND}: a recovery code was used", body)
