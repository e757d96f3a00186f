"""What facilities does when it hears something: one function for each event.

The consumer has opened the transaction, set its site and claimed the event; a handler only does the
work, and may be called again with an event that is older than what it knows.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.facilities.actions import take_site
from services.facilities.schemas import SiteChanged
from services.facilities.settings import Settings
from services.shared.consumer import Event, Listener
from services.shared.errors import InvalidInput

SITE_CHANGED = "registration.site_changed.v1"

LISTENS: tuple[str, ...] = (SITE_CHANGED,)


def listeners(settings: Settings) -> list[Listener]:
    """Return what the consumer listens to; no handler needs a setting yet."""
    return [Listener(SITE_CHANGED, site_changed, SiteChanged)]


def site_changed(session: Session, event: Event) -> None:
    """Take over a site's full state, unless a newer one has been here already.

    Raises:
        InvalidInput: the event has no version, so it could not be told from an older one.
    """
    if event.envelope.subject_version is None:
        raise InvalidInput(detail="site_changed carries no subjectversion")
    facts = {key: value for key, value in event.data.items() if key != "site_id"}
    take_site(
        session,
        site_id=event.data["site_id"],
        version=event.envelope.subject_version,
        facts=facts,
    )
