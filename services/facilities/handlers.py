"""What facilities does when it hears something, and what it does by itself from time to time.

The consumer has opened the transaction, set its site and claimed the event; a handler only does the
work, and may be called again with an event that is older than what it knows.
"""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.facilities.actions.reminding import remind_site
from services.facilities.actions.sites import take_counts, take_site
from services.facilities.domain.asking import due_reminder
from services.facilities.queries.national import list_unsent
from services.facilities.queries.rounds import list_rounds, window_of
from services.facilities.schemas.events import SiteChanged, SiteCountsChanged
from services.facilities.settings import Settings
from services.facilities.today import today_in_london
from services.shared import logs
from services.shared.consumer import Event, Listener
from services.shared.db import transaction
from services.shared.errors import InvalidInput

SITE_CHANGED = "registration.site_changed.v1"
SITE_COUNTS_CHANGED = "records.site_counts_changed.v1"

LISTENS: tuple[str, ...] = (SITE_CHANGED, SITE_COUNTS_CHANGED)

REMIND_SECONDS = 300.0
"""How often rounds are looked through for reminders that are due."""


def listeners(settings: Settings) -> list[Listener]:
    """Return what the consumer listens to; no handler needs a setting yet."""
    return [
        Listener(SITE_CHANGED, site_changed, SiteChanged),
        Listener(SITE_COUNTS_CHANGED, site_counts_changed, SiteCountsChanged),
    ]


def site_changed(session: Session, event: Event) -> None:
    """Take over a site's full state, unless a newer one has been here already.

    Raises:
        InvalidInput: the event has no version, so it could not be told from an older one.
    """
    facts = {key: value for key, value in event.data.items() if key != "site_id"}
    take_site(session, site_id=event.data["site_id"], version=_version_of(event), facts=facts)


def site_counts_changed(session: Session, event: Event) -> None:
    """Take over what records has counted at a site, unless newer counts have been here already.

    Raises:
        InvalidInput: the event has no version, so it could not be told from an older one.
    """
    take_counts(
        session,
        site_id=event.data["site_id"],
        version=_version_of(event),
        months=event.data["months"],
    )


def send_reminders(engine: Engine) -> None:
    """Send the reminders that are due, each site in a transaction of its own."""
    today = today_in_london()
    sent = 0
    with transaction(engine, read_only=True, role="facilities_reader") as session:
        due = [
            (each.round_id, unsent.site_id, kind, window)
            for each in list_rounds(session)
            if each.reminds and each.opens_on <= today
            for unsent in list_unsent(session, each)
            for window in [window_of(each, unsent.extended_until)]
            if (kind := due_reminder(window, today, unsent.sent)) is not None
        ]
    for round_id, site_id, kind, window in due:
        with transaction(engine, site_id=site_id) as session:
            sent += remind_site(
                session, round_id=round_id, site_id=site_id, kind=kind, window=window
            )
    if sent:
        logs.get_logger().info("reminders_sent", reminders=sent)


def _version_of(event: Event) -> int:
    if event.envelope.subject_version is None:
        raise InvalidInput(detail=f"{event.envelope.type} carries no subjectversion")
    return event.envelope.subject_version
