"""Reads an uploaded file again, with its findings, for the copy that people mend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from services.imports.actions.checking import rows_of_chunk
from services.imports.actions.files import StoredFile
from services.imports.actions.history import note
from services.imports.domain.annotating import annotated_rows
from services.imports.domain.plans import Plan
from services.imports.domain.sources import blocks_of
from services.imports.domain.splitting import RecordReader
from services.imports.queries.showing import findings_between
from services.imports.queries.working import find_import, list_chunks, lock_import
from services.imports.tables import Import
from services.shared.errors import Conflict, NotFound
from services.shared.identity import Actor
from services.shared.sealing import Keyring

NOT_READ_YET = "The file is still being read. Its copy can be had once it was checked."
NOT_KEPT = (
    "The file of this import is not kept any more, so there is no copy of it. Its ledger stays."
)


def note_download(session: Session, import_id: UUID, *, by: Actor) -> None:
    """Writes down who takes a copy, before it is made; does not commit.

    Raises:
        NotFound: no such import of the site.
    """
    note(session, lock_import(session, import_id), "downloaded", by=by.account_id)


def open_copy(
    session: Session, import_id: UUID, *, keyring: Keyring, rejected_only: bool
) -> tuple[list[str], Iterator[list[list[str]]]]:
    """The file's headings, and its rows with their findings, some thousand at a time.

    Raises:
        NotFound: no such import of the site, or its file is not kept any more.
        Conflict: the file was not read yet, or could not be.
    """
    row = find_import(session, import_id)
    if row is None:
        raise NotFound()
    if row.plan is None:
        raise Conflict(NOT_READ_YET, code="wrong_state", extra={"state": row.state})
    plan = Plan.from_json(row.plan)
    file = StoredFile(session, row, keyring)
    if not file.is_kept:
        raise NotFound(NOT_KEPT)
    headings = headings_of(file, plan)
    return headings, _parts(session, row, file, plan, headings, rejected_only)


def headings_of(file: StoredFile, plan: Plan) -> list[str]:
    """The headings as the file has them."""
    form = file.converted() if plan.converted else file
    reader = RecordReader(blocks_of(form), plan.delimiter)
    for _ in range(plan.heading_row - 1):
        reader.take(1)
    run = reader.take(1)
    assert run is not None
    return run.records[0]


def _parts(
    session: Session,
    row: Import,
    file: StoredFile,
    plan: Plan,
    headings: Sequence[str],
    rejected_only: bool,
) -> Iterator[list[list[str]]]:
    for chunk in list_chunks(session, row.import_id):
        records = enumerate(rows_of_chunk(file, chunk, plan), chunk.first_row)
        found = findings_between(session, row.import_id, chunk.first_row, chunk.last_row)
        rows = list(annotated_rows(headings, records, found, rejected_only=rejected_only))
        if rows:
            yield rows
