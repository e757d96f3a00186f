"""What there is to do, by right."""

from __future__ import annotations

from typing import NamedTuple

from services.shared.identity import Actor


class Task(NamedTuple):
    """A card of the home page."""

    text: str
    href: str
    words: str


_TASKS = (
    (
        "records.import",
        Task("Upload records", "/imports/new", "Send a file, check it, confirm it."),
    ),
    ("records.read", Task("Your imports", "/imports", "Files you have sent, findings, ledgers.")),
    ("records.read", Task("Your records", "/records", "Every record of your site.")),
    (
        "facilities.read",
        Task("Facilities audit", "/facilities", "The questionnaire about your organisation."),
    ),
    (
        "tokens.manage",
        Task("API tokens", "/tokens", "For systems that send records by themselves."),
    ),
    (
        "registrations.review",
        Task("Registrations", "/review", "Forms that wait for approval, and those decided."),
    ),
    ("accounts.manage", Task("Accounts", "/accounts", "Switch accounts off and on.")),
    (
        "facilities.manage",
        Task("Facilities progress", "/facilities/progress", "Who has begun and who has submitted."),
    ),
)


def tasks_of(actor: Actor) -> list[Task]:
    """The cards of an account, in order."""
    return [task for right, task in _TASKS if actor.has(right)]
