"""Whatever happens to records, in whatever order and by whatever door: their states follow.

Random sequences of typing, sending, importing, acknowledging, deciding, deleting and restoring.
After each step every state is compared with one worked out anew in Python from what is stored: the
values, the acknowledgements and the decisions, but no state and no pair that nobody has decided.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from dataset.engine import check_record
from dataset.findings import is_error
from dataset.states import own_state, token_of, unacknowledged
from dataset.wire import record_from_wire
from services.records.actions.opening import open_stored
from services.records.domain.pairs import kind_of
from services.records.today import today_in_london
from services.shared.db import transaction
from tests.factories.records import NHS_NUMBERS, Imports
from tests.integration.records.conftest import Caller
from tests.integration.records.editing import CHECKED_ON, KEYS, VALUES, Editor
from tests.integration.records.test_withdrawing import LEAD

DAYS = [date(2024, 1, 10), date(2024, 1, 10), date(2024, 1, 14), date(2024, 2, 7), date(2024, 6, 1)]
PATIENTS = NHS_NUMBERS[:2]
STEPS = 30
SEEDS = range(30 if os.environ.get("FLSDB_LONG") else 3)


@dataclass
class Site:
    """Somebody who may do everything at a site, and a file to upload."""

    imports: Imports
    lead: Caller
    dice: random.Random
    done: Counter[str] = field(default_factory=Counter)
    local_ids: int = 0

    # --- what can happen -------------------------------------------------------------------------

    def type_one(self) -> None:
        answer = Editor(self.lead).post(**{**KEYS, **self._texts()})
        self._note("type_one", answer, 201)

    def send_one(self) -> None:
        values = {**VALUES, **self._values(), "smoker": "0"}
        body = {"values": values, "opt_out_checked_on": CHECKED_ON}
        self._note("send_one", self.lead.post("/records", body), 201, 409, 422)

    def save(self) -> None:
        record = self._any("state <> 'deleted'")
        if record is None:
            return
        editor = Editor(self.lead, str(record.record_id))
        editor.open()
        texts = self.dice.choice(
            [
                {"date_index_diagnosed": self._texts()["date_index_diagnosed"]},
                {"height_cm": "tall"},
                {"height_cm": ""},
                {"site_2": record.site_1, "site_3": ""},
                {"site_2": "", "site_3": ""},
                {"smoker": "1"},
                {"nhs_number": self.dice.choice(PATIENTS)},
                {"date_fls_contact": "1/1/2024"},
            ]
        )
        self._note("save", editor.put(texts), 200, 409)

    def acknowledge(self) -> None:
        record = self._any("state = 'to_confirm'")
        if record is None:
            return
        opened = self.lead.get(f"/records/{record.record_id}").json
        tokens = [f["token"] for f in opened["findings"] if f["token"] and not f["acknowledged"]]
        chosen = [token for token in tokens if self.dice.random() < 0.7]
        if chosen:
            body = {"version": opened["version"], "tokens": chosen}
            path = f"/records/{record.record_id}/acknowledgements"
            self._note("acknowledge", self.lead.post(path, body), 200)

    def decide(self) -> None:
        open_pairs = self.lead.get("/duplicates?decided=false").json["items"]
        if open_pairs:
            pair = self.dice.choice(open_pairs)
            decision = self.dice.choice(["kept_first", "kept_second", "both_right", "both_right"])
            path = f"/duplicates/{pair['pair_id']}/decision"
            self._note("decide", self.lead.post(path, {"decision": decision}), 200)

    def delete(self) -> None:
        record = self._any("state <> 'deleted'")
        if record is not None:
            body = {"version": record.version, "reason": "other"}
            path = f"/records/{record.record_id}/deletion"
            self._note("delete", self.lead.post(path, body), 204)

    def restore(self) -> None:
        record = self._any("state = 'deleted'")
        if record is not None:
            path = f"/records/{record.record_id}/restoration"
            self._note("restore", self.lead.post(path, {"version": record.version}), 200, 204, 409)

    def upload(self) -> None:
        rows = [self._row() for _ in range(self.dice.randint(1, 4))]
        import_id = uuid4()
        self.imports.announce(import_id, 1)
        fit = [(row, findings) for row in rows if not any(map(is_error, findings := _found(row)))]
        warned = [
            place
            for place, (row, findings) in enumerate(fit, 2)
            if unacknowledged(findings, row["acknowledged"] or ())
        ]
        sent = [row for row, _ in fit]
        self.imports.send(import_id, 0, sent, first_row=2, warned=warned)
        self.done.update(f"row {name}" for name, n in self.imports.apply(import_id).items() if n)

    # --- dice ------------------------------------------------------------------------------------

    def _texts(self) -> dict[str, str]:
        day = self.dice.choice(DAYS)
        return {
            "nhs_number": self.dice.choice(PATIENTS),
            "date_index_diagnosed": f"{day.day}/{day.month}/{day.year}",
            "site_1": self.dice.choice("13"),
            **({"smoker": "0"} if self.dice.random() < 0.5 else {}),
        }

    def _values(self) -> dict[str, Any]:
        return {
            "nhs_number": self.dice.choice(PATIENTS),
            "date_index_diagnosed": self.dice.choice(DAYS).isoformat(),
            "site_1": self.dice.choice("13"),
        }

    def _row(self) -> dict[str, Any]:
        """A row of a file: about a new record, or one with a local identifier given before."""
        row: dict[str, Any] = {**VALUES, **self._values(), "acknowledged": None}
        if self.local_ids and self.dice.random() < 0.6:
            row["local_id"] = f"L{self.dice.randint(1, self.local_ids)}"
        else:
            self.local_ids += 1
            row["local_id"] = f"L{self.local_ids}"
        if self.dice.random() < 0.4:
            row["site_2"] = row["site_1"]
        if self.dice.random() < 0.5:
            row["acknowledged"] = ["V18:site_2", "V20:near"]
        if self.dice.random() < 0.5:
            row["smoker"] = "1"
        return row

    def _any(self, condition: str) -> Any:
        rows = self.imports.all(
            f"SELECT record_id, version, site_1 FROM fls_record WHERE {condition} ORDER BY 1"
        )
        return self.dice.choice(rows) if rows else None

    def _note(self, what: str, answer: Any, *expected: int) -> None:
        assert answer.status_code in expected, (what, answer.text)
        self.done[f"{what} {answer.status_code}"] += 1

    # --- truth -----------------------------------------------------------------------------------

    def check(self) -> None:
        """Compares what is stored with what follows from it."""
        stored, expected = {}, {}
        records = self._records()
        for record_id, record in records.items():
            stored[record_id] = (record["own_state"], record["state"])
            expected[record_id] = (record["own_truth"], _state(record, records, self._decided()))
        assert stored == expected
        assert self._undecided() == _near_pairs(records) - _settled(records, self._decided())

    def _records(self) -> dict[UUID, dict[str, Any]]:
        today, records = today_in_london(), {}
        with transaction(self.imports.engine, site_id=self.imports.site_id) as session:
            rows = session.execute(
                text(
                    "SELECT record_id, state, own_state, deleted_reason, elsewhere, created_at, "
                    "coalesce(acknowledged, '{}') AS acknowledged, "
                    "coalesce(unreadable, '{}') AS unreadable FROM fls_record"
                )
            ).all()
            for row in rows:
                record = open_stored(session, self.imports.keys, row.record_id)
                assert record is not None
                values = {k: v for k, v in record.values.items() if v is not None}
                found = check_record(values, today=today, unreadable=row.unreadable)
                truth = own_state(
                    values, found, acknowledged=row.acknowledged, unreadable=row.unreadable
                )
                records[row.record_id] = {
                    **row._mapping,
                    "own_truth": truth,
                    "number": values["nhs_number"],
                    "day": values["date_index_diagnosed"],
                    "order": (row.created_at, row.record_id),
                }
        return records

    def _decided(self) -> dict[frozenset[UUID], str]:
        """What a person has said of two records: the two -> for which kind both are right."""
        rows = self.imports.all(
            "SELECT first_record_id, second_record_id, kind FROM duplicate_pair "
            "WHERE decision = 'both_right'"
        )
        return {frozenset(row[:2]): row[2] for row in rows}

    def _undecided(self) -> set[frozenset[UUID]]:
        rows = self.imports.all(
            "SELECT first_record_id, second_record_id FROM duplicate_pair p "
            "JOIN fls_record a ON a.record_id = p.first_record_id AND a.state <> 'deleted' "
            "JOIN fls_record b ON b.record_id = p.second_record_id AND b.state <> 'deleted' "
            "WHERE decision IS NULL"
        )
        return {frozenset(row) for row in rows}


def _found(row: dict[str, Any]) -> list[Any]:
    values = record_from_wire({key: value for key, value in row.items() if key != "acknowledged"})
    return check_record(values, today=today_in_london())


def _near_pairs(records: dict[UUID, dict[str, Any]]) -> set[frozenset[UUID]]:
    """Any two records that stand, of one patient, near each other."""
    standing = [r for r in records.values() if r["deleted_reason"] is None]
    return {
        frozenset((one["record_id"], other["record_id"]))
        for one, other in combinations(standing, 2)
        if one["number"] == other["number"] and kind_of(one["day"], other["day"])
    }


def _settled(
    records: dict[UUID, dict[str, Any]], decided: dict[frozenset[UUID], str]
) -> set[frozenset[UUID]]:
    """Pairs of which it was said that both are right, as they are now."""
    settled = set()
    for pair, kind in decided.items():
        one, other = (records[record_id] for record_id in pair)
        if kind == "same_day" or kind_of(one["day"], other["day"]) == "near":
            settled.add(pair)
    return settled


def _state(
    record: dict[str, Any],
    records: dict[UUID, dict[str, Any]],
    decided: dict[frozenset[UUID], str],
) -> str:
    if record["deleted_reason"] is not None:
        return "deleted"
    asked = _near_pairs(records) - _settled(records, decided)
    others = [
        records[other]
        for pair in asked
        if record["record_id"] in pair
        for other in pair - {record["record_id"]}
    ]
    if any(o["day"] == record["day"] and o["order"] < record["order"] for o in others):
        return "duplicate"
    if record["own_truth"] in ("invalid", "to_confirm"):
        return str(record["own_truth"])
    if any(o["day"] != record["day"] for o in others):
        return "to_confirm"
    if record["elsewhere"] and "V20:elsewhere" not in record["acknowledged"]:
        return "to_confirm"
    return str(record["own_truth"])


@pytest.mark.parametrize("seed", SEEDS)
def test_states_follow_from_what_is_stored(
    app, imports: Imports, other_site: Imports, seed
) -> None:
    dice = random.Random(seed)  # noqa: S311
    site = Site(imports, Caller(app, imports.site_id, LEAD), dice)
    imports.deliveries = other_site.deliveries = 1
    other_site.store({**VALUES, "local_id": "X", "date_index_diagnosed": "2024-06-03"})
    steps = [site.type_one, site.send_one, site.save, site.save, site.acknowledge, site.decide]
    steps += [site.delete, site.restore, site.upload, site.upload]
    for _ in range(STEPS):
        step = dice.choice(steps)
        step()
        try:
            site.check()
        except AssertionError as error:
            raise AssertionError(f"after {step.__name__}, of {dict(site.done)}") from error
    assert other_site.all("SELECT state FROM fls_record") == [("draft",)]
    assert imports.one("SELECT count(*) FROM fls_record") > 3


def test_the_tokens_that_the_dice_throw_are_tokens() -> None:
    found = _found({**VALUES, "site_2": "3", "smoker": "1"})
    assert [token_of(finding) for finding in found] == ["V18:site_2"]
