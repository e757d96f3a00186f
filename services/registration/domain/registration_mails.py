"""The words of the mails about registering a site. Pure, like `mails`."""

from __future__ import annotations

from services.registration.domain.mails import BRAND, SIGNATURE, MailText, parts_of, written
from services.registration.domain.participation import Participation


def registration_link(*, link: str, is_new: bool) -> MailText:
    """Returns the mail with the link to a registration form, begun or to begin."""
    what = "You can register your site" if is_new else "You can go on with the registration"
    body = f"""\
Dear colleague,

{what} on this page:

{link}

What you enter is saved as you go: use the same link to come back within 30 days, or to follow what becomes of your registration. Whoever has the link can see and change the form, so pass it on only to those who fill it in with you.

If you have not asked for this mail, you can ignore it.

{SIGNATURE}"""  # noqa: E501 - lines are broken when the mail is made
    return written("registration_link", f"{BRAND}: your registration form", body)


def registration_known(*, name: str, link: str, reset: str) -> MailText:
    """Returns the mail to someone who wants to register and has an account already."""
    body = f"""\
Dear {name},

Somebody, perhaps you, wants to register a site with this e-mail address. It has an account already. Sign in here:

{link}

If you have lost your password, choose a new one here:

{reset}

To register a further site, use the address of the person who will lead it.

{SIGNATURE}"""  # noqa: E501 - lines are broken when the mail is made
    return written("registration_known", f"{BRAND}: you have an account already", body)


def application_received(*, name: str, organisation: str, reference: str, link: str) -> MailText:
    """Returns the mail to an applicant whose form has arrived."""
    body = f"""\
Dear {name},

Thank you for registering {organisation}. Your reference number is {reference}.

The audit team will look at the registration and write to you. You need not do anything until then. On this page you can see how it stands, and save a copy of your form:

{link}

{SIGNATURE}"""  # noqa: E501 - lines are broken when the mail is made
    return written("application_received", f"{BRAND}: registration received ({reference})", body)


def application_queried(
    *, name: str, organisation: str, reference: str, words: str, link: str
) -> MailText:
    """Returns the mail with a question of the audit team."""
    body = f"""\
Dear {name},

The audit team has a question about the registration of {organisation} ({reference}):

{words}

Please answer on this page:

{link}

{SIGNATURE}"""
    return written("application_queried", f"{BRAND}: a question about {reference}", body)


def application_approved(
    *,
    name: str,
    organisation: str,
    site_code: str,
    participation: Participation,
    link: str,
) -> MailText:
    """Returns the mail that tells a lead of the approval and carries the one-time link."""
    body = f"""\
Dear {name},

The registration of {organisation} has been approved. Its site code is {site_code}.

{parts_of(participation)}

You are the lead of this site. Choose a password on this page; the link works once, for 72 hours:

{link}

Then sign in with this e-mail address.

{SIGNATURE}"""
    return written("application_approved", f"{BRAND}: your site is registered", body)


def application_declined(*, name: str, organisation: str, reference: str, reason: str) -> MailText:
    """Returns the mail that tells an applicant of the refusal and its reason."""
    body = f"""\
Dear {name},

The audit team could not approve the registration of {organisation} ({reference}). The reason:

{reason}

You are welcome to register again once this is settled.

{SIGNATURE}"""
    subject = f"{BRAND}: registration not approved ({reference})"
    return written("application_declined", subject, body)


def site_suspended(*, name: str, organisation: str, reason: str) -> MailText:
    """Returns the mail to a lead whose site cannot work for now."""
    body = f"""\
Dear {name},

The audit team has suspended {organisation}. Until it is reinstated, nobody can see or enter anything for this site; nothing of what is stored is lost. The reason:

{reason}

Reply to this mail to settle it.

{SIGNATURE}"""  # noqa: E501 - lines are broken when the mail is made
    return written("site_suspended", f"{BRAND}: your site is suspended", body)


def site_reinstated(*, name: str, organisation: str, link: str) -> MailText:
    """Returns the mail to a lead whose site can work again."""
    body = f"""\
Dear {name},

{organisation} has been reinstated: everyone at the site can go on as before.

{link}

{SIGNATURE}"""
    return written("site_reinstated", f"{BRAND}: your site is reinstated", body)


def participation_changed(
    *, name: str, organisation: str, participation: Participation, from_day: str
) -> MailText:
    """Returns the mail to a lead whose site takes part in other parts of the audit now."""
    body = f"""\
Dear {name},

From {from_day} on, what {organisation} takes part in has changed. {parts_of(participation)}

What was entered before stays.

{SIGNATURE}"""
    return written("participation_changed", f"{BRAND}: what your site takes part in", body)
