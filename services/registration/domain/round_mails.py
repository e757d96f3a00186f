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
}


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
        kind: `opened`, `28`, `7`, `1` or `asked`; what facilities wants.
        last_day: Of answering, None if it has none.
        is_begun: Whether something is answered already.
        link: The page of the round.
    """
    so_far = (
        f"{organisation} has begun {title}, and has not submitted its answers."
        if is_begun
        else f"{organisation} has not begun {title}."
    )
    opening = f"{title} has opened, and {organisation} is asked to answer."
    until = f" The last day is {last_day.day} {last_day:%B %Y}." if last_day else ""
    body = f"""\
Dear {name},

{opening if kind == "opened" else so_far}{until}

{link}

What was answered last time is proposed and only has to be confirmed. Several people can answer, section by section; the lead submits.

{SIGNATURE}"""  # noqa: E501 - lines are broken when the mail is made
    return written(f"round_{kind}", f"{BRAND}: {_SUBJECTS[kind].format(title=title)}", body)
