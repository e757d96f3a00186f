"""What imports does when it hears of something: one function for each event.

The workers hear the two kinds of work, any number of them; the consumer hears the rest. Each
handler runs inside one transaction with its inbox row and does nothing when there is nothing to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from marshmallow import Schema, fields
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.imports import metrics
from services.imports.actions.checking import check_wanted_chunk
from services.imports.actions.expiring import expire, find_expired
from services.imports.actions.following import (
    take_advance,
    take_applied,
    take_compared,
    take_staged,
)
from services.imports.actions.held import take_decided
from services.imports.actions.preparing import prepare_import
from services.imports.actions.sites import copy_site
from services.imports.actions.sweeping import ask_again, count_live, find_stuck
from services.imports.actions.undoing import take_undone
from services.imports.domain.ledger import Outcome
from services.imports.domain.receipts import Signer
from services.imports.settings import Settings
from services.shared import logs
from services.shared.consumer import Event, Listener
from services.shared.db import transaction
from services.shared.errors import NotFound
from services.shared.sealing import Keyring

LISTENS_WORKER: tuple[str, ...] = ("imports.upload_received.v1", "imports.chunk_wanted.v1")
LISTENS_CONSUMER: tuple[str, ...] = (
    "registration.site_changed.v1",
    "records.rows_staged.v1",
    "records.import_compared.v1",
    "records.apply_advanced.v1",
    "records.import_applied.v1",
    "records.import_undone.v1",
    "records.rows_decided.v1",
)
LISTENS: tuple[str, ...] = (*LISTENS_WORKER, *LISTENS_CONSUMER)

SWEEP_SECONDS = 30.0
_LONDON = ZoneInfo("Europe/London")


class _ImportData(Schema):
    import_id = fields.UUID(required=True)


class _ChunkData(_ImportData):
    number = fields.Integer(required=True)


class _SiteData(Schema):
    site_id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True)
    patient_audit = fields.Boolean(required=True)


class _FindingData(Schema):
    row = fields.Integer(required=True)
    field = fields.String(required=True, allow_none=True)
    code = fields.String(required=True)
    level = fields.String(required=True)
    message = fields.String(required=True)


class _StagedData(_ChunkData):
    findings = fields.List(fields.Nested(_FindingData, unknown="exclude"), required=True)
    merged = fields.List(fields.Integer(), load_default=list)


class _OutcomeData(_ImportData):
    new = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    same = fields.Integer(required=True)
    held = fields.Integer(required=True)
    rejected = fields.Integer(required=True)


class _HeldRowData(Schema):
    row = fields.Integer(required=True)
    reason = fields.String(required=True)


class _AppliedData(_OutcomeData):
    held_rows = fields.List(fields.Nested(_HeldRowData, unknown="exclude"), load_default=list)


class _ChangedFieldData(Schema):
    field = fields.String(required=True)
    rows = fields.Integer(required=True)


class _ComparedData(_AppliedData):
    passed_over = fields.Dict(keys=fields.String(), values=fields.Integer(), load_default=dict)
    changed_fields = fields.List(
        fields.Nested(_ChangedFieldData, unknown="exclude"), load_default=list
    )


class _DecidedRowData(Schema):
    row = fields.Integer(required=True)
    outcome = fields.String(required=True)


class _DecidedData(_OutcomeData):
    rows = fields.List(fields.Nested(_DecidedRowData, unknown="exclude"), required=True)
    by = fields.UUID(required=True)


class _UndoneData(_ImportData):
    removed = fields.Integer(required=True)
    restored = fields.Integer(required=True)
    kept = fields.Integer(required=True)
    kept_records = fields.List(fields.String(), required=True)
    refused_years = fields.List(fields.Integer(), required=True)


class _AdvancedData(_ImportData):
    rows_done = fields.Integer(required=True)


def keyrings(settings: Settings) -> tuple[Keyring, Keyring]:
    """The master keyring and the one for batches."""
    return (
        Keyring.from_json(settings.master_keys, settings.master_key_id),
        Keyring.from_json(settings.batch_keys, settings.batch_key_id),
    )


def worker_listeners(settings: Settings) -> list[Listener]:
    """What an import worker does: read files, check chunks; one at a time."""
    keyring, batch_keys = keyrings(settings)

    def upload_received(session: Session, event: Event) -> None:
        began = time.perf_counter()
        row = prepare_import(
            session,
            event.data["import_id"],
            keyring=keyring,
            window=settings.chunk_window,
            max_rows=settings.rows_limit,
        )
        if row is not None:
            metrics.PREPARE_SECONDS.observe(time.perf_counter() - began)
            logs.get_logger().info(
                "file_read", import_id=row.import_id, state=row.state, rows=row.rows_total
            )

    def chunk_wanted(session: Session, event: Event) -> None:
        began = time.perf_counter()
        checked = check_wanted_chunk(
            session,
            event.data["import_id"],
            event.data["number"],
            keyring=keyring,
            batch_keys=batch_keys,
            today=today(),
        )
        if checked is not None:
            metrics.CHUNK_SECONDS.observe(time.perf_counter() - began)
            metrics.ROWS_CHECKED.inc(checked.row_count)
            metrics.ROWS_REJECTED.inc(checked.rejected)

    return [
        Listener("imports.upload_received.v1", upload_received, _ImportData, prefetch=1),
        Listener("imports.chunk_wanted.v1", chunk_wanted, _ChunkData, prefetch=1),
    ]


def listeners(settings: Settings) -> list[Listener]:
    """What imports' consumer does: follow sites, and what records answers."""
    keyring, _ = keyrings(settings)
    signer = Signer(settings.receipt_keys, settings.receipt_key_id)

    def rows_staged(session: Session, event: Event) -> None:
        take_staged(
            session,
            event.data["import_id"],
            event.data["number"],
            event.data["findings"],
            merged=event.data["merged"],
            keyring=keyring,
            window=settings.chunk_window,
        )

    def import_compared(session: Session, event: Event) -> None:
        take_compared(
            session,
            event.data["import_id"],
            _outcome(event),
            passed_over=event.data["passed_over"],
            changed_fields={each["field"]: each["rows"] for each in event.data["changed_fields"]},
            held_rows=event.data["held_rows"],
            keyring=keyring,
        )

    def import_applied(session: Session, event: Event) -> None:
        take_applied(
            session,
            event.data["import_id"],
            _outcome(event),
            held_rows=event.data["held_rows"],
            keyring=keyring,
            signer=signer,
        )

    def rows_decided(session: Session, event: Event) -> None:
        take_decided(
            session,
            event.data["import_id"],
            _outcome(event),
            event.data["rows"],
            by=event.data["by"],
            keyring=keyring,
            signer=signer,
        )

    def import_undone(session: Session, event: Event) -> None:
        undone = {key: value for key, value in event.data.items() if key != "import_id"}
        take_undone(session, event.data["import_id"], undone, signer=signer)

    return [
        Listener("registration.site_changed.v1", site_changed, _SiteData),
        Listener("records.rows_staged.v1", rows_staged, _StagedData),
        Listener("records.import_compared.v1", import_compared, _ComparedData),
        Listener("records.apply_advanced.v1", apply_advanced, _AdvancedData),
        Listener("records.import_applied.v1", import_applied, _AppliedData),
        Listener("records.import_undone.v1", import_undone, _UndoneData),
        Listener("records.rows_decided.v1", rows_decided, _DecidedData),
    ]


def site_changed(session: Session, event: Event) -> None:
    """Takes over a site's state; an older one that arrives late changes nothing."""
    copy_site(session, version=event.envelope.subject_version or 0, data=event.data)


def apply_advanced(session: Session, event: Event) -> None:
    """Notes how far the storing is."""
    take_advance(session, event.data["import_id"], event.data["rows_done"])


def sweeper(settings: Settings) -> Callable[[Engine], None]:
    """The function that looks for stuck steps and files whose time is over, of all sites.

    Each is dealt with in a transaction of its own.
    """

    def sweep(engine: Engine) -> None:
        with transaction(engine, read_only=True, role="imports_reader") as session:
            stuck_steps = find_stuck(session)
            count_live(session)
            over = find_expired(session, keep=timedelta(days=settings.keep_days))
        for stuck in stuck_steps:
            try:
                with transaction(engine, site_id=stuck.site_id) as session:
                    ask_again(session, stuck, window=settings.chunk_window)
            except NotFound:
                continue
        for expired in over:
            with transaction(engine, site_id=expired.site_id) as session:
                expire(session, expired)
        if stuck_steps:
            logs.get_logger().warning("asked_again", steps=len(stuck_steps))

    return sweep


def today() -> date:
    """The date in Europe/London."""
    return datetime.now(_LONDON).date()


def _outcome(event: Event) -> Outcome:
    return Outcome(
        **{key: event.data[key] for key in ("new", "changed", "same", "held", "rejected")}
    )
