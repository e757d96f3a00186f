"""One rule engine for page, API and file: the same record gets the same findings at each door.

A tenth of 10,000 records in `./flsdb test`, all of them in `./flsdb test --long`. Half are new;
half change a stored record, most of their cells blank, so that what is checked is the merged one.
The file is of the usual kind, which adds and updates: nothing in it says which rows are partial.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from dataset.fields import FIELD_BY_KEY, KEY_FIELDS
from dataset.reading import read_cell
from dataset.wire import wire_from_value
from services.imports.domain.checking import batch_of, check_chunk
from services.imports.domain.plans import Column, Plan
from services.records.actions import entries, recording
from services.records.actions.answering import record_answer
from services.records.domain.authors import Author
from services.records.handlers import ROWS_CHECKED
from services.records.today import today_in_london
from services.shared.db import transaction
from services.shared.errors import InvalidInput
from tests.factories.answers import (
    KEYED,
    TYPED,
    Texts,
    answer,
    is_readable,
    nhs_numbers,
    plausible,
    varied,
)
from tests.factories.records import Imports

RECORDS = 10_000 if os.environ.get("FLSDB_LONG") else 1_000
SEED = 20_240_110
DOORS = ("page", "api", "file")
IN_A_TRANSACTION = 50

Found = list[tuple[str, str, str | None]]
"""Code, level and field of each finding, in order."""


@dataclass
class Doors:
    """The three ways in, at one site. A door has records of its own, named by the number."""

    imports: Imports
    today: date = field(default_factory=today_in_london)
    account_id: UUID = field(default_factory=uuid4)
    ids: dict[str, UUID] = field(default_factory=dict)

    def named(self, texts: Texts, door: str, number: int, nhs_number: str) -> Texts:
        """The record with what names it at this door."""
        named = dict(texts)
        if texts.get("local_id"):
            named["local_id"] = f"{door}-{number}"[:50]
        if texts.get("nhs_number", "").startswith("999") and is_readable(
            "nhs_number", texts["nhs_number"]
        ):
            valid = texts["nhs_number"] != "9990000019"
            named["nhs_number"] = nhs_number if valid else texts["nhs_number"]
        return named

    def typed(self, records: Sequence[tuple[UUID, int, Texts]]) -> list[Found]:
        """The findings of records typed in: new ones at version 0, stored ones at theirs."""
        by = Author(self.account_id, None, "page")
        found = []
        for part in _parts(records):
            with transaction(self.imports.engine, site_id=self.imports.site_id) as session:
                for record_id, version, texts in part:
                    form = entries.Form(record_id, version, texts, self.today)
                    save = entries.save_form if version else entries.start_form
                    save(
                        session,
                        self.imports.keys,
                        site_id=self.imports.site_id,
                        form=form,
                        by=by,
                        today=self.today,
                    )
                    session.flush()
                    found.append(_of_answer(self._answer(session, record_id)))
        return found

    def created(self, records: Iterable[Texts]) -> list[Found]:
        """The findings of records that a program sends."""
        return [
            self._sent(
                lambda session, wire=_wire(texts): recording.create_record(
                    session,
                    self.imports.keys,
                    site_id=self.imports.site_id,
                    wire=wire,
                    tokens=[],
                    opt_out_checked_on=self.today,
                    by=Author(self.account_id, None, "api"),
                    today=self.today,
                )
            )
            for texts in records
        ]

    def changed(self, records: Iterable[tuple[UUID, int, Texts]]) -> list[Found]:
        """The findings of changes that a program sends."""
        found = []
        for record_id, version, texts in records:

            def change(
                session: Any,
                record_id: UUID = record_id,
                version: int = version,
                wire: dict[str, Any] = _wire(texts),
            ) -> UUID:
                recording.change_record(
                    session,
                    self.imports.keys,
                    site_id=self.imports.site_id,
                    record_id=record_id,
                    version=version,
                    wire=wire,
                    tokens=[],
                    by=Author(self.account_id, None, "api"),
                    today=self.today,
                )
                return record_id

            found.append(self._sent(change))
        return found

    def uploaded(self, records: Sequence[Texts]) -> list[Found]:
        """The findings of the rows of a file: those of imports, then those of records' merging.

        What imports found of rows as new records falls where records says that they were merged.
        """
        plan = Plan(
            width=len(TYPED),
            heading_row=1,
            columns=tuple(Column(at, f.key, f.heading) for at, f in enumerate(TYPED)),
            date_orders={f.key: "dmy" for f in TYPED if f.kind == "date"},
        )
        found: dict[int, Found] = {row: [] for row in range(2, len(records) + 2)}
        import_id = uuid4()
        chunk = check_chunk(
            [[texts.get(f.key, "") for f in TYPED] for texts in records],
            first_row=2,
            repeats={"same": [], "differ": []},
            plan=plan,
            mode="add_and_update",
            site_code="ABC",
            today=self.today,
        )
        self.imports.announce(import_id, 1, overwrite_unknown=True)
        packed = batch_of(str(import_id), 0, chunk)
        sealed = self.imports.keys.batches.seal(packed, str(import_id).encode())
        self.imports.hear(ROWS_CHECKED, import_id, sealed)
        (answer,) = [
            event
            for event in self.imports.events("records.rows_staged.v1")
            if event["import_id"] == str(import_id)
        ]
        merged = set(answer["merged"])
        for own in chunk.findings:
            if not (own.if_new and own.row in merged):
                found[own.row].append((own.code, own.level, own.field))
        for told in answer["findings"]:
            found[told["row"]].append((told["code"], told["level"], told["field"]))
        wrong = [
            row for row, each in found.items() if any(level == "error" for _, level, _ in each)
        ]
        assert answer["rejected"] == len(wrong)
        assert answer["staged"] == len(records) - len(wrong)
        return list(found.values())

    def _sent(self, send: Any) -> Found:
        try:
            with transaction(self.imports.engine, site_id=self.imports.site_id) as session:
                record_id = send(session)
                return _of_answer(self._answer(session, record_id))
        except InvalidInput as error:
            return [(f["code"], f["level"], f["field"]) for f in error.extra["findings"]]

    def _answer(self, session: Any, record_id: UUID) -> Mapping[str, Any]:
        return record_answer(
            session,
            self.imports.keys,
            site_id=self.imports.site_id,
            record_id=record_id,
            account_id=self.account_id,
            today=self.today,
        )


def _parts(records: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return [records[at : at + IN_A_TRANSACTION] for at in range(0, len(records), IN_A_TRANSACTION)]


def _of_answer(answer: Mapping[str, Any]) -> Found:
    return [(f["code"], f["level"], f["field"]) for f in answer["findings"]]


def _wire(texts: Texts) -> dict[str, Any]:
    """The texts as a program has them: values where they are some, else what it takes for one."""
    wire: dict[str, Any] = {}
    for key, text in texts.items():
        if is_readable(key, text):
            wire[key] = wire_from_value(read_cell(FIELD_BY_KEY[key], text)[0])
        else:
            wire[key] = text.split(";") if FIELD_BY_KEY[key].kind == "multi" else text
    return wire


@pytest.fixture
def doors(imports: Imports) -> Doors:
    imports.deliveries = 1
    return Doors(imports)


def assert_alike(records: Sequence[Texts], found: Mapping[str, list[Found]]) -> None:
    different = [
        (texts, {door: found[door][place] for door in DOORS})
        for place, texts in enumerate(records)
        if not found["page"][place] == found["api"][place] == found["file"][place]
    ]
    assert not different, (len(different), different[:3])


def test_new_records_get_the_same_findings_at_each_door(doors: Doors) -> None:
    random = Random(SEED)
    numbers = nhs_numbers()
    count = RECORDS // 2
    records = [varied(each, random) for each in plausible(count, seed=1, today=doors.today)]
    named = {
        door: [doors.named(texts, door, n, next(numbers)) for n, texts in enumerate(records)]
        for door in DOORS
    }
    found = {
        "page": doors.typed([(uuid4(), 0, texts) for texts in named["page"]]),
        "api": doors.created(named["api"]),
        "file": doors.uploaded(named["file"]),
    }
    assert_alike(records, found)
    told = {code for each in found["file"] for code, _, _ in each}
    assert {"R01", "T01", "T02", "T03", "T05", "T06", "V01", "V02", "V05", "V12", "V18"} <= told
    assert sum(not each for each in found["file"]) > count / 10


def test_changed_records_get_the_same_findings_at_each_door(doors: Doors) -> None:
    random = Random(SEED)
    numbers = nhs_numbers()
    count = RECORDS // 2
    stored = list(plausible(count, seed=2, today=doors.today))
    ids: dict[str, list[UUID]] = {}
    for door in DOORS:
        named = [doors.named(texts, door, n, next(numbers)) for n, texts in enumerate(stored)]
        doors.imports.store(*map(_wire, named))
        rows = doors.imports.all(
            "SELECT record_id FROM fls_record WHERE version = 1 ORDER BY created_at, record_id"
        )
        ids[door] = [row[0] for row in rows[-count:]]
    changes = [_changes(texts, random) for texts in stored]
    rows_of_file = [
        {key: text or "#CLEAR" for key, text in texts.items()} | {"local_id": f"file-{n}"}
        for n, texts in enumerate(changes)
    ]
    found = {
        "page": doors.typed(_with(ids["page"], changes)),
        "api": doors.changed(_with(ids["api"], changes)),
        "file": doors.uploaded(rows_of_file),
    }
    assert_alike(changes, found)
    assert sum(map(bool, found["file"])) > count / 10


def _with(ids: Sequence[UUID], changes: Sequence[Texts]) -> list[tuple[UUID, int, Texts]]:
    return [(record_id, 1, texts) for record_id, texts in zip(ids, changes, strict=True)]


def _changes(stored: Texts, random: Random) -> Texts:
    """One to five answers, some unreadable, and a weight that is new; keys are not emptied."""
    keys = {each.key for each in KEY_FIELDS}
    changes: Texts = {}
    fields = [each for each in TYPED if each.key not in KEYED]
    for each in random.sample(fields, random.choice((1, 2, 3, 5))):
        text = answer(each, random, readable=random.random() < 0.9)
        if text or each.key not in keys:
            changes[each.key] = text
    weight = "71.5" if stored.get("weight_kg") != "71.5" else "72.5"
    return {**changes, "weight_kg": weight}
