"""Prepares the rows whose record is stored: merged with it, checked again, sealed where new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from dataset.engine import check_columns
from dataset.findings import Finding
from dataset.merging import merge
from dataset.values import CLEAR, Record, Value
from dataset.wire import WARNED, WRONG, column_from_wire
from services.records.domain.batches import Batch
from services.records.domain.columns import CLINICAL, CLINICAL_KEYS, Column
from services.records.identifiers import (
    open_identifier,
    patient_key,
    seal_identifier,
)
from services.records.keys import Keys
from services.records.preparing.beside import Beside
from services.records.preparing.cells import derived_cells
from services.records.preparing.copying import (
    FALSE,
    NULL,
    TRUE,
    bytes_cell,
    integer_cell,
    text_cell,
    uuid_cell,
)
from services.records.preparing.identities import (
    DAY,
    FIELD_OF,
    OF_RECORD,
    Identity,
)
from services.records.preparing.outcomes import Prepared
from services.records.preparing.states import merged_state
from services.records.queries.staging import StoredRecord

_FIRST_SEALED = 9
"""Place of the first sealed identifier of a record among the cells of a merged row."""


class Merger:
    """Prepares the rows whose record is stored: merged with it and checked by the engine."""

    def __init__(self, keys: Keys, *, overwrite_unknown: bool, today: date) -> None:
        self._keys = keys
        self._overwrite_unknown = overwrite_unknown
        self._today = today

    def prepare(
        self,
        done: Prepared,
        batch: Batch,
        identity: Identity,
        known: Sequence[tuple[int, StoredRecord]],
        beside: Beside,
    ) -> Iterator[tuple[int, tuple[bytes, ...]]]:
        """The cells of each row to stage, with its place.

        A row that changes nothing is not merged: what is stored has been checked, and the same
        file once more should cost little.
        """
        changing = []
        for place, record in known:
            if batch.row_numbers[place] in beside.changing or batch.verdicts[place] == WRONG:
                changing.append((place, record))
            else:
                cells = self._cells(identity, place, record)
                warns = TRUE if batch.verdicts[place] == WARNED else FALSE
                yield place, (warns, NULL, NULL, *cells, NULL, NULL, NULL, NULL)
        if changing:
            yield from self._changing(done, batch, identity, changing, beside)

    def places_that_change(
        self, batch: Batch, identity: Identity, known: Sequence[tuple[int, StoredRecord]]
    ) -> set[int]:
        """Places of rows that may change their record; a column at a time, which is fast."""
        places = [place for place, _ in known]
        moving = {
            place
            for place, record in known
            if batch.cleared[place] or not batch.acknowledged[place].issubset(record.acknowledged)
        }
        stored = list(zip(*(record.wire for _, record in known), strict=True))
        for column, before in zip(CLINICAL, stored, strict=True):
            if column.key not in batch.columns:
                continue
            after = batch.columns.at(column.key, places)
            if after != list(before):
                moving.update(
                    place
                    for place, new, old in zip(places, after, before, strict=True)
                    if new is not None and new != old and not self._keeps(column, new, old)
                )
        for name in OF_RECORD:
            hashes = identity.hashes[name]
            moving.update(
                place
                for place, record in known
                if hashes[place] is not None and hashes[place] != record.hashes[name]
            )
        return moving

    def _keeps(self, column: Column, new: Any, old: Any) -> bool:
        """Whether "don't know" leaves the known answer."""
        if self._overwrite_unknown or not column.has_unknown or old is None:
            return False
        return new in ("U", ["U"])

    def _changing(
        self,
        done: Prepared,
        batch: Batch,
        identity: Identity,
        known: Sequence[tuple[int, StoredRecord]],
        beside: Beside,
    ) -> Iterator[tuple[int, tuple[bytes, ...]]]:
        merged = self._merged(batch, known)
        names = {key for record in merged for key in record}
        columns = {name: [record.get(name) for record in merged] for name in names}
        findings: dict[int, list[Finding]] = {}
        unreadable = {
            index: [*record.unreadable, *batch.unreadable[place]]
            for index, (place, record) in enumerate(known)
            if record.unreadable or batch.unreadable[place]
        }
        checked = check_columns(columns, len(merged), today=self._today, unreadable=unreadable)
        for index, finding in checked:
            findings.setdefault(index, []).append(finding)
        for index, (place, record) in enumerate(known):
            found = findings.get(index, [])
            if done.checked(batch.row_numbers[place], found):
                if batch.verdicts[place] == WRONG:
                    done.reject_as_told()
                    continue
                after = merged[index]
                postcode = after.get("postcode")
                derived = derived_cells(
                    after.get("date_of_birth"),
                    after.get(DAY),
                    postcode if isinstance(postcode, str) else None,
                )
                cells = self._cells(identity, place, record)
                changed = partial(_changed_keys, record, after, cells)
                state = merged_state(done, batch, place, record, after, changed, found, beside)
                yield place, (TRUE if found else FALSE, *state, *cells, *derived)

    def _merged(
        self, batch: Batch, known: Sequence[tuple[int, StoredRecord]]
    ) -> list[dict[str, Value]]:
        places = [place for place, _ in known]
        columns = {
            key: column_from_wire(key, batch.columns.at(key, places))
            for key in batch.columns
            if key != "service_code"
        }
        merged = []
        for index, (place, record) in enumerate(known):
            incoming = {
                key: column[index] for key, column in columns.items() if column[index] is not None
            }
            for key in batch.cleared[place]:
                incoming[key] = CLEAR
            before = {**record.values(), **self._opened(record, incoming)}
            after = merge(before, incoming, overwrite_unknown=self._overwrite_unknown)
            for key in batch.unreadable[place]:
                # As on the page: an answer that nobody can read stands in the stored one's place.
                after.pop(key, None)
            merged.append(after)
        return merged

    def _opened(self, record: StoredRecord, incoming: Mapping[str, Value]) -> dict[str, Value]:
        """The stored identifiers that the row leaves as they are; only those are opened."""
        opened: dict[str, Value] = {}
        if record.nhs_absent is not None:
            opened["nhs_number"] = record.nhs_absent
        data_key: bytes | None = None
        for name, key in FIELD_OF.items():
            sealed = record.sealed[name]
            if key in incoming or sealed is None or record.wrapped_key is None:
                continue
            if data_key is None:
                data_key = patient_key(self._keys, record.patient_id, record.wrapped_key)
            text = open_identifier(data_key, record.patient_id, key, sealed)
            opened[key] = date.fromisoformat(text) if name == "birth" else text
        return opened

    def _cells(self, identity: Identity, place: int, record: StoredRecord) -> tuple[bytes, ...]:
        """From the checked record to the local id; only identifiers that change are sealed."""
        cells = [
            uuid_cell(record.record_id),
            integer_cell(record.version),
            uuid_cell(record.record_id),
            uuid_cell(record.patient_id),
            NULL,
            # A row that gives no number is looked up by that of its patient when it is applied.
            bytes_cell(identity.hashes["nhs"][place] or record.hashes["nhs"]),
            text_cell(identity.absent[place]),
            NULL,
        ]
        for name in OF_RECORD:
            text, hashed = identity.texts[name][place], identity.hashes[name][place]
            cells += self._identifier_cells(name, text, hashed, record)
        return tuple(cells)

    def _identifier_cells(
        self, name: str, text: str | None, hashed: bytes | None, record: StoredRecord
    ) -> tuple[bytes, bytes]:
        """Hash and sealed cell; the stored hash, and nothing sealed, when it is the same text."""
        if text is None or hashed is None or record.wrapped_key is None:
            return NULL, NULL
        before, key = record.hashes[name], FIELD_OF[name]
        if before is not None and (
            before == hashed or before in self._keys.hashes.candidates(key, text)
        ):
            return bytes_cell(before), NULL
        data_key = patient_key(self._keys, record.patient_id, record.wrapped_key)
        sealed = seal_identifier(data_key, record.patient_id, key, text)
        return bytes_cell(hashed), bytes_cell(sealed)


def _changed_keys(record: StoredRecord, merged: Record, cells: Sequence[bytes]) -> set[str]:
    """The fields that have another value once the row is merged.

    Args:
        cells: as `_cells` makes them: an identifier is sealed there only if it changes.
    """
    before = record.values()
    changed = {key for key in CLINICAL_KEYS if before.get(key) != merged.get(key)}
    for name, sealed in zip(OF_RECORD, cells[_FIRST_SEALED::2], strict=True):
        is_emptied = record.hashes[name] is not None and merged.get(FIELD_OF[name]) is None
        if sealed != NULL or is_emptied:
            changed.add(FIELD_OF[name])
    return changed
