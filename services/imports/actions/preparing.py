"""Reads a received file once from end to end, cuts it, and asks for its first chunks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from services.imports import events
from services.imports.actions.files import KeptParts, StoredFile, drop_converted, drop_parts
from services.imports.actions.history import move
from services.imports.actions.profiles import find_profile
from services.imports.domain.plans import MAX_ROWS, Prepared
from services.imports.domain.preparing import prepare
from services.imports.domain.refusals import FileFinding, FileRefused
from services.imports.domain.setup import Setup
from services.imports.domain.states import CHECKING, RECEIVED, REFUSED
from services.imports.queries.working import (
    chunks_for_asking,
    find_import,
    lock_import,
)
from services.imports.tables import Chunk, FileFindingRow, Import
from services.shared.errors import NotFound
from services.shared.outbox import record_event
from services.shared.sealing import Keyring

_CAN_BE_SET_UP = frozenset({"H01", "H02", "H03", "T01"})
"""Refusals about headings and dates."""
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")


def prepare_import(
    session: Session,
    import_id: UUID,
    *,
    keyring: Keyring,
    window: int,
    max_rows: int = MAX_ROWS,
) -> Import | None:
    """Reads the file and brings its import to "checking" or "refused"; does not commit.

    The import is locked for the last moment only, so that a person can cancel while a large file is
    being read. A second message about the same file finds nothing to do.

    Returns:
        The import, or None if there was nothing to do.
    """
    if not session.scalar(_TRY_LOCK, {"name": f"prepare:{import_id}"}):
        return None
    row = find_import(session, import_id)
    if row is None or row.state != RECEIVED:
        return None
    prepared: Prepared | None = None
    findings: Sequence[FileFinding]
    kept = KeptParts(session, row, keyring)
    setups = _Setups(session)
    try:
        prepared, findings = prepare(
            StoredFile(session, row, keyring),
            mode=row.mode,
            date_order=row.date_order,
            may_acknowledge=row.may_acknowledge,
            max_rows=max_rows,
            keep=kept.add,
            setup_for=setups.find,
        )
    except FileRefused as refusal:
        findings = refusal.findings
    except NotFound:
        # A part is gone: somebody has cancelled while the file was read, or something is wrong.
        if lock_import(session, import_id).state == RECEIVED:
            raise
        findings = ()
    row = lock_import(session, import_id)
    if row.state != RECEIVED:
        # Cancelled meanwhile: its parts were deleted, and those of this transaction go too.
        drop_parts(session, row)
        return None
    row.profile_id, row.profile_version = setups.used
    _keep_file_findings(session, row, findings)
    if prepared is None:
        _refuse(session, row, [f.code for f in findings if f.level == "error"])
    else:
        kept.finish()
        _begin_checking(session, row, prepared, window=window)
    return row


class _Setups:
    """The site's set-ups, by headings; remembers which was used.

    The import itself is not touched here: it would be locked for as long as the file is read.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.used: tuple[UUID, int] | tuple[None, None] = (None, None)

    def find(self, headings: Sequence[str]) -> Setup | None:
        """The set-up for files with these headings; None if there is none."""
        profile = find_profile(self._session, headings)
        if profile is None:
            return None
        self.used = (profile.profile_id, profile.version)
        return Setup.from_json(profile.setup)


def ask_for_chunks(session: Session, row: Import, *, window: int) -> int:
    """Asks workers for the next chunks, so that at most `window` are under way; does not commit.

    Returns:
        How many were asked for.
    """
    chunks = chunks_for_asking(session, row.import_id, window)
    for chunk in chunks:
        ask_for_chunk(session, row, chunk)
    return len(chunks)


def ask_for_chunk(session: Session, row: Import, chunk: Chunk) -> None:
    """Asks workers for one chunk; does not commit."""
    chunk.state = "wanted"
    chunk.asked_at = datetime.now(UTC)
    chunk.asks += 1
    record_event(
        session,
        events.CHUNK_WANTED,
        subject=row.import_id,
        data={"import_id": row.import_id, "number": chunk.number},
        site_id=row.site_id,
        actor_id=row.created_by,
    )


def _refuse(session: Session, row: Import, codes: Iterable[str]) -> None:
    """Ends the import. Its bytes are kept only where setting the file up could mend it."""
    move(session, row, REFUSED, by=None)
    if any(code in _CAN_BE_SET_UP for code in codes):
        drop_converted(session, row)
    else:
        drop_parts(session, row)


def _begin_checking(session: Session, row: Import, prepared: Prepared, *, window: int) -> None:
    row.plan = prepared.plan.to_json()
    row.rows_total = prepared.rows_total
    same, differ = sorted(prepared.repeats.same), sorted(prepared.repeats.differ.items())
    session.execute(
        insert(Chunk),
        [
            {
                "import_id": row.import_id,
                "site_id": row.site_id,
                "number": cut.number,
                "first_row": cut.first_row,
                "last_row": cut.last_row,
                "row_count": cut.row_count,
                "byte_start": cut.byte_start,
                "byte_end": cut.byte_end,
                "repeats": cut.repeats_within(same, differ),
                "state": "waiting",
            }
            for cut in prepared.cuts
        ],
    )
    move(session, row, CHECKING, by=None, counts={"rows": row.rows_total})
    record_event(
        session,
        events.ROWS_COMPLETE,
        subject=row.import_id,
        data={
            "import_id": row.import_id,
            "batches": len(prepared.cuts),
            "mode": row.mode,
            "overwrite_unknown": row.overwrite_unknown,
            "confirm": row.confirm,
            "all_or_nothing": row.all_or_nothing,
        },
        site_id=row.site_id,
        actor_id=row.created_by,
    )
    ask_for_chunks(session, row, window=window)


def _keep_file_findings(session: Session, row: Import, findings: Sequence[FileFinding]) -> None:
    for place, finding in enumerate(findings):
        session.add(
            FileFindingRow(
                import_id=row.import_id,
                site_id=row.site_id,
                place=place,
                code=finding.code,
                level=finding.level,
                field=finding.field,
                message=finding.message,
            )
        )
    session.flush()
