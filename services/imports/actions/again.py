"""Begins a new import of a file that is here already, such as after it was set up anew."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from services.imports.actions.deciding import tell_records_to_drop
from services.imports.actions.files import StoredFile, drop_parts
from services.imports.actions.history import move
from services.imports.actions.uploads import Upload, receive_upload
from services.imports.domain.sources import blocks_of
from services.imports.domain.states import CANCELLED, CHECKED, REFUSED
from services.imports.domain.uploads import Choices
from services.imports.queries.working import lock_import
from services.imports.tables import Import
from services.shared.errors import Conflict, NotFound
from services.shared.identity import Actor
from services.shared.sealing import Keyring


def start_again(
    session: Session, import_id: UUID, *, by: Actor, site_id: UUID, keyring: Keyring
) -> UUID:
    """Takes the bytes of an import in once more, with the same choices; does not commit.

    One that waits for confirmation is cancelled by it: nothing of it was stored.

    Returns:
        The id of the new import.

    Raises:
        NotFound: no such import of the site, or its file is not kept any more.
        Conflict: it is neither refused nor waiting for confirmation.
    """
    row = lock_import(session, import_id)
    if row.state not in (REFUSED, CHECKED):
        raise Conflict(
            "Only a file that was refused, or waits for confirmation, can be checked again.",
            code="wrong_state",
            extra={"state": row.state},
        )
    file = StoredFile(session, row, keyring)
    if not file.is_kept:
        raise NotFound("The file of this import is not kept any more. Upload it again.")
    return go_on_with(session, row, blocks_of(file), by=by, site_id=site_id, keyring=keyring)


def go_on_with(
    session: Session,
    row: Import,
    blocks: Iterable[bytes],
    *,
    by: Actor,
    site_id: UUID,
    keyring: Keyring,
) -> UUID:
    """Begins a new import with the choices of a locked one, which is cancelled if it waited.

    Args:
        blocks: the bytes of the new one; the old one's are there until they were read.
    """
    choices = Choices(
        mode=row.mode,
        date_order=row.date_order,
        confirm=row.confirm,
        again=True,
        overwrite_unknown=row.overwrite_unknown,
        all_or_nothing=row.all_or_nothing,
    )
    waited = row.state == CHECKED
    if waited:
        move(session, row, CANCELLED, by=by.account_id)
        session.flush()
    upload = Upload(blocks, row.file_name, choices)
    new_id = receive_upload(session, upload, by=by, site_id=site_id, keyring=keyring)
    if waited:
        drop_parts(session, row)
        tell_records_to_drop(session, row, by=by.account_id)
    return new_id
