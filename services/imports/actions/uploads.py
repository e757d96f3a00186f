"""Takes a file in: streamed into sealed parts, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.imports import events, metrics
from services.imports.actions.history import note
from services.imports.actions.sites import require_participation
from services.imports.domain.states import APPLIED, LIVE, RECEIVED
from services.imports.domain.uploads import Choices, Measured, parts_of, safe_file_name
from services.imports.queries.working import find_same_bytes
from services.imports.sealed import seal_part, wrap_key
from services.imports.tables import Import, UploadPart
from services.shared.errors import Conflict, InvalidInput
from services.shared.identity import Actor
from services.shared.outbox import record_event
from services.shared.sealing import Keyring, new_data_key

_COLUMNS = (
    "import_id",
    "site_id",
    "state",
    "file_name",
    "size_bytes",
    "sha256",
    "wrapped_key",
    "mode",
    "date_order",
    "confirm",
    "overwrite_unknown",
    "all_or_nothing",
    "may_acknowledge",
    "created_by",
)


class AlreadyHere(Exception):
    """The same bytes have an import; leaving the transaction by this keeps nothing of the copy."""

    def __init__(self, import_id: UUID) -> None:
        super().__init__("already here")
        self.import_id = import_id


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in.

    Attributes:
        blocks: its bytes in order, each block at most about a megabyte.
        file_name: as the sender gave it.
    """

    blocks: Iterable[bytes]
    file_name: str | None
    choices: Choices


def receive_upload(
    session: Session, upload: Upload, *, by: Actor, site_id: UUID, keyring: Keyring
) -> UUID:
    """Stores a file sealed and asks a worker to read it; does not commit.

    The file's own row is written last, when its SHA-256 is known. Of several transactions with the
    same bytes PostgreSQL lets one write it; the others wait for that one and find it.

    Returns:
        The id of the new import.

    Raises:
        Forbidden: the site may not upload.
        InvalidInput: the file is empty.
        AlreadyHere: an import of the same bytes is live, or was applied and `again` is not set.
    """
    require_participation(session, site_id)
    import_id = uuid7()
    data_key = new_data_key()
    measured = Measured()
    for number, part in enumerate(parts_of(upload.blocks, measured)):
        sealed = seal_part(data_key, import_id, number, part)
        session.execute(
            insert(UploadPart).values(
                import_id=import_id, number=number, site_id=site_id, sealed=sealed
            )
        )
    if not measured.size_bytes:
        raise InvalidInput({"file": ["The file is empty."]}, detail="The file is empty.")
    row = Import(
        import_id=import_id,
        site_id=site_id,
        state=RECEIVED,
        file_name=safe_file_name(upload.file_name),
        size_bytes=measured.size_bytes,
        sha256=measured.digest.digest(),
        wrapped_key=wrap_key(keyring, import_id, data_key),
        mode=upload.choices.mode,
        date_order=upload.choices.date_order,
        confirm=upload.choices.confirm,
        overwrite_unknown=upload.choices.overwrite_unknown,
        all_or_nothing=upload.choices.all_or_nothing,
        may_acknowledge=by.has("records.acknowledge"),
        created_by=by.account_id,
    )
    _claim(session, row, again=upload.choices.again)
    note(session, row, RECEIVED, by=by.account_id, counts={"size_bytes": row.size_bytes})
    ask_for_reading(session, row)
    metrics.UPLOAD_BYTES.inc(row.size_bytes)
    return import_id


def ask_for_reading(session: Session, row: Import) -> None:
    """Asks a worker to read the file."""
    record_event(
        session,
        events.UPLOAD_RECEIVED,
        subject=row.import_id,
        data={"import_id": row.import_id},
        site_id=row.site_id,
        actor_id=row.created_by,
    )


def _claim(session: Session, row: Import, *, again: bool) -> None:
    """Writes the import's row unless an import of the same bytes stands in its way.

    Raises:
        AlreadyHere: with that import.
    """
    values = {column: getattr(row, column) for column in _COLUMNS}
    claimed = session.scalar(
        upsert(Import).values(values).on_conflict_do_nothing().returning(Import.import_id)
    )
    if claimed is None:
        live = find_same_bytes(session, row.site_id, row.sha256, LIVE)
        if live is None:
            raise Conflict(
                "Another upload of the same file ended at this moment. Send it again.",
                code="send_again",
            )
        raise AlreadyHere(live.import_id)
    # Looked for after the claim: one that was applied a moment ago held the claim until then.
    if not again:
        applied = find_same_bytes(session, row.site_id, row.sha256, (APPLIED,))
        if applied is not None:
            raise AlreadyHere(applied.import_id)
