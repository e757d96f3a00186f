"""Turns a batch of checked rows into staged rows: hashed, sealed, and checked with what is stored.

Rows about something new are taken as imports has checked them. For a row whose record is stored the
dataset's engine runs again on the merged record, because a rule may hold for the row alone and not
for the record that it makes. Nothing of a rejected row is kept.

Pure but for randomness: what is stored comes in as arguments, COPY text goes out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from dataset.derived import age_at, age_band, outward_postcode
from dataset.engine import check_columns
from dataset.fields import KEY_FIELDS
from dataset.findings import CATALOGUE, Finding, is_error
from dataset.merging import merge
from dataset.nhs_number import REASONS_FOR_NONE
from dataset.values import CLEAR, Value
from dataset.versions import version_for
from dataset.wire import column_from_wire
from services.records.domain.batches import Batch
from services.records.domain.columns import CLINICAL, Column
from services.records.domain.copying import (
    NULL,
    bytes_cell,
    escaped,
    list_column,
    optional_cell,
    text_column,
)
from services.records.identifiers import (
    Sealer,
    new_patient_key,
    open_identifier,
    patient_key,
    seal_identifier,
)
from services.records.keys import Keys
from services.records.queries.staging import NOTHING_STORED, Match, RowKeys, StoredRecord

STAGED_COLUMNS: tuple[str, ...] = (
    "import_id",
    "row_number",
    "has_warnings",
    "cleared",
    "checked_record_id",
    "checked_version",
    "record_id",
    "patient_id",
    "wrapped_key",
    "nhs_hash",
    "nhs_absent",
    "nhs_sealed",
    "birth_hash",
    "birth_sealed",
    "postcode_hash",
    "postcode_sealed",
    "local_id_hash",
    "local_id_sealed",
    "dataset_version",
    "age_at_diagnosis",
    "age_band",
    "outward_postcode",
    *(column.key for column in CLINICAL),
)
"""The order of the cells of a prepared line."""

_FIELDS = {
    "nhs": "nhs_number",
    "birth": "date_of_birth",
    "postcode": "postcode",
    "local_id": "local_id",
}
_OF_RECORD = ("birth", "postcode", "local_id")
_DAY = "date_index_diagnosed"


@dataclass(frozen=True, slots=True)
class Identity:
    """The identifiers of a batch as columns of equal length.

    Attributes:
        texts: `nhs`, `birth`, `postcode`, `local_id` -> clear text (wire form) of each row.
        hashes: the same names -> keyed hash of each row; None where there is none.
        absent: why there is no NHS number, of each row; None where there is one, or a blank.
    """

    texts: Mapping[str, Sequence[str | None]]
    hashes: Mapping[str, Sequence[bytes | None]]
    absent: Sequence[str | None]

    def part(self, start: int, stop: int) -> Identity:
        """The rows of these places (from 0, `stop` left out)."""
        return Identity(
            {name: column[start:stop] for name, column in self.texts.items()},
            {name: column[start:stop] for name, column in self.hashes.items()},
            self.absent[start:stop],
        )


@dataclass(slots=True)
class Prepared:
    """What became of rows of a batch.

    Attributes:
        findings: for the person who uploads: row, field, code, level, message.
        passed_over: rows that the mode leaves out, by code (M01, M02); they are rejected too.
    """

    staged: int = 0
    rejected: int = 0
    findings: list[dict[str, Any]] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)

    def reject(self, row_number: int, code: str, field_key: str | None = None) -> None:
        """Counts a row as rejected and says why."""
        entry = CATALOGUE[code]
        self.rejected += 1
        self._find(row_number, Finding(code, "error", field_key, f"{entry.title}. {entry.mend}"))

    def pass_over(self, row_number: int, code: str) -> None:
        """Counts a row that the mode leaves out."""
        self.passed_over[code] += 1
        self.reject(row_number, code)

    def checked(self, row_number: int, findings: Sequence[Finding]) -> bool:
        """Takes the findings of a merged record; False, and counted, when one is an error."""
        for finding in findings:
            self._find(row_number, finding)
        if any(map(is_error, findings)):
            self.rejected += 1
            return False
        return True

    def _find(self, row_number: int, finding: Finding) -> None:
        self.findings.append(
            {
                "row": row_number,
                "field": finding.field,
                "code": finding.code,
                "level": finding.level,
                "message": finding.message,
            }
        )


def identity_of(batch: Batch, keys: Keys) -> Identity:
    """Takes the identifiers out of a batch and hashes them."""
    hash_of = keys.hashes.hash
    texts = {name: batch.column(key) for name, key in _FIELDS.items()}
    absent = [text if text in REASONS_FOR_NONE else None for text in texts["nhs"]]
    hashed = {
        **texts,
        "nhs": [
            text if why is None else None for text, why in zip(texts["nhs"], absent, strict=True)
        ],
    }
    return Identity(
        texts,
        {
            name: [None if text is None else hash_of(_FIELDS[name], text) for text in column]
            for name, column in hashed.items()
        },
        absent,
    )


def row_keys(batch: Batch, identity: Identity) -> RowKeys:
    """The keys by which the rows of a batch are matched."""
    return RowKeys(
        row_numbers=batch.row_numbers,
        nhs_hashes=identity.hashes["nhs"],
        nhs_absents=identity.absent,
        local_id_hashes=identity.hashes["local_id"],
        dates=batch.column("date_index_diagnosed"),
        sites=batch.column("site_1"),
    )


class Preparer:
    """Prepares the rows of one import."""

    def __init__(
        self,
        keys: Keys,
        *,
        import_id: UUID,
        mode: str,
        overwrite_unknown: bool,
        today: date,
    ) -> None:
        self._keys = keys
        self._import_id = str(import_id)
        self._mode = mode
        self._merger = Merger(keys, overwrite_unknown=overwrite_unknown, today=today)

    def prepare(
        self,
        done: Prepared,
        batch: Batch,
        identity: Identity,
        matches: Mapping[int, Match],
        stored: Mapping[UUID, StoredRecord],
    ) -> list[str]:
        """Decides about each row; returns lines of COPY text for those to stage.

        Args:
            done: what became of earlier rows of the batch; these are added to it.
            matches: by row number; a row that is missing is about something new.
            stored: the records that the matches name.
        """
        cells: list[tuple[str, ...] | None] = [None] * len(batch.row_numbers)
        known: list[tuple[int, StoredRecord]] = []
        incomplete = _without_key_field(batch)
        for place, row_number in enumerate(batch.row_numbers):
            match = matches.get(row_number, NOTHING_STORED)
            if match.record_id is not None:
                if self._mode == "add_only":
                    done.pass_over(row_number, "M01")
                else:
                    known.append((place, stored[match.record_id]))
            elif self._wanted(done, row_number, match, incomplete.get(place)):
                cells[place] = self._unmatched(batch, identity, place, match)
        if known:
            for place, of_row in self._merger.prepare(done, batch, identity, known):
                cells[place] = of_row
        lines = self._lines(batch, cells)
        done.staged += len(lines)
        return lines

    def _wanted(self, done: Prepared, row_number: int, match: Match, missing: str | None) -> bool:
        """Whether a row without a record is staged; rejects and counts it if not.

        Args:
            missing: a field without which no record can be.
        """
        outcome, _, reason = match.match.partition(":")
        if outcome == "held":
            return True
        if self._mode == "update_only" and (outcome == "new" or reason == "R01"):
            done.pass_over(row_number, "M02")
            return False
        if outcome == "rejected":
            done.reject(row_number, reason, "nhs_number")
            return False
        # imports has checked this; a record without its keys must never be stored.
        if missing is not None:
            done.reject(row_number, "R01", missing)
            return False
        return True

    def _unmatched(
        self, batch: Batch, identity: Identity, place: int, match: Match
    ) -> tuple[str, ...]:
        """The cells of a row that is new, or held: sealed with its patient's key or a fresh one."""
        if match.patient_id is not None and match.wrapped_key is not None and match.match == "new":
            patient_id, wrapped = match.patient_id, None
            data_key = patient_key(self._keys, patient_id, match.wrapped_key)
        else:
            patient_id = uuid7()
            data_key, wrapped = new_patient_key(self._keys, patient_id)
        seal = Sealer(data_key, patient_id).seal
        absent = identity.absent[place]
        cells = [NULL, NULL, str(uuid7()), str(patient_id), bytes_cell(wrapped)]
        for name, key in _FIELDS.items():
            text = identity.texts[name][place]
            cells.append(bytes_cell(identity.hashes[name][place]))
            if name == "nhs":
                cells.append(absent or NULL)
                text = None if absent else text
            cells.append(NULL if text is None else bytes_cell(seal(key, text)))
        postcode = identity.texts["postcode"][place]
        born_on, diagnosed_on = identity.texts["birth"][place], batch.column(_DAY)[place]
        cells += derived_cells(_iso(born_on), _iso(diagnosed_on), postcode)
        return ("t" if batch.has_warning[place] else "f", *cells)

    def _lines(self, batch: Batch, cells: Sequence[tuple[str, ...] | None]) -> list[str]:
        """Joins the cells made row by row with the clinical ones, made by the column."""
        if not any(cells):
            return []
        columns = [_clinical_cells(batch, column) for column in CLINICAL]
        clinical = map("\t".join, zip(*columns, strict=True))
        lines = []
        for place, (own, rest) in enumerate(zip(cells, clinical, strict=True)):
            if own is None:
                continue
            cleared = batch.cleared[place]
            names = "{" + ",".join(sorted(cleared)) + "}" if cleared else NULL
            row_number = batch.row_numbers[place]
            mine = "\t".join(own[1:])
            lines.append(f"{self._import_id}\t{row_number}\t{own[0]}\t{names}\t{mine}\t{rest}\n")
        return lines


def _clinical_cells(batch: Batch, column: Column) -> Sequence[str]:
    values = batch.columns.get(column.key)
    if values is None:
        return [NULL] * len(batch.row_numbers)
    return list_column(values) if column.sql_type == "text[]" else text_column(values)


def _without_key_field(batch: Batch) -> dict[int, str]:
    """Places of rows that lack what every record needs -> the first such field."""
    missing: dict[int, str] = {}
    for key_field in KEY_FIELDS:
        column = batch.column(key_field.key)
        if None in column:
            for place, value in enumerate(column):
                if value is None:
                    missing.setdefault(place, key_field.key)
    return missing


def derived_cells(born_on: Value, diagnosed_on: Value, postcode: str | None) -> tuple[str, ...]:
    """Dataset version, age, age band and outward postcode, as cells."""
    outward = outward_postcode(postcode)
    outward_cell = NULL if outward is None else escaped(outward)
    if not isinstance(diagnosed_on, date):
        return NULL, NULL, NULL, outward_cell
    version = version_for(diagnosed_on).name
    if not isinstance(born_on, date):
        return version, NULL, NULL, outward_cell
    age = age_at(born_on, diagnosed_on)
    return version, str(age), optional_cell(age_band(age)), outward_cell


def _iso(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


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
    ) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The cells of each row to stage, with its place.

        A row that changes nothing is not merged: what is stored has been checked, and the same
        file once more should cost little.
        """
        moving = self._places_that_change(batch, identity, known)
        changing = []
        for place, record in known:
            if place in moving:
                changing.append((place, record))
            else:
                cells = self._cells(identity, place, record)
                warns = "t" if batch.has_warning[place] else "f"
                yield place, (warns, *cells, NULL, NULL, NULL, NULL)
        if changing:
            yield from self._changing(done, batch, identity, changing)

    def _places_that_change(
        self, batch: Batch, identity: Identity, known: Sequence[tuple[int, StoredRecord]]
    ) -> set[int]:
        """Places of rows that may change their record; a column at a time, which is fast."""
        places = [place for place, _ in known]
        moving = {place for place in places if batch.cleared[place]}
        stored = list(zip(*(record.wire for _, record in known), strict=True))
        for column, before in zip(CLINICAL, stored, strict=True):
            values = batch.columns.get(column.key)
            if values is None:
                continue
            after = [values[place] for place in places]
            if after != list(before):
                moving.update(
                    place
                    for place, new, old in zip(places, after, before, strict=True)
                    if new is not None and new != old and not self._keeps(column, new, old)
                )
        for name in _OF_RECORD:
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
    ) -> Iterator[tuple[int, tuple[str, ...]]]:
        merged = self._merged(batch, known)
        names = {key for record in merged for key in record}
        columns = {name: [record.get(name) for record in merged] for name in names}
        findings: dict[int, list[Finding]] = {}
        for index, finding in check_columns(columns, len(merged), today=self._today):
            findings.setdefault(index, []).append(finding)
        for index, (place, record) in enumerate(known):
            found = findings.get(index, [])
            if done.checked(batch.row_numbers[place], found):
                after = merged[index]
                postcode = after.get("postcode")
                derived = derived_cells(
                    after.get("date_of_birth"),
                    after.get(_DAY),
                    postcode if isinstance(postcode, str) else None,
                )
                cells = self._cells(identity, place, record)
                yield place, ("t" if found else "f", *cells, *derived)

    def _merged(
        self, batch: Batch, known: Sequence[tuple[int, StoredRecord]]
    ) -> list[dict[str, Value]]:
        places = [place for place, _ in known]
        columns = {
            key: column_from_wire(key, [column[place] for place in places])
            for key, column in batch.columns.items()
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
            merged.append(merge(before, incoming, overwrite_unknown=self._overwrite_unknown))
        return merged

    def _opened(self, record: StoredRecord, incoming: Mapping[str, Value]) -> dict[str, Value]:
        """The stored identifiers that the row leaves as they are; only those are opened."""
        opened: dict[str, Value] = {}
        if record.nhs_absent is not None:
            opened["nhs_number"] = record.nhs_absent
        data_key: bytes | None = None
        for name, key in _FIELDS.items():
            sealed = record.sealed[name]
            if key in incoming or sealed is None or record.wrapped_key is None:
                continue
            if data_key is None:
                data_key = patient_key(self._keys, record.patient_id, record.wrapped_key)
            text = open_identifier(data_key, record.patient_id, key, sealed)
            opened[key] = date.fromisoformat(text) if name == "birth" else text
        return opened

    def _cells(self, identity: Identity, place: int, record: StoredRecord) -> tuple[str, ...]:
        """From the checked record to the local id; only identifiers that change are sealed."""
        cells = [
            str(record.record_id),
            str(record.version),
            str(record.record_id),
            str(record.patient_id),
            NULL,
            bytes_cell(identity.hashes["nhs"][place]),
            identity.absent[place] or NULL,
            NULL,
        ]
        for name in _OF_RECORD:
            text, hashed = identity.texts[name][place], identity.hashes[name][place]
            cells += self._identifier_cells(name, text, hashed, record)
        return tuple(cells)

    def _identifier_cells(
        self, name: str, text: str | None, hashed: bytes | None, record: StoredRecord
    ) -> tuple[str, str]:
        """Hash and sealed cell; the stored hash, and nothing sealed, when it is the same text."""
        if text is None or hashed is None or record.wrapped_key is None:
            return NULL, NULL
        before, key = record.hashes[name], _FIELDS[name]
        if before is not None and (
            before == hashed or before in self._keys.hashes.candidates(key, text)
        ):
            return bytes_cell(before), NULL
        data_key = patient_key(self._keys, record.patient_id, record.wrapped_key)
        sealed = seal_identifier(data_key, record.patient_id, key, text)
        return bytes_cell(hashed), bytes_cell(sealed)
