"""Turns a batch of checked rows into staged rows: hashed, sealed, and checked with what is stored.

Rows about something new are taken as imports has checked them. For a row whose record is stored the
dataset's engine runs again on the merged record, because a rule may hold for the row alone and not
for the record that it makes. Nothing of a rejected row is kept.

Pure but for randomness: what is stored comes in as arguments, COPY text goes out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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
from services.records.domain.columns import CLINICAL
from services.records.domain.copying import (
    NULL,
    bytes_cell,
    escaped,
    list_column,
    optional_cell,
    text_column,
)
from services.records.identifiers import (
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

_OF_RECORD = {"birth": "date_of_birth", "postcode": "postcode", "local_id": "local_id"}


@dataclass(frozen=True, slots=True)
class Identity:
    """The identifiers of a batch as columns: clear texts (wire form) and their hashes."""

    nhs: Sequence[str | None]
    birth: Sequence[str | None]
    postcode: Sequence[str | None]
    local_id: Sequence[str | None]
    hashes: Mapping[str, Sequence[bytes | None]]
    """`nhs`, `birth`, `postcode`, `local_id` -> one hash or None for each row."""


@dataclass(slots=True)
class Prepared:
    """What became of a batch.

    Attributes:
        lines: one line of COPY text for each row to stage.
        findings: for the person who uploads: row, field, code, level, message.
        passed_over: rows that the mode leaves out, by code (M01, M02); they are rejected too.
    """

    lines: list[str] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    rejected: int = 0
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
    nhs, birth = batch.column("nhs_number"), batch.column("date_of_birth")
    postcode, local_id = batch.column("postcode"), batch.column("local_id")
    columns = {"nhs": nhs, "birth": birth, "postcode": postcode, "local_id": local_id}
    hash_of = keys.hashes.hash
    return Identity(
        nhs,
        birth,
        postcode,
        local_id,
        {
            name: [
                None
                if text is None or (name == "nhs" and text in REASONS_FOR_NONE)
                else hash_of(_field_of(name), text)
                for text in column
            ]
            for name, column in columns.items()
        },
    )


def _field_of(name: str) -> str:
    return "nhs_number" if name == "nhs" else _OF_RECORD[name]


def row_keys(batch: Batch, identity: Identity) -> RowKeys:
    """The keys by which the rows of a batch are matched."""
    return RowKeys(
        row_numbers=batch.row_numbers,
        nhs_hashes=identity.hashes["nhs"],
        nhs_absents=[text if text in REASONS_FOR_NONE else None for text in identity.nhs],
        local_id_hashes=identity.hashes["local_id"],
        dates=batch.column("date_index_diagnosed"),
        sites=batch.column("site_1"),
    )


class Preparer:
    """Prepares the rows of one batch."""

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
        self._overwrite_unknown = overwrite_unknown
        self._today = today

    def prepare(
        self,
        batch: Batch,
        identity: Identity,
        matches: Mapping[int, Match],
        stored: Mapping[UUID, StoredRecord],
    ) -> Prepared:
        """Decides about each row and writes the lines of those to stage.

        Args:
            matches: by row number; a row that is missing is about something new.
            stored: the records that the matches name.
        """
        done = Prepared()
        cells: list[str | None] = [None] * len(batch.row_numbers)
        known: list[tuple[int, StoredRecord]] = []
        for place, row_number in enumerate(batch.row_numbers):
            match = matches.get(row_number, NOTHING_STORED)
            if match.record_id is not None:
                if self._mode == "add_only":
                    done.pass_over(row_number, "M01")
                else:
                    known.append((place, stored[match.record_id]))
            elif self._wanted(done, batch, place, match):
                cells[place] = self._unmatched(batch, identity, place, match)
        self._prepare_known(done, batch, identity, known, cells)
        done.lines = _lines(batch, cells)
        return done

    def _wanted(self, done: Prepared, batch: Batch, place: int, match: Match) -> bool:
        """Whether a row without a record is staged; rejects and counts it if not."""
        row_number = batch.row_numbers[place]
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
        for key_field in KEY_FIELDS:
            if not batch.column(key_field.key)[place]:
                done.reject(row_number, "R01", key_field.key)
                return False
        return True

    def _unmatched(self, batch: Batch, identity: Identity, place: int, match: Match) -> str:
        """The cells of a row that is new, or held: sealed with its patient's key or a fresh one."""
        if match.patient_id is not None and match.wrapped_key is not None and match.match == "new":
            patient_id, wrapped = match.patient_id, None
            data_key = patient_key(self._keys, patient_id, match.wrapped_key)
        else:
            patient_id = uuid7()
            data_key, wrapped = new_patient_key(self._keys, patient_id)
        nhs = identity.nhs[place]
        absent = nhs if nhs in REASONS_FOR_NONE else None
        hashes = identity.hashes
        identifiers = [bytes_cell(wrapped), bytes_cell(hashes["nhs"][place]), absent or NULL]
        identifiers.append(_sealed(data_key, patient_id, "nhs_number", None if absent else nhs))
        for name, column in (
            ("birth", identity.birth),
            ("postcode", identity.postcode),
            ("local_id", identity.local_id),
        ):
            identifiers.append(bytes_cell(hashes[name][place]))
            identifiers.append(_sealed(data_key, patient_id, _OF_RECORD[name], column[place]))
        head = (NULL, NULL, str(uuid7()), str(patient_id))
        derived = _derived_cells(
            _iso(identity.birth[place]),
            _iso(batch.column("date_index_diagnosed")[place]),
            identity.postcode[place],
        )
        return self._row(batch, place, batch.has_warning[place], (*head, *identifiers, *derived))

    def _row(self, batch: Batch, place: int, warns: bool, cells: Sequence[str]) -> str:
        cleared = batch.cleared[place]
        names = "{" + ",".join(sorted(cleared)) + "}" if cleared else NULL
        row_number = str(batch.row_numbers[place])
        return "\t".join((self._import_id, row_number, "t" if warns else "f", names, *cells))

    # --- rows whose record is stored ----------------------------------------------------------

    def _prepare_known(
        self,
        done: Prepared,
        batch: Batch,
        identity: Identity,
        known: Sequence[tuple[int, StoredRecord]],
        cells: list[str | None],
    ) -> None:
        """Merges, checks and writes the rows whose record is stored."""
        merged = self._merged(batch, known)
        findings: dict[int, list[Finding]] = {}
        names = {key for record in merged for key in record}
        columns = {name: [record.get(name) for record in merged] for name in names}
        for index, finding in check_columns(columns, len(merged), today=self._today):
            findings.setdefault(index, []).append(finding)
        for index, (place, record) in enumerate(known):
            found = findings.get(index, [])
            if done.checked(batch.row_numbers[place], found):
                cells[place] = self._matched(
                    batch, identity, place, record, merged[index], bool(found)
                )

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
            before = {**record.values, **self._opened(record, incoming)}
            merged.append(merge(before, incoming, overwrite_unknown=self._overwrite_unknown))
        return merged

    def _opened(self, record: StoredRecord, incoming: Mapping[str, Value]) -> dict[str, Value]:
        """The stored identifiers that the row leaves as they are; only those are opened."""
        opened: dict[str, Value] = {}
        if record.nhs_absent is not None:
            opened["nhs_number"] = record.nhs_absent
        wanted = {"nhs_number": record.sealed["nhs"]}
        wanted.update({key: record.sealed[name] for name, key in _OF_RECORD.items()})
        data_key: bytes | None = None
        for key, sealed in wanted.items():
            if key in incoming or sealed is None or record.wrapped_key is None:
                continue
            if data_key is None:
                data_key = patient_key(self._keys, record.patient_id, record.wrapped_key)
            text = open_identifier(data_key, record.patient_id, key, sealed)
            opened[key] = date.fromisoformat(text) if key == "date_of_birth" else text
        return opened

    def _matched(
        self,
        batch: Batch,
        identity: Identity,
        place: int,
        record: StoredRecord,
        merged: Mapping[str, Value],
        warns: bool,
    ) -> str:
        """The cells of a row whose record is stored; only identifiers that change are sealed."""
        absent = identity.nhs[place] if identity.nhs[place] in REASONS_FOR_NONE else None
        head = (
            str(record.record_id),
            str(record.version),
            str(record.record_id),
            str(record.patient_id),
        )
        identifiers = [NULL, bytes_cell(identity.hashes["nhs"][place]), absent or NULL, NULL]
        for name, column in (
            ("birth", identity.birth),
            ("postcode", identity.postcode),
            ("local_id", identity.local_id),
        ):
            identifiers += self._changed_identifier(
                name, column[place], identity.hashes[name][place], record
            )
        postcode = merged.get("postcode")
        derived = _derived_cells(
            merged.get("date_of_birth"),
            merged.get("date_index_diagnosed"),
            postcode if isinstance(postcode, str) else None,
        )
        return self._row(batch, place, warns, (*head, *identifiers, *derived))

    def _changed_identifier(
        self, name: str, text: str | None, hashed: bytes | None, record: StoredRecord
    ) -> tuple[str, str]:
        """Hash and sealed cell; the stored hash, and nothing sealed, when it is the same text."""
        if text is None or hashed is None or record.wrapped_key is None:
            return NULL, NULL
        before = record.hashes[name]
        key = _OF_RECORD[name]
        if before is not None and (
            before == hashed or before in self._keys.hashes.candidates(key, text)
        ):
            return bytes_cell(before), NULL
        data_key = patient_key(self._keys, record.patient_id, record.wrapped_key)
        return bytes_cell(hashed), _sealed(data_key, record.patient_id, key, text)


def _sealed(data_key: bytes, patient_id: UUID, key: str, text: str | None) -> str:
    if text is None:
        return NULL
    return bytes_cell(seal_identifier(data_key, patient_id, key, text))


def _derived_cells(born_on: Value, diagnosed_on: Value, postcode: str | None) -> tuple[str, ...]:
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


def _lines(batch: Batch, cells: Sequence[str | None]) -> list[str]:
    """Joins the cells that were made row by row with the clinical ones, made by the column."""
    if not any(cells):
        return []
    columns: list[Sequence[str]] = []
    for column in CLINICAL:
        values = batch.columns.get(column.key)
        if values is None:
            columns.append([NULL] * len(cells))
        elif column.sql_type == "text[]":
            columns.append(list_column(values))
        else:
            columns.append(text_column(values))
    clinical = map("\t".join, zip(*columns, strict=True))
    return [f"{head}\t{rest}\n" for head, rest in zip(cells, clinical, strict=True) if head]
