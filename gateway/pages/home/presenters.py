"""What there is to do, by right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from gateway.clients import Clients
from gateway.days import today
from gateway.navigation import ELSEWHERE
from gateway.pages.people.presenters import role_title
from gateway.pages.periods.presenters import Deadline, deadlines_of
from gateway.pages.worklists.presenters import Waiting, waiting_of
from services.shared.errors import Forbidden, Unavailable
from services.shared.identity import Actor


class Work(NamedTuple):
    """What waits at a site.

    Attributes:
        known: False where records does not answer at the moment; the rest of the page is shown.
    """

    waiting: list[Waiting]
    deadlines: list[Deadline]
    known: bool


class Task(NamedTuple):
    """A card of the home page.

    Attributes:
        waiting: how many things wait behind it; None where that is not counted or not known.
    """

    text: str
    href: str
    words: str
    waiting: int | None = None


_TASKS = (
    (
        "records.write",
        Task("Add a record", "/records/new", "Type a fracture in, section by section."),
    ),
    (
        "records.import",
        Task("Upload records", "/imports/new", "Send a file, check it, confirm it."),
    ),
    ("records.import", Task("Your imports", "/imports", "Files you have sent, findings, ledgers.")),
    ("records.read", Task("Your records", "/records", "Every record of your site.")),
    (
        "facilities.read",
        Task("Facilities audit", "/facilities", "The questionnaire about your organisation."),
    ),
    ("site.manage", Task("People", "/people", "Who works here, and what they may do.")),
    (
        "site.manage",
        Task("Participation", "/participation", "Stated for your quality account."),
    ),
    (
        "tokens.manage",
        Task("API tokens", "/tokens", "For systems that send records by themselves."),
    ),
    ("sites.read", Task("Sites", "/sites", "Every site, by name or code.")),
    (
        "records.extract",
        Task("Extract", "/extract", "Records of all sites without what identifies a patient."),
    ),
    (
        "registrations.review",
        Task("Registrations", "/review", "Forms that wait for approval, and those decided."),
    ),
    ("registrations.review", Task("Notices", "/notices", "Tell everybody something.")),
    ("accounts.manage", Task("Accounts", "/accounts", "Switch accounts off and on.")),
    (
        "periods.manage",
        Task("Unlock requests", "/unlock-requests", "Sites that ask to change what is locked."),
    ),
    (
        "periods.manage",
        Task("Deadlines", "/periods/manage", "When each year closes, and more time for a site."),
    ),
    (
        "facilities.manage",
        Task("Facilities rounds", "/rounds", "Who has begun and who has submitted."),
    ),
    (
        "facilities.read_national",
        Task("Facilities rounds", "/rounds", "Every site’s answers."),
    ),
)


def tasks_of(actor: Actor) -> list[Task]:
    """The cards of an account, in order."""
    return [
        task
        for right, task in _TASKS
        if actor.has(right) and not (actor.visit_id and task.href in ELSEWHERE)
    ]


def with_counts(tasks: list[Task], clients: Clients) -> list[Task]:
    """The same cards, some with how much waits behind them."""
    registration, records = clients.registration, clients.records
    counts: dict[str, Callable[[], int]] = {
        "/review": lambda: registration.list_applications(state="submitted", page=1)["total"],
        "/people": lambda: int(registration.people_confirmation()["is_due"]),
        "/facilities": lambda: _open_rounds(clients.facilities.list_own_rounds()),
        "/unlock-requests": lambda: len(records.list_unlock_requests(state="asked")),
    }
    return [
        task._replace(waiting=_count(counts[task.href])) if task.href in counts else task
        for task in tasks
    ]


def _open_rounds(rounds: list[dict[str, Any]]) -> int:
    """How many rounds of the facilities audit the site can answer and has not submitted."""
    return sum(each["window"] == "open" and each["submitted_at"] is None for each in rounds)


def _count(ask: Callable[[], int]) -> int | None:
    """None while the service does not answer: the card is shown without a figure."""
    try:
        return int(ask())
    except (Forbidden, Unavailable):
        return None


def title_of(account: Mapping[str, Any]) -> str:
    """What the page of an account is headed with: its site, else what it is."""
    if account.get("site"):
        return str(account["site"]["name"])
    return next((role_title(role) for role in account.get("roles") or []), "No site")


def other_sites(account: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sites that the account could go to; none while it visits one."""
    if account.get("visit"):
        return []
    here = (account.get("site") or {}).get("site_id")
    return [site for site in account.get("sites") or [] if site["site_id"] != here]


def terms_due(clients: Clients) -> bool:
    """Whether the account has yet to accept the present terms; no while nobody can say."""
    try:
        return clients.registration.are_terms_due()
    except (Forbidden, Unavailable):
        return False


def notices_of(clients: Clients) -> list[dict[str, Any]]:
    """What the audit team tells everybody today; nothing while registration does not answer."""
    try:
        return clients.registration.current_notices()
    except (Forbidden, Unavailable):
        return []


def work_of(clients: Clients, actor: Actor) -> Work:
    """The work-lists that the account can do something about, and the site's deadlines."""
    if not actor.has("records.read"):
        return Work([], [], known=True)
    try:
        waiting = waiting_of(clients.records.list_worklists(), actor)
        deadlines = deadlines_of(clients.records.list_periods(), today())
    except (Forbidden, Unavailable):
        return Work([], [], known=False)
    return Work(waiting, deadlines, known=True)
