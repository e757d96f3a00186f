"""Checks one chunk of a file, keeps its findings, and sends the rows that records must see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.imports import events, metrics
from services.imports.actions.files import StoredFile
from services.imports.domain.checking import CellFinding, CheckedChunk, batch_of, check_chunk
from services.imports.domain.plans import Plan
from services.imports.domain.splitting import records_of
from services.imports.domain.states import CHECKING
from services.imports.queries.working import find_import, find_site, lock_chunk
from services.imports.sealed import seal_value, unwrap_key
from services.imports.tables import Chunk, Import
from services.shared.outbox import record_batch
from services.shared.sealing import Keyring

_KEEP_FINDINGS = text(
    """
    INSERT INTO finding (import_id, site_id, row_number, heading, field, code, level, message,
                         sealed_value, if_new, source)
    SELECT :import_id, :site_id, f.row_number, f.heading, f.field, f.code, f.level, f.message,
           f.sealed_value, f.if_new, :source
    FROM unnest(CAST(:rows AS integer[]), CAST(:headings AS text[]), CAST(:fields AS text[]),
                CAST(:codes AS text[]), CAST(:levels AS text[]), CAST(:messages AS text[]),
                CAST(:sealed AS bytea[]), CAST(:if_new AS boolean[]))
        AS f (row_number, heading, field, code, level, message, sealed_value, if_new)
    """
)
"""One statement for all findings of a chunk. (COPY refuses tables with row-level security.)"""


def check_wanted_chunk(
    session: Session,
    import_id: UUID,
    number: int,
    *,
    keyring: Keyring,
    batch_keys: Keyring,
    today: date,
) -> CheckedChunk | None:
    """Checks a chunk if it is still wanted: findings, counts and its one batch; does not commit.

    A second message about the same chunk finds it checked, or in other hands, and does nothing.

    Args:
        today: the date in Europe/London.

    Returns:
        What came of it, or None if there was nothing to do.
    """
    chunk = lock_chunk(session, import_id, number, wait=False)
    if chunk is None or chunk.state != "wanted":
        return None
    row = find_import(session, import_id)
    if row is None or row.state != CHECKING or row.plan is None:
        return None
    site = find_site(session, row.site_id)
    plan = Plan.from_json(row.plan)
    checked = check_chunk(
        rows_of_chunk(StoredFile(session, row, keyring), chunk, plan),
        first_row=chunk.first_row,
        repeats=chunk.repeats,
        plan=plan,
        mode=row.mode,
        site_code=site.code if site else "",
        today=today,
    )
    keep_findings(session, row, checked.findings, source="file", keyring=keyring)
    _send(session, row, number, checked, batch_keys)
    chunk.state = "checked"
    chunk.rows_sent = len(checked.sent)
    chunk.rows_same = checked.same
    chunk.rows_rejected = checked.rejected
    chunk.rows_warned = checked.with_warnings
    return checked


def keep_findings(
    session: Session,
    row: Import,
    findings: Sequence[CellFinding],
    *,
    source: str,
    keyring: Keyring,
) -> None:
    """Stores findings about rows, the cells' values sealed with the import's data key."""
    if not findings:
        return
    data_key = unwrap_key(keyring, row.import_id, row.wrapped_key)
    rows, headings, fields, codes, levels, messages, values, if_new = zip(*findings, strict=True)
    sealed = [
        seal_value(data_key, row.import_id, number, field, value)
        for number, field, value in zip(rows, fields, values, strict=True)
    ]
    session.execute(
        _KEEP_FINDINGS,
        {
            "import_id": row.import_id,
            "site_id": row.site_id,
            "source": source,
            "rows": list(rows),
            "headings": list(headings),
            "fields": list(fields),
            "codes": list(codes),
            "levels": list(levels),
            "messages": list(messages),
            "sealed": sealed,
            "if_new": list(if_new),
        },
    )
    for code, count in Counter(codes).items():
        metrics.FINDINGS.labels(code).inc(count)


def rows_of_chunk(file: StoredFile, chunk: Chunk, plan: Plan) -> list[list[str]]:
    """The records of a chunk, blank ones included, as they stand in the file."""
    data = file.range(chunk.byte_start, chunk.byte_end, converted=plan.converted)
    return records_of(data, plan.delimiter)


def _send(
    session: Session, row: Import, number: int, checked: CheckedChunk, batch_keys: Keyring
) -> None:
    """Records the chunk's batch: every chunk has exactly one, also when no row is left."""
    import_id = str(row.import_id)
    record_batch(
        session,
        events.ROWS_CHECKED,
        subject=row.import_id,
        body=batch_keys.seal(batch_of(import_id, number, checked), import_id.encode("ascii")),
        site_id=row.site_id,
        actor_id=row.created_by,
    )
