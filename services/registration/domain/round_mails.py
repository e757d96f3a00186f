"""The words of the mails about rounds of the facilities audit.

Pure, like `mails`: facts in, subject and body out.
"""

from __future__ import annotations

from datetime import date

from services.registration.domain.mails import BRAND, SIGNATURE, MailText, written

_SUBJECTS = {
    "opened": "{title} has opened",
    "28": "{title}: four weeks left",
    "7": "{title}: one week left",
    "1": "{title} closes tomorrow",
    "asked": "{title} waits for your site",
    "reopened": "{title}: your answers are open again",
    "extended": "{title}: your site has more time",
}
KINDS = tuple(_SUBJECTS)
"""What facilities can want a mail for."""


def round_reminder(
    *,
    name: str,
    organisation: str,
    title: str,
    kind: str,
    last_day: date | None,
    is_begun: bool,
    link: str,
) -> MailText:
    """Returns the mail to someone whose site is asked in a round and has not submitted.

    Args:
        name: Of the reader.
        organisation: The site.
        title: Of the round.
        kind: One of `KINDS`; what facilities wants.
        last_day: Of answering, None if it has none.
        is_begun: Whether something is answered already.
        link: The page of the round.
    """
    opening = {
        "opened": f"{title} has opened, and {organisation} is asked to answer.",
        "reopened": f"The audit team has opened the answers of {organisation} to {title} again. "
        "Correct them, and submit them once more.",
        "extended": f"The audit team has given {organisation} more time for {title}.",
    }
    so_far = (
        f"{organisation} has begun {title}, and has not submitted its answers."
        if is_begun
        else f"{organisation} has not begun {title}."
    )
    until = f" The last day is {last_day.day} {last_day:%B %Y}." if last_day else ""
    body = f"""\
Dear {name},

{opening.get(kind, so_far)}{until}

{link}

What was answered last time is proposed and only has to be confirmed. Several people can answer, section by section; the lead submits.

{SIGNATURE}"""  # noqa: E501 - lines are broken when the mail is made
    return written(f"round_{kind}", f"{BRAND}: {_SUBJECTS[kind].format(title=title)}", body)
