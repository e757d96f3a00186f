"""Opens what is stored, for those who change it or show it: records, entries and drafts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from dataset.values import Value
from services.records.domain.saying import Said, said_by
from services.records.domain.typed_log import TypedLog
from services.records.identifiers import open_identifier, open_texts, patient_key
from services.records.keys import Keys
from services.records.queries.entries import find_draft, find_entry
from services.records.queries.records import find_record_head
from services.records.queries.staging import StoredRecord, load_records
from services.records.tables import Entry
from services.shared.errors import Conflict, NotFound

FIELD_OF = {
    "nhs": "nhs_number",
    "birth": "date_of_birth",
    "postcode": "postcode",
    "local_id": "local_id",
}
"""Name of an identifier in our columns -> its field of the dataset."""


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A stored record in the clear.

    Attributes:
        head: the columns of `fls_record` that are no answers.
        data_key: its patient's key; None if the identifiers were erased.
        values: field key -> stored answer; blanks left out.
        waiting: field key -> text that waits beside the stored answer.
        entry_version: of the entry that holds the waiting texts; None if there is none.
    """

    head: Mapping[str, Any]
    stored: StoredRecord
    data_key: bytes | None
    values: dict[str, Value]
    waiting: dict[str, str] = field(default_factory=dict)
    entry_version: int | None = None

    @property
    def record_id(self) -> UUID:
        """Its id."""
        return self.stored.record_id

    @property
    def patient_id(self) -> UUID:
        """Whose it is."""
        return self.stored.patient_id

    @property
    def version(self) -> int:
        """Its version."""
        return self.stored.version

    @property
    def diagnosed_on(self) -> date:
        """Its day of diagnosis (1.09), which every stored record has."""
        day = self.values["date_index_diagnosed"]
        assert isinstance(day, date)
        return day

    @property
    def acknowledged(self) -> list[str]:
        """Tokens of its warnings that somebody has acknowledged."""
        return list(self.head["acknowledged"] or ())

    @property
    def said(self) -> dict[str, Said]:
        """What it says, with the texts that wait laid over its answers."""
        return said_by(self.values, self.waiting)

    def own_key(self) -> bytes:
        """Its patient's key.

        Raises:
            Conflict: the identifiers were erased, so nothing can be sealed any more.
        """
        if self.data_key is None:
            raise Conflict(
                "The identifiers of this patient were erased on request. The record still counts, "
                "but it cannot be changed any more.",
                "identifiers_erased",
            )
        return self.data_key


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """An entry that is no record yet, in the clear."""

    row: Entry
    data_key: bytes
    log: TypedLog

    @property
    def version(self) -> int:
        """Its version."""
        return self.row.version

    @property
    def texts(self) -> dict[str, str]:
        """Field key -> text as typed; blanks left out."""
        return self.log.texts


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """What somebody has typed into the form of a stored record and not saved."""

    version: int
    texts: dict[str, str]


def open_stored(session: Session, keys: Keys, record_id: UUID) -> OpenRecord | None:
    """The stored record of this id, also a deleted one; None if the site has none."""
    head = find_record_head(session, record_id)
    if head is None:
        return None
    stored = load_records(session, [record_id])[record_id]
    entry = find_entry(session, record_id) if stored.wrapped_key is not None else None
    return open_sealed(keys, head, stored, entry)


class WaitingTexts(Protocol):
    """Texts that wait, sealed: an entry, or what was read of one."""

    @property
    def version(self) -> int:
        """Of the entry."""

    @property
    def sealed(self) -> bytes:
        """The texts."""


def open_sealed(
    keys: Keys, head: Mapping[str, Any], stored: StoredRecord, entry: WaitingTexts | None
) -> OpenRecord:
    """A record in the clear, from what was read of it."""
    data_key = None
    if stored.wrapped_key is not None:
        data_key = patient_key(keys, stored.patient_id, stored.wrapped_key)
    values = {**stored.values(), **identifiers_of(stored, data_key)}
    if entry is None or data_key is None:
        return OpenRecord(head, stored, data_key, values)
    waiting = open_texts(data_key, stored.patient_id, "entry", stored.record_id, entry.sealed)
    return OpenRecord(head, stored, data_key, values, waiting, entry.version)


def get_stored(session: Session, keys: Keys, record_id: UUID) -> OpenRecord:
    """The stored record of this id.

    Raises:
        NotFound: the site has none, or it was deleted.
    """
    found = open_stored(session, keys, record_id)
    if found is None or found.head["state"] == "deleted":
        raise NotFound("There is no such record at your site.")
    return found


def open_entry(session: Session, keys: Keys, record_id: UUID) -> OpenEntry | None:
    """The entry of this id that is no record yet; None if there is none."""
    row = find_entry(session, record_id)
    if row is None or row.wrapped_key is None:
        return None
    data_key = patient_key(keys, record_id, row.wrapped_key)
    texts = open_texts(data_key, record_id, "entry", record_id, row.sealed)
    log = TypedLog(texts, since=row.version)
    if row.earlier is not None:
        earlier = open_texts(data_key, record_id, "earlier", record_id, row.earlier)
        log = TypedLog.from_json({"texts": texts, **earlier})
    return OpenEntry(row, data_key, log)


def open_draft(session: Session, record: OpenRecord, account_id: UUID) -> OpenDraft | None:
    """What this account has typed into the record's form and not saved."""
    if record.data_key is None:
        return None
    row = find_draft(session, record_id=record.record_id, account_id=account_id)
    return open_sealed_draft(record, row)


class UnsavedTexts(WaitingTexts, Protocol):
    """Texts typed and not saved, sealed: a draft, or what was read of one."""

    @property
    def patient_id(self) -> UUID:
        """Whose key seals them."""


def open_sealed_draft(record: OpenRecord, row: UnsavedTexts | None) -> OpenDraft | None:
    """A draft in the clear; None where there is none, or its patient's key is gone."""
    if row is None or record.data_key is None:
        return None
    texts = open_texts(record.data_key, row.patient_id, "draft", record.record_id, row.sealed)
    return OpenDraft(row.version, texts)


def identifiers_of(stored: StoredRecord, data_key: bytes | None) -> dict[str, Value]:
    """The identifiers in the clear; those of an erased patient are left out."""
    opened: dict[str, Value] = {}
    if data_key is None:
        return opened
    if stored.nhs_absent is not None:
        opened["nhs_number"] = stored.nhs_absent
    for name, key in FIELD_OF.items():
        sealed = stored.sealed[name]
        if sealed is not None:
            clear = open_identifier(data_key, stored.patient_id, key, sealed)
            opened[key] = date.fromisoformat(clear) if name == "birth" else clear
    return opened
