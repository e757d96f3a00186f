"""What records does when it hears something: one function for each event.

The consumer has opened the transaction, set its site and claimed the event; a handler only does the
work, and may be called again with an event that it has handled or that is older than what it knows.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.records import schemas
from services.records.actions import (
    applying,
    applying_fresh,
    applying_whole,
    holding,
    sites,
    staging,
    telling_counts,
    undoing,
)
from services.records.keys import Keys, keys_from
from services.records.settings import Settings
from services.shared.consumer import Event, Listener
from services.shared.db import transaction
from services.shared.errors import InvalidInput

SITE_CHANGED = "registration.site_changed.v1"
ROWS_CHECKED = "imports.rows_checked.v1"
ROWS_COMPLETE = "imports.rows_complete.v1"
APPLY_WANTED = "imports.apply_wanted.v1"
CANCEL_WANTED = "imports.cancel_wanted.v1"
SLICE_WANTED = "records.slice_wanted.v1"
FRESH_SLICE_WANTED = "records.fresh_slice_wanted.v1"
IMPORT_EXPIRED = "imports.import_expired.v1"
UNDO_WANTED = "imports.undo_wanted.v1"
UNDO_SLICE_WANTED = "records.undo_slice_wanted.v1"

LISTENS: tuple[str, ...] = (
    SITE_CHANGED,
    ROWS_CHECKED,
    ROWS_COMPLETE,
    APPLY_WANTED,
    CANCEL_WANTED,
    IMPORT_EXPIRED,
    SLICE_WANTED,
    FRESH_SLICE_WANTED,
    UNDO_WANTED,
    UNDO_SLICE_WANTED,
)

TELL_SECONDS = 5.0
"""How often sites are looked for whose counts have changed."""

THREADS = 3
"""Two apply slices of a large import side by side, or one compares it: that is work of PostgreSQL.
The third takes the short steps of other sites."""

Handle = Callable[[Session, Event], None]


def listeners(settings: Settings) -> list[Listener]:
    """What the consumer listens to; of batches and slices no more than its threads can take."""
    keys = keys_from(settings)
    return [
        Listener(SITE_CHANGED, site_changed, schemas.SiteChanged),
        Listener(ROWS_CHECKED, rows_checked(keys), prefetch=THREADS),
        Listener(ROWS_COMPLETE, rows_complete(keys), schemas.RowsComplete),
        Listener(APPLY_WANTED, apply_wanted, schemas.ApplyWanted),
        Listener(CANCEL_WANTED, cancel_wanted, schemas.CancelWanted),
        Listener(IMPORT_EXPIRED, import_expired, schemas.CancelWanted),
        Listener(SLICE_WANTED, slice_wanted(keys), schemas.SliceWanted, prefetch=THREADS),
        Listener(
            FRESH_SLICE_WANTED, fresh_slice_wanted(keys), schemas.SliceWanted, prefetch=THREADS
        ),
        Listener(UNDO_WANTED, undo_wanted, schemas.UndoWanted),
        Listener(UNDO_SLICE_WANTED, undo_slice_wanted, schemas.SliceWanted, prefetch=THREADS),
    ]


def site_changed(session: Session, event: Event) -> None:
    """Takes over a site's full state, unless a newer one is here already.

    Raises:
        InvalidInput: the event has no version, so it could not be told from an older one.
    """
    if event.envelope.subject_version is None:
        raise InvalidInput(detail="site_changed carries no subjectversion")
    facts = {key: value for key, value in event.data.items() if key != "site_id"}
    sites.take_site(
        session,
        site_id=event.data["site_id"],
        version=event.envelope.subject_version,
        facts=facts,
    )


def rows_checked(keys: Keys) -> Handle:
    """The handler of row batches: stages the rows of one chunk."""

    def handle(session: Session, event: Event) -> None:
        staging.receive_batch(
            session,
            keys,
            site_id=site_of(event),
            import_id=UUID(event.envelope.subject),
            body=event.data,
        )

    return handle


def rows_complete(keys: Keys) -> Handle:
    """The handler of the announcement: how many batches an import has, and its mode."""

    def handle(session: Session, event: Event) -> None:
        staging.announce_import(session, keys, site_id=site_of(event), **event.data)

    return handle


def apply_wanted(session: Session, event: Event) -> None:
    """Begins to apply an import that someone has confirmed."""
    applying.apply_import(session, site_id=site_of(event), **event.data)


def cancel_wanted(session: Session, event: Event) -> None:
    """Drops what is staged of an import, now and later."""
    staging.cancel_import(session, site_id=site_of(event), **event.data)


def import_expired(session: Session, event: Event) -> None:
    """Forgets the rows of a stored import that nobody has decided about in time."""
    holding.forget_held(session, site_id=site_of(event), **event.data)


def slice_wanted(keys: Keys) -> Handle:
    """The handler of slices: applies the next rows of an import."""

    def handle(session: Session, event: Event) -> None:
        applying_whole.apply_next(session, keys, site_id=site_of(event), **event.data)

    return handle


def fresh_slice_wanted(keys: Keys) -> Handle:
    """The handler of slices of fresh rows, of which an import has two under way."""

    def handle(session: Session, event: Event) -> None:
        applying_fresh.apply_fresh_slice(session, keys, site_id=site_of(event), **event.data)

    return handle


def undo_wanted(session: Session, event: Event) -> None:
    """Begins to undo an applied import."""
    undoing.undo_import(session, site_id=site_of(event), **event.data)


def undo_slice_wanted(session: Session, event: Event) -> None:
    """Undoes the next records of an import."""
    undoing.undo_slice(session, site_id=site_of(event), **event.data)


def tell_counts(engine: Engine) -> None:
    """Tells of all sites whose records have changed, each in a transaction of its own."""
    with transaction(engine, read_only=True, role="records_reader") as session:
        due = telling_counts.find_due(session)
    for site_id in due:
        with transaction(engine, site_id=site_id) as session:
            telling_counts.tell_counts(session, site_id=site_id)


def site_of(event: Event) -> UUID:
    """The site that an event is about. Raises InvalidInput when its envelope names none."""
    if event.envelope.site_id is None:
        raise InvalidInput(detail=f"{event.envelope.type} names no site")
    return event.envelope.site_id
