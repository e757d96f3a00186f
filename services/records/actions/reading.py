"""Opens records for people: notes who reads, then opens the identifiers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from dataset.engine import check_record
from dataset.values import Value
from dataset.wire import wire_from_record
from services.records import metrics
from services.records.identifiers import open_identifier, patient_key
from services.records.keys import Keys
from services.records.queries import records as queries
from services.records.queries.staging import StoredRecord, load_records
from services.shared.errors import NotFound

_LOG = text(
    "INSERT INTO read_log (site_id, record_id, actor_id, request_id) "
    "SELECT site_id, record_id, CAST(:actor_id AS uuid), CAST(:request_id AS text) "
    "FROM fls_record WHERE record_id = :record_id AND state <> 'deleted' RETURNING record_id"
)
_FIELDS = {
    "nhs": "nhs_number",
    "birth": "date_of_birth",
    "postcode": "postcode",
    "local_id": "local_id",
}
ERASED = "erased"


def log_read(session: Session, *, record_id: UUID, by: UUID, request_id: str | None) -> None:
    """Notes that a person opens a record, in a transaction of its own before it is opened.

    Raises:
        NotFound: the transaction's site has no such record; nothing is noted.
    """
    values = {"record_id": record_id, "actor_id": by, "request_id": request_id}
    if session.execute(_LOG, values).first() is None:
        raise NotFound("There is no such record at your site.")
    metrics.READS_LOGGED.inc()


def open_record(session: Session, keys: Keys, *, record_id: UUID, today: date) -> dict[str, Any]:
    """A record with its identifiers, findings and history, as `RecordAnswer` has it.

    Call `log_read` first, and commit it.

    Raises:
        NotFound: the transaction's site has no such record.
    """
    head = queries.get_record_head(session, record_id)
    stored = load_records(session, [record_id])[record_id]
    values = {**stored.values(), **_identifiers(keys, stored)}
    findings = check_record(values, today=today)
    return {
        **head,
        "values": wire_from_record(values),
        "findings": [
            {
                "code": finding.code,
                "level": finding.level,
                "field": finding.field,
                "message": finding.message,
                "fields_": list(finding.fields),
            }
            for finding in findings
        ],
        "history": queries.list_changes(session, record_id),
    }


def _identifiers(keys: Keys, stored: StoredRecord) -> Mapping[str, Value]:
    """The identifiers in the clear; those of an erased patient are left out."""
    opened: dict[str, Value] = {}
    if stored.nhs_absent is not None:
        opened["nhs_number"] = stored.nhs_absent
    if stored.wrapped_key is None:
        return opened
    data_key = patient_key(keys, stored.patient_id, stored.wrapped_key)
    for name, field in _FIELDS.items():
        sealed = stored.sealed[name]
        if sealed is not None:
            clear = open_identifier(data_key, stored.patient_id, field, sealed)
            opened[field] = date.fromisoformat(clear) if name == "birth" else clear
    return opened
